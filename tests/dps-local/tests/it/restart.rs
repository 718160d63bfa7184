//! What survives the end of the process, and what the log says.

use std::io::Write;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::{Arc, Mutex};

use dps_local::{Clock, Log, Options, Server};
use serde_json::{Value, json};

use crate::harness::{EAST, GROUP_KEY, Operator, Service, Tpm, WEST, Webhook, key, options};

#[tokio::test]
async fn enrollments_registrations_devices_and_keys_survive() {
    let folder = tempfile::tempdir().unwrap();
    let kept = || Options {
        folder: Some(folder.path().join("data")),
        ..options()
    };
    let service = Service::start_with(kept()).await;
    service.operator.group_on(WEST).await;
    let before = service.device("dev-1").register().await;
    let (owner, authority) = (
        service.server.owner_key(),
        service.server.authority().to_owned(),
    );
    drop(service);

    let service = start_again(kept()).await;
    assert_eq!(service.server.owner_key(), owner);
    assert_eq!(service.server.authority(), authority);
    assert_eq!(
        service.device("dev-1").lookup().await.body,
        before["registrationState"]
    );
    assert_eq!(service.operator.twin(WEST, "dev-1").await.status, 200);
    for name in ["dps-local.redb", "ca.key"] {
        let mode = folder
            .path()
            .join("data")
            .join(name)
            .metadata()
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o077, 0, "{name} is for its owner only");
    }
}

#[tokio::test]
async fn a_tpm_need_not_be_challenged_again_to_ask() {
    let folder = tempfile::tempdir().unwrap();
    let kept = || Options {
        folder: Some(folder.path().to_owned()),
        // So that the challenge does not run out while the test computes.
        clock: Clock::system(),
        ..options()
    };
    let (service, tpm) = (Service::start_with(kept()).await, Tpm::new(0, 1));
    let attestation = json!({ "type": "tpm", "tpm": tpm.shown() });
    let enrollment = json!({ "registrationId": "dev-1", "attestation": attestation });
    service.operator.put("enrollments/dev-1", enrollment).await;
    let shown = json!({ "tpm": tpm.shown() });
    let device = service.device("dev-1").without_token();
    let challenge = device.register_with(shown.to_string()).await.body;
    let wrapped = challenge["authenticationKey"].as_str().unwrap();
    let key = tpm.activate(wrapped).unwrap();
    let before = service
        .device_with_key("dev-1", &key)
        .provision(shown)
        .await;
    // An open connection would keep the file in use.
    drop((service, device));

    let service = start_again(kept()).await;
    let device = service.device_with_key("dev-1", &key);
    assert_eq!(device.lookup().await.body, before["registrationState"]);
}

/// The file is free once the last task of the service that was dropped has ended.
async fn start_again(options: Options) -> Service {
    loop {
        if let Ok(server) = Server::start(options.clone(), Log::default()).await {
            let owner = server.owner_key().unwrap();
            let operator = Operator::new(&server, "provisioningserviceowner", &owner);
            return Service { server, operator };
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

/// Lines as they are written.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn each_attempt_is_a_line_without_secrets() {
    let lines = Lines::default();
    let service = Service::start_logging(options(), Log::new(lines.clone())).await;
    let webhook = Webhook::start(|number, _| {
        let body = json!({ "iotHubHostName": EAST, "payload": { "a": "secret" } }).to_string();
        Some((if number == 1 { 200 } else { 403 }, body))
    })
    .await;
    service.operator.group(webhook.members()).await;
    let device = service.device("dev-1");
    for _ in 0..2 {
        device
            .provision(json!({ "payload": { "a": "secret" } }))
            .await;
    }
    service
        .device_with_key("dev-1", &key(GROUP_KEY))
        .register()
        .await;
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(!text.contains("secret") && !text.contains("sig="), "{text}");
    let written: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let expected = [
        json!({ "attestationType": "symmetricKey", "enrollment": "group", "outcome": "assigned", "assignedHub": EAST }),
        json!({ "attestationType": "symmetricKey", "enrollment": "group", "outcome": "failed", "errorCode": 400_207,
            "error": "Custom allocation failed with status code: 403" }),
        json!({ "transport": "https", "outcome": "refused", "errorCode": 401_002,
            "error": "the token is not signed with a key of this resource" }),
    ];
    assert_eq!(written.len(), expected.len());
    for (line, expected) in written.iter().zip(&expected) {
        assert_eq!(line["registrationId"], "dev-1");
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(line[name], *value, "{line}");
        }
    }
    let metrics = service.operator.get("metrics").await.body;
    let expected = json!({
        "registrationAttempts": { "assigned": 1, "failed": 1, "refused": 1 },
        "attestationFailures": { "the token is not signed with a key of this resource": 1 },
        "deviceAssignments": { EAST: 1 },
    });
    assert_eq!(metrics, expected);
}
