//! What a preview says is what happens: every device is posted before and after the change.
//!
//! `PREDICTED_DEVICES=100000 cargo test -p e2e --test it prediction` takes as many devices.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use e2e::{Runtime, ScriptRoot, dps_policy};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinSet;

/// The shortest interval between two looks at the tables.
const REFRESH: [(&str, &str); 1] = [("POLICY_REFRESH_SECONDS", "1")];

const HUBS: [&str; 5] = [
    "contoso-weu-1.azure-devices.net",
    "contoso-eus-1.azure-devices.net",
    "contoso-sea-1.azure-devices.net",
    "contoso-toasters-hub-1098.azure-devices.net",
    "contoso-heatpumps-hub-1098.azure-devices.net",
];

/// Without the variable.
const FEW: usize = 2000;

/// Callers at a time.
const CALLERS: usize = 16;

/// A device, as a line of a fleet.
fn device(number: usize) -> Value {
    let kinds = [
        ("gw", Value::Null),
        ("a-tstrsd", json!("contoso-custom-allocated-devices")),
        ("a-hpsd", json!("contoso-custom-allocated-devices")),
        ("nobody", json!("no-such-group")),
    ];
    let (name, group) = kinds[number % kinds.len()].clone();
    let id = match group {
        // No part of it is a value that another test of this process hides.
        Value::Null => format!("tpm-gw-of-fleet-{number}"),
        _ => format!("{name}-{number}"),
    };
    // Every third device is new; the others are on some hub, of their pools or not.
    let hub = (!number.is_multiple_of(3)).then(|| HUBS[number / 3 % HUBS.len()]);
    json!({
        "registrationId": id,
        "enrollment": if group.is_null() { json!("") } else { group.clone() },
        "individual": group.is_null(),
        "currentHub": hub,
        "linkedHubs": HUBS,
        "attestation": "tpm",
        "iotEdge": false,
        "payload": if number.is_multiple_of(50) { json!({"quarantine": true}) } else { Value::Null },
    })
}

/// The same device, as DPS posts it.
fn request(device: &Value) -> Value {
    let id = &device["registrationId"];
    let reprovision = json!({"updateHubAssignment": true, "migrateDeviceData": true});
    let record = |name: &str, id: &Value| json!({name: id, "reprovisionPolicy": reprovision});
    let mut context = json!({"registrationId": id, "tpm": {}});
    if let Value::String(hub) = &device["currentHub"] {
        context["currentIotHubHostName"] = hub.as_str().into();
    }
    if !device["payload"].is_null() {
        context["payload"] = device["payload"].clone();
    }
    let mut request = json!({"deviceRuntimeContext": context, "linkedHubs": device["linkedHubs"]});
    if device["individual"] == true {
        request["individualEnrollment"] = record("registrationId", id);
    } else {
        request["enrollmentGroup"] = record("enrollmentGroupId", &device["enrollment"]);
    }
    request
}

/// The hub that each device gets, or the reason why it gets none.
async fn register(app: &Arc<Runtime>, fleet: &Arc<Vec<Value>>) -> BTreeMap<String, String> {
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        let (app, fleet) = (Arc::clone(app), Arc::clone(fleet));
        callers.spawn(async move {
            let mut answers = Vec::new();
            for device in fleet.iter().skip(caller).step_by(CALLERS) {
                let answer = app.allocate(&request(device)).await;
                let hub = answer.body["iotHubHostName"].as_str().map(str::to_owned);
                let id = device["registrationId"].as_str().unwrap().to_owned();
                answers.push((id, hub.unwrap_or(answer.reason)));
            }
            answers
        });
    }
    callers.join_all().await.into_iter().flatten().collect()
}

fn copy(root: &ScriptRoot, folder: &Path) {
    for table in [
        "hubs",
        "enrollments",
        "tenants",
        "rules",
        "rollouts",
        "latency",
        "twins",
        "devices",
    ] {
        fs::write(folder.join(format!("{table}.csv")), root.table(table)).unwrap();
    }
}

#[tokio::test]
async fn a_preview_says_what_happens() {
    let count = std::env::var("PREDICTED_DEVICES").map_or(FEW, |count| count.parse().unwrap());
    let fleet: Arc<Vec<Value>> = Arc::new((0..count).map(device).collect());
    let root = ScriptRoot::new();
    let app = Arc::new(Runtime::alone(&root, &REFRESH).await);
    let before = register(&app, &fleet).await;

    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    for name in ["from", "to"] {
        fs::create_dir(path(name)).unwrap();
        copy(&root, Path::new(&path(name)));
    }
    // A hub is closed, fewer devices match a rule, and another group is the tenant's.
    let edit = |table: &str, from: &str, to: &str| {
        let text = root.table(table);
        assert!(text.contains(from), "{table}: {from}");
        fs::write(path(&format!("to/{table}.csv")), text.replacen(from, to, 1)).unwrap();
    };
    edit(
        "hubs",
        "westeurope,EU,factory,2,,open",
        "westeurope,EU,factory,2,,closed",
    );
    edit(
        "rules",
        "registrationId.contains('-hpsd-')",
        "registrationId.contains('-hpsd-1')",
    );
    edit(
        "enrollments",
        "contoso-custom-allocated-devices,contoso",
        "no-such-group,contoso",
    );

    let lines: Vec<String> = fleet.iter().map(Value::to_string).collect();
    fs::write(path("fleet.jsonl"), lines.join("\n")).unwrap();
    let (from, to, fleet_file, list) =
        (path("from"), path("to"), path("fleet.jsonl"), path("list"));
    let arguments = [
        "preview",
        &from,
        &to,
        "--fleet",
        &fleet_file,
        "--list",
        &list,
        "--json",
    ];
    let found: Value = serde_json::from_str(&dps_policy(&arguments, &[])).unwrap();
    assert_eq!(found["summary"]["devices"], count);
    assert_eq!(found["summary"]["undecidable"], 0);

    let revision = found["to"]["revision"].clone();
    for table in ["hubs", "rules", "enrollments"] {
        root.write_table(
            table,
            &fs::read_to_string(path(&format!("to/{table}.csv"))).unwrap(),
        );
    }
    app.until("the change to be taken", || async {
        app.get("policy").await.body["revision"] == revision
    })
    .await;
    let after = register(&app, &fleet).await;

    let happened = before.iter().filter_map(|(id, from)| {
        let to = &after[id];
        (from != to).then(|| (id.clone(), (from.clone(), to.clone())))
    });
    let happened: BTreeMap<String, (String, String)> = happened.collect();
    let listed = fs::read_to_string(path("list")).unwrap();
    let predicted = listed.lines().skip(1).map(|line| {
        let cells: Vec<&str> = line.split(',').collect();
        (
            cells[0].to_owned(),
            (cells[3].to_owned(), cells[4].to_owned()),
        )
    });
    let mut predicted: BTreeMap<String, (String, String)> = predicted.collect();
    // A preview lists no device that is refused before and after, whatever the reasons.
    let is_hub = |place: &str| place.contains('.');
    let happened: BTreeMap<_, _> = happened
        .into_iter()
        .filter(|(_, (from, to))| is_hub(from) || is_hub(to))
        .collect();
    for (id, change) in &happened {
        assert_eq!(predicted.remove(id).as_ref(), Some(change), "{id}");
    }
    assert_eq!(predicted, BTreeMap::new(), "predicted, and did not happen");
    for kind in ["moved", "refused", "accepted"] {
        assert!(
            found["summary"][kind].as_u64() > Some(0),
            "{kind}: {}",
            found["summary"]
        );
    }
}
