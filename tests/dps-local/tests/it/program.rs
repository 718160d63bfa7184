//! The program, and the files that it reads.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dps_local::Seed;
use serde_json::{Value, json};

use crate::harness::{GROUP_KEY, OTHER_KEY, Operator, Program, Service, WEST, device, key};

const PROGRAM: &str = env!("CARGO_BIN_EXE_dps-local");

/// Standard output if it succeeds, otherwise standard error.
fn derive_key(group_key: &str) -> Result<String, String> {
    let mut child = Command::new(PROGRAM)
        .args(["derive-key", "breakroom499-contoso-tstrsd-007"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(group_key.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    if output.status.success() {
        Ok(text(output.stdout))
    } else {
        Err(text(output.stderr))
    }
}

#[test]
fn it_derives_keys_from_standard_input() {
    let expected = "JC8F96eayuQwwz+PkE7IzjH2lIAjCUnAa61tDigBnSs=\n";
    assert_eq!(derive_key(&format!("{GROUP_KEY}\n")).unwrap(), expected);
    let error = derive_key("too short").unwrap_err();
    assert!(
        error.contains("standard input has to be the key of an enrollment group"),
        "{error}"
    );
    assert!(!error.contains("too short"), "{error}");
}

fn read(text: &str) -> Result<Seed, String> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    Seed::read(file.path()).map_err(|error| error.to_string())
}

#[tokio::test]
async fn a_seed_is_what_the_cli_prints() {
    let keys = json!({ "primaryKey": GROUP_KEY, "secondaryKey": OTHER_KEY });
    let group = json!({
        "allocationPolicy": "static", "attestation": { "symmetricKey": keys, "tpm": null, "type": "symmetricKey", "x509": null },
        "capabilities": { "iotEdge": false }, "createdDateTimeUtc": "2022-07-05T21:27:16.812323+00:00",
        "customAllocationDefinition": null, "enrollmentGroupId": "group", "etag": "\"13003fea\"", "initialTwin": null,
        "iotHubHostName": null, "iotHubs": [WEST], "lastUpdatedDateTimeUtc": "2022-07-05T21:27:16.812323+00:00",
        "provisioningStatus": "enabled", "reprovisionPolicy": { "migrateDeviceData": true, "updateHubAssignment": true },
    });
    let hubs = [
        json!({ "name": "contoso-sea-1.azure-devices.net", "location": "southeastasia", "allocationWeight": 2 }),
        json!({ "name": "contoso-sea-2.azure-devices.net", "location": null, "allocationWeight": null, "applyAllocationPolicy": null }),
    ];
    let whole = json!({ "linkedHubs": hubs, "enrollmentGroups": [group] });
    for text in [json!([group]).to_string(), whole.to_string()] {
        let service = Service::start().await;
        service.server.seed(read(&text).unwrap()).await.unwrap();
        assert_eq!(
            service.device("dev-1").register().await["registrationState"]["assignedHub"],
            WEST
        );
    }
}

#[tokio::test]
async fn a_broken_seed_names_the_place() {
    let service = Service::start().await;
    for (seed, message) in [
        (
            json!({ "linkedHubs": [{ "name": WEST }, { "name": "x" }] }),
            "linkedHubs[1]: `x` is not the host name of a hub",
        ),
        (
            json!([{ "enrollmentGroupId": "a b", "attestation": { "type": "symmetricKey" } }]),
            "enrollmentGroups[0]: `a b` may have letters",
        ),
        (
            json!([{ "registrationId": "a", "attestation": { "type": "symmetricKey" } }, { "registrationId": "b" }]),
            "enrollments[1]: missing field `attestation`",
        ),
    ] {
        let error = service
            .server
            .seed(read(&seed.to_string()).unwrap())
            .await
            .unwrap_err();
        assert!(error.to_string().starts_with(message), "{error}");
    }
    for text in ["", "{", "1", r#"{"groups": []}"#] {
        let error = read(text).unwrap_err();
        assert!(error.contains("is not a seed"), "{error}");
    }
    assert!(Seed::read(std::path::Path::new("/none")).is_err());
}

/// Registers devices until the program is killed; those that were answered, with their operations.
async fn registered(
    program: Arc<Mutex<Program>>,
    count: Arc<AtomicUsize>,
) -> Vec<(String, String)> {
    let mut answered = Vec::new();
    for number in 0.. {
        let id = format!("dev-{number}");
        let device = {
            let program = program.lock().unwrap();
            device(&*program, &id, &key(GROUP_KEY).derive(&id))
        };
        let Ok(reply) = device.try_register().await else {
            break;
        };
        assert_eq!(reply.status, 202, "{}", reply.body);
        answered.push((id, reply.body["operationId"].as_str().unwrap().to_owned()));
        count.store(answered.len(), Ordering::Relaxed);
    }
    answered
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_survives_kill_9() {
    let folder = tempfile::tempdir().unwrap();
    let (data, seed) = (folder.path().join("data"), folder.path().join("seed.json"));
    let keys = json!({ "primaryKey": GROUP_KEY, "secondaryKey": OTHER_KEY });
    let group = json!({ "enrollmentGroupId": "group", "attestation": { "type": "symmetricKey", "symmetricKey": keys } });
    let seeded = json!({ "linkedHubs": [{ "name": WEST }], "enrollmentGroups": [group] });
    std::fs::write(&seed, seeded.to_string()).unwrap();

    let program = Arc::new(Mutex::new(Program::start(&data, &seed)));
    let count = Arc::new(AtomicUsize::new(0));
    let registering = tokio::spawn(registered(Arc::clone(&program), Arc::clone(&count)));
    while count.load(Ordering::Relaxed) < 20 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    program.lock().unwrap().kill();
    let answered = registering.await.unwrap();

    let program = Program::start(&data, &seed);
    for (id, operation) in &answered {
        let device = device(&program, id, &key(GROUP_KEY).derive(id));
        let ended = device.ended(operation).await;
        assert_eq!(
            ended["registrationState"]["assignedHub"], WEST,
            "{id}: {ended}"
        );
    }
    let operator = Operator::new(
        &program,
        "provisioningserviceowner",
        &key(program.owner_key()),
    );
    let statistics = operator
        .hub(
            WEST,
            reqwest::Method::GET,
            "statistics/devices",
            Value::Null,
        )
        .await;
    let count = statistics.body["totalDeviceCount"].as_u64().unwrap();
    // The last one may have been stored and not answered.
    let expected = u64::try_from(answered.len()).unwrap();
    assert!(
        (expected..=expected + 1).contains(&count),
        "{count} devices, {expected} answered"
    );
}
