//! The line of each decision: what it says, and what it never holds.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use crate::statuses::refused;
use crate::webhook::{Answer, Webhook, good_request, request};

/// Posts a body; the answer, and the one line that it has made.
async fn logged(webhook: &Webhook, body: impl Into<Body>) -> (Answer, Value) {
    let before = webhook.lines().len();
    let answer = webhook.post("/api/allocate", body).await;
    let lines = webhook.lines();
    assert_eq!(lines.len(), before + 1, "{lines:?}");
    (answer, serde_json::from_str(&lines[before]).unwrap())
}

#[track_caller]
fn assert_members(line: &Value, expected: &Value) {
    for (name, expected) in expected.as_object().unwrap() {
        assert_eq!(line[name], *expected, "{name}: {line}");
    }
}

#[tokio::test]
async fn an_assigned_device_has_its_line() {
    let webhook = Webhook::started().await;
    let mut again = good_request();
    again["deviceRuntimeContext"]["currentIotHubHostName"] = json!("neu.azure-devices.net");
    again["deviceRuntimeContext"]["payload"] = json!({"model": "x"});
    let (answer, line) = logged(&webhook, again.to_string()).await;
    let expected = json!({
        "log": "decision", "status": 200, "outcome": "assigned", "reason": "weighted",
        "registrationId": "pump-1", "attestation": "symmetricKey", "payload": "withheld",
        "enrollment": {"kind": "group", "id": "acme", "iotEdge": false, "resetsData": false},
        "linkedHubs": ["Weu.azure-devices.net", "old.azure-devices.net"],
        "currentHub": "neu.azure-devices.net", "tenant": "acme", "hub": "Weu.azure-devices.net",
        "twinEffect": "ignoredMigrated", "revision": answer.header("dps-policy-revision"),
        "evidence": [{"asked": "rules acme/100-recalled when", "found": {"condition": false}}],
        "device": null, "rollout": null, "detail": null, "invocationId": null,
    });
    assert_members(&line, &expected);
    assert_eq!(line["decisionId"].as_str().unwrap().len(), 16, "{line}");
    let time: Result<jiff::Timestamp, _> = line["time"].as_str().unwrap().parse();
    assert!(time.is_ok(), "{line}");
}

#[tokio::test]
async fn every_refusal_has_its_line() {
    let webhook = Webhook::started().await;
    for (reason, status, body) in refused() {
        let (answer, line) = logged(&webhook, body.to_string()).await;
        let document = answer.json();
        let expected = json!({
            "status": status, "outcome": "refused", "reason": reason.as_str(),
            "decisionId": document["decisionId"], "hub": null,
        });
        assert_members(&line, &expected);
        let detail = match reason.as_str() {
            // It may name members of the payload.
            "twinInvalid" => &Value::Null,
            _ => &document["detail"],
        };
        assert_eq!(line["detail"], *detail, "{line}");
        let has_tenant = [
            "noEligibleHub",
            "tenantSuspended",
            "twinInvalid",
            "refusedByRule",
        ];
        assert_eq!(
            line["tenant"].is_string(),
            has_tenant.contains(&reason.as_str()),
            "{line}"
        );
    }
}

#[tokio::test]
async fn what_is_not_decided_has_its_line() {
    let webhook = Webhook::new();
    // Nothing has been read yet.
    let body = " ".repeat(256 * 1024 + 1);
    let (_, line) = logged(&webhook, body).await;
    assert_members(
        &line,
        &json!({"status": 413, "outcome": "refused", "reason": "bodyTooLarge"}),
    );
    let mut webhook = webhook;
    std::fs::remove_file(webhook.folder.path().join("hubs.csv")).unwrap();
    webhook.refresh.poll().await;
    let (_, line) = logged(&webhook, good_request().to_string()).await;
    assert_members(
        &line,
        &json!({"status": 503, "outcome": "unavailable", "reason": "noPolicy"}),
    );
    assert!(
        line["time"].is_string() && line["registrationId"].is_null(),
        "{line}"
    );
}

#[tokio::test]
async fn only_allocations_have_lines() {
    let webhook = Webhook::started().await;
    webhook
        .post("/api/explain", good_request().to_string())
        .await;
    for path in ["/", "/api/health", "/api/policy", "/api/allocate"] {
        webhook.get(path).await;
    }
    assert_eq!(webhook.lines(), [""; 0]);
}

#[tokio::test]
async fn the_hosts_invocation_is_named() {
    let webhook = Webhook::started().await;
    let id = "4a0c4f3e-8a6e-4d0c-9f44-0d6f3c8f2b11";
    for request in [good_request(), request("nobody", Value::Null)] {
        let request = Request::post("/api/allocate")
            .header("x-azure-functions-invocationid", id)
            .body(Body::from(request.to_string()))
            .unwrap();
        webhook.send(request).await;
    }
    for line in webhook.lines() {
        let line: Value = serde_json::from_str(&line).unwrap();
        assert_members(&line, &json!({"decisionId": id, "invocationId": id}));
    }
}

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// The trace that the line names, where the caller sends this header.
async fn check_trace(traceparent: Option<&str>, expected: Option<&str>) {
    let webhook = Webhook::started().await;
    for body in [good_request(), request("nobody", Value::Null), json!(1)] {
        let mut request = Request::post("/api/allocate");
        if let Some(traceparent) = traceparent {
            request = request.header("traceparent", traceparent);
        }
        webhook
            .send(request.body(Body::from(body.to_string())).unwrap())
            .await;
    }
    for line in webhook.lines() {
        let line: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(
            line["traceId"].as_str(),
            expected,
            "{traceparent:?}: {line}"
        );
    }
}

#[tokio::test]
async fn the_callers_trace_is_named() {
    for flags in ["00", "01"] {
        let header = format!("00-{TRACE}-00f067aa0ba902b7-{flags}");
        check_trace(Some(&header), Some(TRACE)).await;
    }
    for header in [None, Some(""), Some("00-x-y-01"), Some(TRACE)] {
        check_trace(header, None).await;
    }
}

#[tokio::test]
async fn the_row_of_the_device_is_logged() {
    let webhook = Webhook::started().await;
    let (_, line) = logged(&webhook, request("sold", Value::Null).to_string()).await;
    assert_eq!(line["device"], json!({"tenant": "acme"}));
    let mut unsold = request("sold", Value::Null);
    unsold["deviceRuntimeContext"]["registrationId"] = json!("pump-2");
    let (_, line) = logged(&webhook, unsold.to_string()).await;
    assert_eq!(line["device"], "missing");
}

/// Sets every text of the request that no log may hold, in every place where one can be.
fn marked(mut request: Value) -> Value {
    let mark = || json!("canary");
    let device = &mut request["deviceRuntimeContext"];
    for member in ["payload", "tpm", "symmetricKey", "x509"] {
        if !device[member].is_null() || member == "payload" {
            device[member] = json!({
                "canary": "canary", "site": {"canary": ["canary"]}, "location": "canary",
                "region": "canary", "tenant": "canary", "model": "canary",
                "endorsementKey": "canary", "clientCertificate": "canary", "csr": "canary",
            });
        }
    }
    device["currentDeviceId"] = mark();
    device["csr"] = mark();
    for kind in ["enrollmentGroup", "individualEnrollment"] {
        if request[kind].is_object() {
            let enrollment = &mut request[kind];
            enrollment["initialTwin"] = json!({"tags": {"canary": "canary"}});
            enrollment["etag"] = mark();
            enrollment["deviceId"] = mark();
            enrollment["csr"] = mark();
            enrollment["namespaceName"] = json!({"csr": "canary"});
            enrollment["deviceTypeRefs"] = json!([{"csr": "canary"}]);
            enrollment["registrationState"] = json!({"csr": "canary"});
            enrollment["attestation"]["canary"] = mark();
            enrollment["customAllocationDefinition"] = json!({"webhookUrl": "canary"});
        }
    }
    request
}

fn captured() -> Vec<Value> {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/fixtures/allocation"
    );
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let json = files.filter(|path| path.extension().is_some_and(|it| it == "json"));
    json.map(|path| serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
        .collect()
}

#[tokio::test]
async fn no_line_holds_what_no_log_may() {
    let webhook = Webhook::started().await;
    let own = ["acme", "claims", "any", "sold", "twins", "idle", "nobody"];
    let own = own.map(|enrollment| request(enrollment, Value::Null));
    let requests = captured().into_iter().chain(own);
    let mut asked = 0;
    for request in requests {
        for through in [None, Some("twins"), Some("claims"), Some("any")] {
            let mut request = marked(request.clone());
            if let Some(through) = through {
                request["individualEnrollment"] = Value::Null;
                request["enrollmentGroup"]["enrollmentGroupId"] = json!(through);
            }
            logged(&webhook, request.to_string()).await;
            asked += 1;
        }
    }
    let lines = webhook.lines();
    assert_eq!(lines.len(), asked);
    assert!(asked >= 52, "{asked}");
    for line in lines {
        assert!(!line.contains("canary"), "{line}");
    }
}

#[tokio::test]
async fn the_names_of_the_device_registry_are_logged() {
    let webhook = Webhook::started().await;
    let mut request = good_request();
    for (member, value) in [
        ("namespaceName", json!("Contoso")),
        ("certificateAuthorityName", json!("ca")),
        ("certificatePolicyName", json!("policy")),
        ("credentialPolicyName", json!("credentials")),
        ("deviceTypeRefs", json!(["Type-1"])),
    ] {
        request["enrollmentGroup"][member] = value;
    }
    let (_, line) = logged(&webhook, request.to_string()).await;
    assert_members(
        &line["enrollment"],
        &json!({
            "kind": "group", "id": "acme", "namespaceName": "contoso",
            "certificateAuthorityName": "ca", "certificatePolicyName": "policy",
            "credentialPolicyName": "credentials", "deviceTypeRefs": ["Type-1"],
        }),
    );
}

/// What DPS may hand over with a registration from 2025-07-01-preview on.
const CSR: &str = "MIHsMIGTAgEA-planted";

#[tokio::test]
async fn a_csr_is_in_no_line_and_no_answer() {
    let webhook = Webhook::started().await;
    let plant = |mut request: Value, at: &str| {
        let (parent, member) = at.rsplit_once('/').unwrap();
        request.pointer_mut(parent).unwrap()[member] = json!(CSR);
        request
    };
    let places = [
        "/csr",
        "/deviceRuntimeContext/csr",
        "/deviceRuntimeContext/payload",
        "/deviceRuntimeContext/payload/csr",
        "/deviceRuntimeContext/symmetricKey",
        "/deviceRuntimeContext/symmetricKey/csr",
        "/deviceRuntimeContext/x509",
        "/enrollmentGroup/csr",
        "/enrollmentGroup/capabilities",
        "/enrollmentGroup/attestation/csr",
    ];
    for enrollment in ["acme", "claims", "any", "idle", "sold", "twins", "nobody"] {
        for place in places {
            let request = plant(request(enrollment, json!({"model": "recalled"})), place);
            let body = request.to_string();
            for (path, body) in [
                ("/api/allocate", body.clone()),
                ("/api/explain", body.clone()),
                // Cut off, so that it is not JSON.
                ("/api/allocate", body[..body.len() - 9].to_owned()),
                ("/api/explain", body[..body.len() - 9].to_owned()),
            ] {
                let answer = webhook.post(path, body).await;
                assert!(
                    !answer.text.contains(CSR),
                    "{path} {place}: {}",
                    answer.text
                );
            }
        }
    }
    let lines = webhook.lines();
    assert_eq!(lines.len(), 7 * places.len() * 2);
    for line in lines {
        assert!(!line.contains(CSR), "{line}");
    }
}

#[tokio::test]
async fn a_line_stays_one_line() {
    let webhook = Webhook::started().await;
    let nasty = "a\n\r\u{0}\u{1b}[31m\"\\\u{85}\u{2028}ü";
    let mut request = good_request();
    request["linkedHubs"] = json!([nasty, "weu.azure-devices.net"]);
    request["deviceRuntimeContext"]["currentIotHubHostName"] = json!(nasty);
    let (answer, line) = logged(&webhook, request.to_string()).await;
    assert_eq!(answer.status, 200);
    assert_members(
        &line,
        &json!({"currentHub": nasty, "linkedHubs": request["linkedHubs"]}),
    );
    let lines = webhook.lines().concat();
    assert!(
        lines.bytes().all(|byte| (0x20..0x7f).contains(&byte)),
        "{lines:?}"
    );
}
