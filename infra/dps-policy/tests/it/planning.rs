//! `rollout plan`, `drain`, `rebalance` and `move`: each writes the rows of a plan.

use dps_allocation::tables::TableName;

use crate::cloud::Cloud;
use crate::program::{Folder, run};

/// The folder after a command of 1 December.
#[track_caller]
fn check(words: &[&str], texts: &[&str]) {
    let folder = Folder::starter();
    let target = ["--policy", folder.path(), "--at", "2026-12-01"];
    let shown = run(&[words, &target].concat()).answer(0);
    for expected in texts {
        assert!(shown.contains(expected), "{expected}: {shown}");
    }
    // The tables have no errors afterwards; and the same again is refused.
    run(&["check", folder.path()]).answer(0);
    let again = run(&[words, &target].concat());
    assert_ne!(again.code, Some(0), "{}", again.stdout);
}

#[test]
fn each_command_writes_its_rows() {
    check(
        &[
            "rollout",
            "plan",
            "--from",
            "contoso-sea-1",
            "--to",
            "contoso-eus-1",
        ],
        &[
            "+ */2026-12-01-from-contoso-sea-1",
            "steps: 2026-12-01T00:00:00Z=5% 2026-12-03T00:00:00Z=25% 2026-12-05T00:00:00Z=50% \
             2026-12-07T00:00:00Z=100%",
        ],
    );
    check(
        &[
            "drain",
            "contoso-sea-1",
            "--by",
            "2026-12-24",
            "--to",
            "contoso-eus-1",
        ],
        &[
            "state: open -> draining",
            "+ */2026-12-01-drain-contoso-sea-1",
            "steps: 2026-12-01T00:00:00Z=0% 2026-12-24T00:00:00Z=100%",
            "ramp: linear",
        ],
    );
    let weights = "contoso-weu-1=1,contoso-eus-1=1,contoso-sea-1=2";
    check(
        &[
            "rebalance",
            "--tenant",
            "tenant-a",
            "--weights",
            weights,
            "--over",
            "7d",
        ],
        &[
            "note: tenant tenant-a is placed by latency",
            "weight: 2 -> 1",
            "+ tenant-a/2026-12-01-rebalance-contoso-weu-1-01-contoso-sea-1",
            "steps: 2026-12-01T00:00:00Z=0% 2026-12-08T00:00:00Z=50%",
        ],
    );
    check(
        &[
            "move",
            "Pump-0042",
            "contoso-eus-1",
            "--until",
            "2026-12-24",
        ],
        &[
            "+ */!move-pump-0042\n",
            "when: registrationId == 'pump-0042' && now < timestamp('2026-12-24T00:00:00Z')",
            "+ */!move-pump-0042-back",
            "anew: true",
        ],
    );
}

#[test]
fn what_cannot_be_planned_writes_nothing() {
    let folder = Folder::starter();
    let before = std::fs::read_to_string(format!("{}/rollouts.csv", folder.path())).unwrap();
    for (words, expected) in [
        (
            &["drain", "contoso-weu-9", "--by", "2026-12-24"][..],
            "did you mean `contoso-weu-1`?",
        ),
        (
            &[
                "rebalance",
                "--weights",
                "contoso-weu-1=1,contoso-toasters-hub-1098=1",
            ],
            "may not use",
        ),
        (
            &["move", "pump 1", "contoso-weu-1"],
            "`pump 1` is not a registration id",
        ),
    ] {
        let target = ["--policy", folder.path(), "--at", "2026-12-01"];
        let message = run(&[words, &target].concat()).message();
        assert!(message.contains(expected), "{message}");
    }
    let after = std::fs::read_to_string(format!("{}/rollouts.csv", folder.path())).unwrap();
    assert_eq!(after, before);
}

#[test]
fn a_drain_of_tables_in_azure_is_one_revision() {
    let cloud = Cloud::starter();
    let words = [
        "drain",
        "--yes",
        "contoso-sea-1",
        "--by",
        "2099-12-24",
        "--to",
        "contoso-eus-1",
    ];
    cloud.run(&words).answer(0);
    let hub = "hub/contoso-sea-1.azure-devices.net";
    assert_eq!(cloud.cell(TableName::Hubs, hub, "state"), "draining");
    let history = cloud.run(&["history", "--json"]).json(0).to_string();
    assert!(
        history.contains("drain contoso-sea-1 by 2099-12-24"),
        "{history}"
    );
}

/// Who moves is shown before anything is written, and asked about in the cloud. The rollout of the
/// starter tables moves some of the devices, with the plan and without it.
#[test]
fn a_plan_is_previewed_with_a_fleet() {
    let folder = Folder::starter();
    let weu = "contoso-weu-1.azure-devices.net";
    let rows = (0..20).map(|number| format!("dev-{number},tpm-gw-1,{weu},tpm\n"));
    let head = "registrationId,enrollment,currentHub,attestation\n".to_owned();
    let folder = folder.write("fleet.list", &rows.fold(head, |fleet, row| fleet + &row));
    let fleet = format!("{}/fleet.list", folder.path());
    let preview = [
        "--fleet",
        &fleet,
        "--without",
        "payload",
        "--at",
        "2026-12-01",
    ];
    for (words, first) in [
        (
            &["drain", "contoso-weu-1", "--by", "2099-12-24"][..],
            "moved 16 of 20 (at least 16), ",
        ),
        (
            &[
                "rollout",
                "plan",
                "--from",
                "contoso-weu-1",
                "--to",
                "contoso-eus-1",
            ],
            "moved 20 of 20 (at least 20), ",
        ),
        (
            &["move", "dev-7", "contoso-eus-1"],
            "moved 1 of 20 (at least 1), ",
        ),
    ] {
        let folder = Folder::starter();
        let words = [words, &preview, &["--policy", folder.path()]].concat();
        let shown = run(&words).answer(0);
        assert!(shown.starts_with(first), "{words:?}: {shown}");
        assert!(shown.contains(" with the plan, revision "), "{shown}");
        assert!(shown.contains("\nrollouts\n  + "), "{shown}");
    }
    let cloud = Cloud::starter();
    let words = ["move", "dev-7", "contoso-eus-1", "--policy", "tables"];
    let words = [&words[..], &preview].concat();
    let screen = cloud.terminal(&words).answer("n").end(1);
    assert!(screen.contains("moved 1 of 20"), "{screen}");
    let json = cloud.run(&[&words[..], &["--yes", "--json"]].concat());
    let document = json.json(0);
    assert_eq!(document["preview"]["summary"]["moved"], 1);
    assert_eq!(document["written"], true);
}

/// As a store is that was made before devices had rows.
#[test]
fn tables_without_one_for_devices_have_no_device_rows() {
    let cloud = Cloud::starter();
    cloud.delete_table(TableName::Devices);
    let words = ["move", "dev-7", "contoso-eus-1", "--policy", "tables"];
    let fleet = ["--synthetic", "20", "--yes", "--json"];
    let planned = cloud.run(&[&words[..], &fleet].concat()).json(0);
    assert_eq!(planned["preview"]["summary"]["devices"], 20);
    assert_eq!(planned["written"], true);
    cloud.run(&["check", "tables"]).answer(0);
}

#[test]
fn a_fleet_that_cannot_be_read_writes_nothing() {
    let folder = Folder::starter();
    let before = std::fs::read_to_string(format!("{}/rollouts.csv", folder.path())).unwrap();
    let words = ["move", "dev-7", "contoso-eus-1", "--policy", folder.path()];
    let message = run(&[&words[..], &["--fleet", "no-such-file"]].concat()).message();
    assert!(
        message.contains("`no-such-file` cannot be read"),
        "{message}"
    );
    let after = std::fs::read_to_string(format!("{}/rollouts.csv", folder.path())).unwrap();
    assert_eq!(after, before);
    let shown = run(&words).answer(0);
    assert!(
        shown.starts_with("no fleet was named, so nothing was previewed"),
        "{shown}"
    );
}
