//! `explain`: the screen, JSON, the moment, the device's row, refusals, stdin.

use std::fs::{self, File};

use serde_json::{Value, json};
use support::{CAPTURED, expected};

use crate::program::{Folder, Run, program, root, run};
use crate::terminal::Terminal;

fn fixture(name: &str) -> String {
    format!("tests/fixtures/allocation/{name}.json")
}

fn explain(name: &str, more: &[&str]) -> Run {
    let mut arguments = vec!["explain"];
    let request = fixture(name);
    arguments.push(&request);
    arguments.extend(more);
    run(&arguments)
}

/// Runs `explain` on a captured request that has been edited.
fn explain_edited(name: &str, more: &[&str], edit: impl FnOnce(&mut Value)) -> Run {
    let text = fs::read(root().join(fixture(name))).unwrap();
    let mut request = serde_json::from_slice(&text).unwrap();
    edit(&mut request);
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(&file, request.to_string()).unwrap();
    let mut arguments = vec!["explain", file.path().to_str().unwrap()];
    arguments.extend(more);
    run(&arguments)
}

#[test]
fn every_captured_request_is_explained() {
    for name in CAPTURED {
        let (document, due) = (explain(name, &["--json"]).json(0), expected(name));
        let host = due.response["iotHubHostName"].as_str().unwrap();
        assert_eq!(document["outcome"], "assigned", "{name}");
        assert_eq!(document["reason"], due.reason, "{name}");
        assert_eq!(document["decidedBy"], due.decided_by, "{name}");
        assert_eq!(document["response"], due.response, "{name}");
        let screen = explain(name, &[]).answer(0);
        let id = document["registrationId"].as_str().unwrap();
        assert!(
            screen.starts_with(&format!("{id}: {host}\nreason ")),
            "{screen}"
        );
        for verdict in document["hubs"].as_array().unwrap() {
            let hub = verdict["hub"]
                .as_str()
                .unwrap()
                .replace(".azure-devices.net", "");
            assert!(screen.contains(&hub), "{hub}: {screen}");
        }
        assert!(
            screen.lines().all(|line| line.chars().count() <= 100),
            "{screen}"
        );
        assert!(!screen.lines().any(|line| line.ends_with(' ')), "{screen}");
        assert!(screen.lines().count() <= 55, "more than a screen: {screen}");
    }
}

#[test]
fn the_screen_shows_the_whole_reasoning() {
    let screen = explain(
        "group-symmetric-key-first",
        &["--at", "2026-12-02T01:00:00+01:00"],
    );
    assert_eq!(screen.answer(0), SCREEN);
}

const SCREEN: &str = r#"breakroom499-contoso-tstrsd-007: custom-allocation-toasters-hub.azure-devices.net
reason  weighted, by rules contoso/100-toasters
tenant  contoso
twin    DPS applies it: the first assignment
policy  71bc68eb7d66 of infra/policy, at 2026-12-02T00:00:00Z

STEP         ASKED                             FOUND                           ROW
enrollment   group                             its row                         enrollments
             contoso-custom-allocated-devices                                  contoso-custom-
                                                                               allocated-devices
tenant       the only tenant of the            contoso                         tenants contoso
             enrollment
rule         also rule 900-quarantine          `has(payload.quarantine) &&
                                               payload.quarantine == true`
                                               counts as false: the request
                                               has no payload
rule         rule 100-toasters                 matches                         rules
                                                                               contoso/100-toasters
constraints  the hubs that may be the answer   custom-allocation-toasters-hub  tenants contoso
stay         whether the device keeps its hub  it has no hub: it is placed     tenants contoso
tier         the hubs of the lowest tier that  custom-allocation-toasters-hub
             accept new devices
weight       the weighted hash of the id over  custom-allocation-toasters-hub
             custom-allocation-toasters-hub=1
twin         the layers of the initial twin    tenant, rule: DPS applies it

VERDICT         BECAUSE                                   HUBS
chosen          the answer                                custom-allocation-toasters-hub
notInRulePools  in none of the pools that the rule names  custom-allocation-heatpumps-hub
notLinked       not in the request's linkedHubs           contoso-eus-1, contoso-heatpumps-hub-1098,
                                                          contoso-sea-1, contoso-toasters-hub-1098,
                                                          contoso-weu-1, iotpnpws-hub-20210726

INITIAL TWIN
{
  "properties": {"desired":{"darknessSetting":"medium","state":"ready"}},
  "tags": {"deviceType":"toaster","tenant":"contoso"}
}
"#;

#[test]
fn many_hubs_do_not_fill_the_screen() {
    let row = |number: usize| format!("hub,spare-{number:02}.azure-devices.net,eastus,US,spare\n");
    let rows: String = (1..=20).map(row).collect();
    let header = "PartitionKey,RowKey,region,geography,pools,weight,tier,state,twin,note\n";
    let folder = Folder::starter().edit("hubs.csv", header, &format!("{header}{rows}"));
    let more = ["--policy", folder.path()];
    let screen = explain("group-x509", &more).answer(0);
    assert!(screen.contains(" spare-01, "), "{screen}");
    assert!(screen.contains(" (see --json)\n"), "{screen}");
    assert!(!screen.contains("spare-20"), "{screen}");
}

#[test]
fn rollouts_are_judged_at_the_moment() {
    // `pump-18` has bucket 4147 of 100,000 in the starter rollout.
    let at = |time: &str| {
        let more = ["--at", time, "--json"];
        let explained = explain_edited("individual-never-reprovision", &more, |request| {
            let eus = "contoso-eus-1.azure-devices.net";
            request["deviceRuntimeContext"]["registrationId"] = json!("pump-18");
            request["individualEnrollment"]["registrationId"] = json!("pump-18");
            request["linkedHubs"]
                .as_array_mut()
                .unwrap()
                .push(json!(eus));
        });
        let document = explained.json(0);
        (document["reason"].clone(), document["rollout"].clone())
    };
    assert_eq!(at("2026-12-01T00:00:00Z"), (json!("stay"), json!(null)));
    assert_eq!(
        at("2026-12-08T00:00:00Z"),
        (json!("rollout"), json!("2026-q4-spread"))
    );
}

#[test]
fn the_rollout_is_on_the_screen() {
    let folder =
        Folder::starter().edit("rollouts.csv", "=1% 2026-12-08=10% 2026-12-15=25%", "=100%");
    let more = ["--policy", folder.path(), "--at", "2026-12-01T00:00:00Z"];
    let explained = explain_edited("individual-never-reprovision", &more, |request| {
        let eus = "contoso-eus-1.azure-devices.net";
        request["linkedHubs"]
            .as_array_mut()
            .unwrap()
            .push(json!(eus));
    });
    let screen = explained.answer(0);
    assert!(
        screen.starts_with("pump-0042: contoso-eus-1.azure-devices.net\n"),
        "{screen}"
    );
    assert!(screen.contains("\nrollout  2026-q4-spread\n"), "{screen}");
    assert!(screen.contains("\ntwin     DPS "), "{screen}");
}

#[test]
fn the_devices_row_counts_where_the_enrollment_asks_for_it() {
    let tenant = |folder: Folder| {
        let more = ["--json", "--policy", folder.path()];
        let document = explain("individual-never-reprovision", &more).json(0);
        let steps = document["steps"].as_array().unwrap().clone();
        let device = steps.into_iter().find(|step| step["step"] == "device");
        device.map(|step| step["found"].clone())
    };
    assert_eq!(tenant(Folder::starter()), Some(json!("its row")));
    let without = Folder::starter().edit("devices.csv", "pump-0042,", "pump-0041,");
    assert_eq!(tenant(without), Some(json!("no row")));
    let off = Folder::starter().edit("enrollments.csv", "tenant-a,,,optional", "tenant-a,,,off");
    assert_eq!(tenant(off), None);
}

#[test]
fn a_refusal_is_explained_and_ends_with_1() {
    let unknown = |request: &mut Value| {
        request["enrollmentGroup"]["enrollmentGroupId"] = json!("nobody");
    };
    let screen = explain_edited("group-x509", &[], unknown).answer(1);
    assert!(
        screen.starts_with("device-01: refused\nreason  unknownEnrollment\n"),
        "{screen}"
    );
    assert!(screen.contains("\nnotReached  "), "{screen}");
    assert!(!screen.contains("INITIAL TWIN"), "{screen}");
    let document = explain_edited("group-x509", &["--json"], unknown).json(1);
    assert_eq!(document["outcome"], "refused");
    assert_eq!(document["reason"], "unknownEnrollment");
}

#[test]
fn tables_with_errors_are_shown_as_check_shows_them() {
    let folder = Folder::starter().edit("hubs.csv", "EU,factory,2", "EU,factory,two");
    let more = ["--policy", folder.path()];
    let shown = explain("group-x509", &more).answer(1);
    assert_eq!(shown, run(&["check", folder.path()]).answer(1));
    let more = ["--policy", folder.path(), "--json"];
    let document = explain("group-x509", &more).json(1);
    assert_eq!(document, run(&["check", "--json", folder.path()]).json(1));
}

#[test]
fn stdin_is_read() {
    let request = File::open(root().join(fixture("group-x509"))).unwrap();
    let mut piped = program(&["explain", "-", "--json"]);
    let run: Run = piped.stdin(request).output().unwrap().into();
    assert_eq!(run.json(0)["registrationId"], "device-01");
    let mut empty = program(&["explain", "-"]);
    let run: Run = empty
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap()
        .into();
    let message = run.message();
    assert!(
        message.starts_with("stdin is not an allocation request: the body is not JSON"),
        "{message}"
    );
}

#[test]
fn what_is_no_request_is_told() {
    let file = |bytes: &[u8]| {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(&file, bytes).unwrap();
        let path = file.path().to_str().unwrap();
        let message = run(&["explain", path]).message();
        message
            .strip_prefix(&format!("`{path}` "))
            .unwrap()
            .to_owned()
    };
    let not_json = file(b"{\n  \"marked");
    assert!(not_json.starts_with("is not an allocation request: the body is not JSON, at line 2"));
    assert!(
        !not_json.contains("marked"),
        "a request's content stays in its file: {not_json}"
    );
    assert!(file(b"{}").contains("`deviceRuntimeContext`"));
    assert!(file(&vec![b' '; 256 * 1024 + 1]).contains("more than 256 KiB"));
    let missing = run(&["explain", "nowhere.json"]).message();
    assert!(
        missing.starts_with("`nowhere.json` cannot be read: No such file"),
        "{missing}"
    );
}

#[test]
fn what_the_device_did_not_send_is_said() {
    let screen = explain("group-x509", &[]).answer(0);
    let words = screen.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        words.contains("counts as false: the request has no payload"),
        "{screen}"
    );
}

/// Stay is the fourth step, a rollout the fifth, and both count devices in the same unit.
#[test]
fn steps_are_in_the_order_of_the_documentation() {
    let more = ["--at", "2026-12-01T00:00:00Z", "--json"];
    let explained = explain_edited("individual-never-reprovision", &more, |request| {
        let eus = "contoso-eus-1.azure-devices.net";
        request["deviceRuntimeContext"]["registrationId"] = json!("pump-18");
        request["individualEnrollment"]["registrationId"] = json!("pump-18");
        let hubs = request["linkedHubs"].as_array_mut().unwrap();
        hubs.push(json!(eus));
    });
    let document = explained.json(0);
    let steps = document["steps"].as_array().unwrap();
    let find = |name: &str| steps.iter().position(|step| step["step"] == name).unwrap();
    assert!(find("stay") < find("rollout"), "{document}");
    let found = &steps[find("rollout")]["found"];
    assert_eq!(found, "no: bucket 4.147% is outside the share of 1%");
}

#[test]
fn the_answer_stays_on_a_low_terminal() {
    let request = "tests/fixtures/allocation/group-x509.json";
    let screen = Terminal::with_80_columns(&program(&["explain", request])).end(0);
    let answer = "device-01: contoso-weu-1.azure-devices.net\n";
    assert!(
        screen.starts_with(answer) && screen.ends_with(answer),
        "{screen}"
    );
    assert!(
        screen.lines().all(|line| line.chars().count() <= 80),
        "{screen}"
    );
}

#[test]
fn a_date_is_a_time() {
    let shown = explain(
        "group-x509",
        &["--policy", "infra/policy", "--at", "2026-12-20"],
    );
    assert!(shown.answer(0).contains("2026-12-20T00:00:00Z"));
}
