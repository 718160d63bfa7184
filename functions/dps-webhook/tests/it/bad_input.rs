//! What nobody should send: a documented answer, and the next request is served.

use serde_json::{Value, json};

use crate::webhook::{Webhook, good_request, request};

/// Sends a body and then a good request.
#[track_caller]
fn check(body: impl Into<Vec<u8>>, status: u16, reason: &str) {
    let body = body.into();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let (answer, next, explained) = runtime.block_on(async {
        let webhook = Webhook::started().await;
        let answer = webhook.post("/api/allocate", body.clone()).await;
        let explained = webhook.post("/api/explain", body).await;
        (answer, webhook.allocate(&good_request()).await, explained)
    });
    if status == 200 {
        assert_eq!(answer.status, 200, "{}", answer.text);
    } else {
        answer.assert_problem(status, reason);
    }
    assert!([200, status].contains(&explained.status), "{explained:?}");
    assert_eq!(next.status, 200, "the next request: {}", next.text);
}

#[track_caller]
fn malformed(body: impl Into<Vec<u8>>) {
    check(body, 400, "malformedRequest");
}

fn with(change: impl FnOnce(&mut Value)) -> String {
    let mut request = good_request();
    change(&mut request);
    request.to_string()
}

#[test]
fn what_is_not_json() {
    malformed("");
    malformed(" ");
    malformed("nonsense");
    malformed("{");
    malformed("{\"linkedHubs\":[}");
    malformed(good_request().to_string() + "x");
    malformed(&good_request().to_string()[..100]);
    malformed(b"\xff\xfe{\0}\0");
    malformed(
        good_request()
            .to_string()
            .replace("Pump-1", "Pump-\u{fffd}")
            .replace('\u{fffd}', "\0"),
    );
    malformed([b"{\"linkedHubs\":[\"", &b"\xff"[..], b"\"]}"].concat());
}

/// PowerShell writes one in front of what it saves.
#[test]
fn a_byte_order_mark_is_no_part_of_the_request() {
    check("\u{feff}".to_owned() + &good_request().to_string(), 200, "");
    malformed("\u{feff}\u{feff}".to_owned() + &good_request().to_string());
}

#[test]
fn what_is_json_of_another_form() {
    for text in ["null", "true", "1", "\"x\"", "[]", "{}"] {
        malformed(text);
    }
    malformed(with(|request| {
        request["linkedHubs"] = json!("weu.azure-devices.net");
    }));
    malformed(with(|request| request["linkedHubs"] = json!([1, 2])));
    malformed(with(|request| request["linkedHubs"] = json!(null)));
    malformed(with(|request| request["enrollmentGroup"] = json!([])));
    malformed(with(|request| {
        request["enrollmentGroup"]["enrollmentGroupId"] = json!(7);
    }));
    malformed(with(|request| {
        request["deviceRuntimeContext"] = json!("Pump-1");
    }));
    malformed(with(|request| {
        request["deviceRuntimeContext"]["registrationId"] = json!({});
    }));
    malformed(with(|request| {
        request["individualEnrollment"] = request["enrollmentGroup"].clone();
    }));
    malformed(
        good_request()
            .to_string()
            .replacen('{', "{\"linkedHubs\":[],", 1),
    );
}

#[test]
fn deep_nesting_does_not_exhaust_the_stack() {
    let deep = |open: &str, close: &str| open.repeat(40_000) + &close.repeat(40_000);
    malformed(deep("[", "]"));
    malformed(deep("{\"a\":", "}"));
    malformed("[".repeat(250_000));
    let payload = format!("\"payload\":{}", deep("[", "]"));
    malformed(
        request("acme", Value::Null)
            .to_string()
            .replace("\"payload\":null", &payload),
    );
}

#[test]
fn hostile_registration_ids() {
    let with_id =
        |id: &str| with(|request| request["deviceRuntimeContext"]["registrationId"] = json!(id));
    for id in [
        "",
        "../../etc/passwd",
        "x' or 1 eq 1",
        "a\nb",
        "\u{202e}",
        "${payload}",
        "pump.",
    ] {
        malformed(with_id(id));
    }
    malformed(with_id(&"x".repeat(129)));
    malformed(with_id(&"x".repeat(200_000)));
    check(with_id(&"x".repeat(128)), 200, "");
}

#[test]
fn linked_hubs_that_lead_nowhere() {
    check(
        with(|request| request["linkedHubs"] = json!([])),
        409,
        "noEligibleHub",
    );
    check(
        with(|request| request["linkedHubs"] = json!(["", "..", "?"])),
        409,
        "noEligibleHub",
    );
    let many: Vec<String> = (0..1000)
        .map(|n| format!("hub-{n}.azure-devices.net"))
        .collect();
    check(
        with(|request| request["linkedHubs"] = json!(many)),
        409,
        "noEligibleHub",
    );
}

#[test]
fn a_rule_that_refuses_by_the_payload_refuses_what_it_cannot_judge() {
    for payload in [json!(null), json!({})] {
        check(request("acme", payload).to_string(), 200, "");
    }
    // It asks for a member, and these have none.
    for payload in [json!("text"), json!(1.5e300), json!([]), json!(true)] {
        check(request("acme", payload).to_string(), 423, "refusedByRule");
    }
    check(
        request("claims", json!("acme")).to_string(),
        422,
        "claimMissing",
    );
    check(
        request("claims", json!({"tenant": []})).to_string(),
        422,
        "claimMissing",
    );
    check(
        request("claims", json!({"tenant": "acme'; --"})).to_string(),
        403,
        "claimRefused",
    );
}

#[test]
fn a_broken_certificate_matters_only_where_it_is_read() {
    let x509 = |certificate: Value| {
        with(|request| {
            let device = request["deviceRuntimeContext"].as_object_mut().unwrap();
            device.remove("symmetricKey");
            device.insert("x509".to_owned(), json!({"clientCertificate": certificate}));
        })
    };
    check(x509(json!("not base64!")), 200, "");
    check(x509(json!("AAAA")), 200, "");
    malformed(x509(json!(17)));
}

#[test]
fn a_body_of_10_mib() {
    check(vec![b' '; 10 * 1024 * 1024], 413, "bodyTooLarge");
}

#[test]
fn no_answer_quotes_the_body() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let marked = [
        "\"marked\"".to_owned(),
        "{\"linkedHubs\":\"marked".to_owned(),
        with(|request| request["linkedHubs"] = json!("marked")),
        with(|request| request["deviceRuntimeContext"]["registrationId"] = json!("/marked/")),
        with(|request| request["linkedHubs"] = json!([{"marked": "marked"}])),
        request("nobody", json!({"secret": "marked"})).to_string(),
    ];
    runtime.block_on(async {
        let webhook = Webhook::started().await;
        for body in marked {
            let answer = webhook.post("/api/allocate?code=marked", body).await;
            assert!(
                answer.status >= 400 && !answer.text.contains("marked"),
                "{answer:?}"
            );
        }
    });
}
