//! Lines that a window, `now` or the group of the device decided: the time of the line counts, and
//! no text of a group is needed.

use serde_json::{Value, json};

use super::{LOG_ID_KEY, hashed, line, text};
use crate::program::{Folder, Run, program, run};

/// From 22 to 23 November a row refuses, from 24 to 25 a condition, and from 26 on one for devices
/// with a payload that says so.
const RULES: &str = "\
PartitionKey,RowKey,mode,when,refuse,begins,ends
*,900-quarantine,also,has(payload.quarantine) && payload.quarantine == true,true,,
*,910-window,also,,true,2026-11-22T00:00:00Z,2026-11-23T00:00:00Z
*,920-now,also,now >= timestamp('2026-11-24T00:00:00Z') && now < timestamp('2026-11-25T00:00:00Z'),true,,
*,930-both,also,has(payload.late) && now >= timestamp('2026-11-26T00:00:00Z'),true,,
";

/// The decision again, of this line at this time, where `930-both` found this.
fn again(folder: &Folder, logged: &Value, time: &str, both: bool) -> Run {
    let mut logged = logged.clone();
    logged["time"] = json!(time);
    let found = json!({"asked": "rules */930-both when", "found": {"condition": both}});
    // Evidence is in the order of the questions: that of the rules.
    let evidence = logged["evidence"].as_array_mut().unwrap();
    evidence.insert(1, found);
    let line = text(&logged);
    run(&[
        "explain",
        "--json",
        "--policy",
        folder.path(),
        "--log",
        &line,
    ])
}

fn refused() -> Value {
    let mut refused = line();
    for member in ["hub", "twinEffect"] {
        refused.as_object_mut().unwrap().remove(member);
    }
    refused["status"] = json!(403);
    refused["outcome"] = json!("refused");
    refused["reason"] = json!("refusedByRule");
    refused
}

#[test]
fn the_time_of_the_line_counts() {
    let folder = Folder::starter().write("rules.csv", RULES);
    let check = |time: &str, both: bool, rule: Option<&str>| {
        let same = rule.map_or_else(line, |_| refused());
        let other = rule.map_or_else(refused, |_| line());
        let document = again(&folder, &same, time, both).json(0);
        assert_eq!(document["log"], json!({"same": true}), "{time}: {document}");
        let by = rule.map_or(Value::Null, |rule| json!(rule));
        if !by.is_null() {
            assert_eq!(document["decidedBy"]["rowKey"], by, "{time}: {document}");
        }
        let document = again(&folder, &other, time, both).json(1);
        assert_eq!(document["log"]["same"], json!(false), "{time}: {document}");
    };
    let (window, now, both) = (Some("910-window"), Some("920-now"), Some("930-both"));
    check("2026-11-21T23:59:59.999999999Z", false, None);
    check("2026-11-22T00:00:00Z", false, window);
    check("2026-11-22T23:59:59.999999999Z", false, window);
    check("2026-11-23T00:00:00Z", false, None);
    check("2026-11-23T23:59:59.999999999Z", false, None);
    check("2026-11-24T00:00:00Z", false, now);
    check("2026-11-24T23:59:59.999999999Z", false, now);
    check("2026-11-25T00:00:00Z", false, None);
    // The line holds what the payload said, and the result of the expression about the time.
    check("2026-11-25T00:00:00Z", true, both);
    check("2026-11-26T00:00:00Z", false, None);
}

/// The tables of a tenant whose devices belong to buildings, and the line of one of them as a
/// webhook with `LOG_ID_KEY` writes it.
fn grouped() -> (Folder, Value) {
    let folder = Folder::starter()
        .edit("tenants.csv", "onReprovision,twin", "groupFrom,twin")
        .edit("tenants.csv", "US,weighted,,,stay,", "US,weighted,,,,")
        .edit(
            "tenants.csv",
            "15,weighted,stay,",
            "15,weighted,payload.building,",
        );
    let mut line = hashed();
    // The HMAC of `building-7`, which a replay does not need.
    line["group"] = json!("b5a201f2b259d77b2a4e51ebcf91e06a1bb27ec4f11b57476a0b2926830e939a");
    let kept = |asked: &str, found: Value| json!({"asked": asked, "found": found});
    let evidence = line["evidence"].as_array_mut().unwrap();
    let group = kept("tenants tenant/tenant-a groupFrom", json!({"group": true}));
    evidence.insert(1, group);
    let drawn = json!({"drawn": "contoso-weu-1.azure-devices.net"});
    evidence.push(kept("the weighted hash of the group", drawn));
    (folder, line)
}

fn reveal(folder: &Folder, line: &Value, more: &[&str]) -> Run {
    let line = text(line);
    let arguments = ["explain", "--policy", folder.path(), "--log", &line];
    let mut program = program(&[&arguments, more].concat());
    program
        .env("LOG_ID_KEY", LOG_ID_KEY)
        .output()
        .unwrap()
        .into()
}

#[test]
fn a_line_of_a_group_with_hashed_ids_is_decided_again() {
    let (folder, mut line) = grouped();
    let id = ["--id", "tpm-gw-17"];
    let document = reveal(&folder, &line, &["--id", "tpm-gw-17", "--json"]).json(0);
    assert_eq!(document["log"], json!({"same": true}), "{document}");
    assert_eq!(document["registrationId"], "tpm-gw-17");
    let screen = reveal(&folder, &line, &id).answer(0);
    assert!(screen.contains("the same decision"), "{screen}");
    assert!(
        screen.contains("a group, which only the request"),
        "{screen}"
    );
    // The id alone gives no hub: it is not what was hashed.
    let evidence = line["evidence"].as_array_mut().unwrap();
    evidence.pop();
    let message = reveal(&folder, &line, &id).message();
    assert!(
        message.contains("no answer to `the weighted hash of the group`"),
        "{message}"
    );
    let evidence = line["evidence"].as_array_mut().unwrap();
    evidence.remove(1);
    let message = reveal(&folder, &line, &id).message();
    assert!(
        message.contains("no answer to `tenants tenant/tenant-a groupFrom`"),
        "{message}"
    );
}

/// A device that moves with its building: the bucket was that of the group.
#[test]
fn the_share_of_a_rollout_was_that_of_the_group() {
    let (folder, mut line) = grouped();
    let from = "contoso-weu-1.azure-devices.net";
    let to = "contoso-eus-1.azure-devices.net";
    line["time"] = json!("2026-12-20T00:00:00Z");
    line["currentHub"] = json!(from);
    let before = line["evidence"].as_array().unwrap().clone();
    let logged = |line: &mut Value, is_in: bool| {
        let asked = "rollouts tenant-a/2026-q4-spread share";
        let share = json!({"asked": asked, "found": {"inShare": is_in}});
        let drawn = json!({"asked": "the weighted hash of the group", "found": {"drawn": to}});
        // The quarantine and the group. Nobody asks where a device is that stays.
        let mut evidence = before[..2].to_vec();
        evidence.push(share);
        if is_in {
            evidence.extend_from_slice(&before[2..before.len() - 1]);
            evidence.push(drawn);
        }
        line["evidence"] = evidence.into();
    };
    let more = ["--id", "tpm-gw-17", "--json"];
    logged(&mut line, false);
    (line["hub"], line["reason"]) = (json!(from), json!("stay"));
    line["twinEffect"] = json!("ignoredSameHub");
    let document = reveal(&folder, &line, &more).json(0);
    assert_eq!(document["log"], json!({"same": true}), "{document}");
    logged(&mut line, true);
    (line["hub"], line["reason"]) = (json!(to), json!("rollout"));
    line["rollout"] = json!("2026-q4-spread");
    line["twinEffect"] = json!("ignoredMigrated");
    let document = reveal(&folder, &line, &more).json(0);
    assert_eq!(document["log"], json!({"same": true}), "{document}");
}
