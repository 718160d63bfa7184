//! The fleet that was previewed, given again: which devices did as predicted.

use std::fs;

use super::{EUS, Planned, SEA, WEU};
use crate::cloud::Cloud;
use crate::program::{Folder, Run, program, run};

/// The fleet again names who went, who did not, and who is to go.
#[test]
fn a_fleet_that_is_given_again_names_its_devices() {
    let cloud = Cloud::starter();
    let planned = Planned::by(|words| cloud.run(words), "tables");
    planned.push(&cloud, &[]).answer(0);
    let mut lines: Vec<String> = planned
        .hubs()
        .iter()
        .take(6)
        .map(|(id, to)| planned.line(id, WEU, to))
        .collect();
    let toasters = "contoso-toasters-hub-1098.azure-devices.net";
    // As many as predicted went there, but one of them is another device.
    lines[0] = lines[0].replace("dev-0", "stranger");
    lines.push(planned.line("dev-7", WEU, toasters));
    let log = planned.log("webhook.log", &lines);
    let list = format!("{}/devices.list", planned.draft.path());
    let arguments = ["history", "--log", &log, "--fleet", &planned.fleet];
    let shown = cloud.run(&[&arguments[..], &["--list", &list]].concat());
    let shown = shown.answer(1);
    assert!(
        shown.starts_with("moved as predicted 6 of 10, otherwise 1; "),
        "{shown}"
    );
    assert!(!shown.contains("Counts cannot tell"), "{shown}");
    for row in [
        "went or were refused as predicted   5        dev-1, dev-2, dev-3",
        "got something else                  1        dev-7",
        "are to go, and have not registered  4        dev-0, dev-6, dev-8",
        "registered, and not of the fleet    1",
    ] {
        assert!(shown.contains(row), "{row}: {shown}");
    }
    let listed = fs::read_to_string(&list).unwrap();
    let rows: Vec<&str> = listed.lines().collect();
    assert_eq!(rows[0], "registrationId,outcome,tenant,from,predicted,seen");
    assert_eq!(rows.len(), 11, "{listed}");
    assert!(
        rows[1].starts_with(&format!("dev-0,notRegistered,tenant-a,{WEU},")),
        "{listed}"
    );
    assert!(
        rows[8].starts_with("dev-7,otherwise,") && rows[8].ends_with(toasters),
        "{listed}"
    );

    let json = cloud.run(&[&arguments[..], &["--json"]].concat()).json(1);
    assert_eq!(json["named"]["gone"]["devices"], 5);
    assert_eq!(json["named"]["others"], 1);
    // Another fleet is named too, with a warning.
    let text = fs::read_to_string(&planned.fleet).unwrap();
    fs::write(&planned.fleet, text.replace("dev-9", "dev-10")).unwrap();
    let note = cloud.run(&arguments).refusal(1);
    assert!(
        note.contains("the fleet is not the one that was previewed"),
        "{note}"
    );
}

#[test]
fn devices_of_a_plan_that_nobody_pushed_are_named_by_its_folders() {
    let planned = Planned::by(run, "infra/policy");
    let (id, to) = planned.hubs().remove(3);
    let log = planned.log("webhook.log", &[planned.line(&id, WEU, &to)]);
    let (plan, fleet) = (planned.plan.clone(), planned.fleet.clone());
    let arguments = ["history", "--plan", &plan, "--log", &log, "--fleet", &fleet];
    let list = run(&[&arguments[..], &["--list", "-"]].concat()).answer(0);
    let row = format!("\n{id},asPredicted,tenant-a,{WEU},{to},{to}\n");
    assert!(list.contains(&row), "{list}");
    assert_eq!(list.lines().count(), 11, "{list}");
    let other = run(&["history", "--fleet", &fleet]);
    assert!(other.stderr.contains("--log <FILE>"), "{}", other.stderr);
    let _edited = planned
        .draft
        .edit("hubs.csv", ",factory,2,,closed,", ",factory,3,,closed,");
    let message = run(&arguments).message();
    assert!(message.contains("and the plan was made of"), "{message}");
}

/// A row of the folder leads a device elsewhere, and counts only if a push includes it.
#[test]
fn a_fleet_is_decided_again_with_the_device_rows_of_the_preview() {
    let cloud = Cloud::starter();
    let predicted = |options: &[&str]| {
        let pump = "pump-0043,device,tenant-a,sg,,,plant 9";
        let row = format!("{pump}\ndev-3,device,,,{EUS},,");
        let tables = Folder::starter().edit("devices.csv", pump, &row);
        let planned = Planned::of(
            tables,
            |words| cloud.run(&[words, options].concat()),
            "tables",
        );
        let log = planned.log("webhook.log", &[planned.line("dev-3", WEU, EUS)]);
        let arguments = ["history", "--plan", &planned.plan, "--log", &log];
        let again = ["--fleet", &planned.fleet, "--list", "-"];
        let list = cloud.run(&[&arguments[..], &again].concat()).stdout;
        let row = list.lines().find(|row| row.starts_with("dev-3,")).unwrap();
        row.to_owned()
    };
    let row = format!("dev-3,asPredicted,tenant-a,{WEU},{EUS},{EUS}");
    assert_eq!(predicted(&["--devices"]), row);
    let row = format!("dev-3,otherwise,tenant-a,{WEU},{SEA},{EUS}");
    assert_eq!(predicted(&[]), row);
}

/// Where the webhook hides ids, its key finds them.
#[test]
fn devices_in_a_log_with_hashes_are_found_by_the_key() {
    let planned = Planned::by(run, "infra/policy");
    let key = "a key of the webhook, at least 32 characters";
    let hide = |id: &str| dps_allocation::IdKey::parse(key).unwrap().hide(id);
    let lines: Vec<String> = planned
        .hubs()
        .iter()
        .map(|(id, to)| planned.line(&hide(id), WEU, to))
        .map(|line| line.replace("\"version\":2,", "\"version\":2,\"idsHashed\":true,"))
        .collect();
    let log = planned.log("webhook.log", &lines);
    let arguments = ["history", "--plan", &planned.plan, "--log", &log];
    let shown = run(&arguments).answer(0);
    assert!(
        shown.starts_with("moved as predicted 10 of 10, "),
        "{shown}"
    );
    let named = [&arguments[..], &["--fleet", &planned.fleet]].concat();
    let message = run(&named).message();
    assert!(message.contains("set LOG_ID_KEY to the key"), "{message}");
    let mut program = program(&named);
    let shown: Run = program.env("LOG_ID_KEY", key).output().unwrap().into();
    let shown = shown.answer(0);
    assert!(
        shown.contains("went or were refused as predicted  10 "),
        "{shown}"
    );
}
