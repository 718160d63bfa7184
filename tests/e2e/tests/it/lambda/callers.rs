//! No Functions host asks for a key here; the function does.

use e2e::{Call, Front, Lambda, Reply, ScriptRoot, fixture};
use serde_json::Value;

use super::{ALLOCATE_KEY, KEYS, OPERATOR_KEY, SECOND_KEY, function};

/// One more than a body may have.
const TOO_LARGE: usize = 256 * 1024 + 1;

fn post(function: &str) -> Call {
    Call::post(function, fixture("group-x509").to_string())
}

#[tokio::test]
async fn each_route_has_its_keys_and_health_needs_none() {
    let root = ScriptRoot::new();
    let second = [("ALLOCATE_KEY_2", SECOND_KEY)];
    let settings = [&KEYS[..], &second].concat();
    let lambda = Lambda::start(&root, &settings).await;
    let with = |call: Call, code: &str| call.code(code);
    let escaped = ALLOCATE_KEY.replacen('a', "%61", 1);
    let cases = [
        (with(post("allocate"), ALLOCATE_KEY), 200),
        (with(post("allocate"), SECOND_KEY), 200),
        (with(post("allocate"), &escaped), 200),
        (
            post("allocate").header("x-functions-key", ALLOCATE_KEY),
            200,
        ),
        (post("allocate").header("X-Functions-Key", SECOND_KEY), 200),
        (with(post("explain"), OPERATOR_KEY), 200),
        (with(Call::get("policy"), OPERATOR_KEY), 200),
        (Call::get("health"), 200),
        (post("allocate"), 401),
        (with(post("allocate"), ""), 401),
        (with(post("allocate"), "wrong"), 401),
        (with(post("allocate"), &ALLOCATE_KEY[1..]), 401),
        (with(post("allocate"), &format!("{ALLOCATE_KEY}0")), 401),
        (with(post("allocate"), &ALLOCATE_KEY.to_uppercase()), 401),
        (with(post("allocate"), OPERATOR_KEY), 401),
        (with(post("explain"), ALLOCATE_KEY), 401),
        (with(Call::get("policy"), ALLOCATE_KEY), 401),
        (Call::get("policy"), 401),
        (post("explain").header("x-functions-key", ALLOCATE_KEY), 401),
        (post("allocate").header("authorization", ALLOCATE_KEY), 401),
    ];
    for front in Front::ALL {
        for (call, status) in &cases {
            let reply = lambda.reply(front, call).await;
            assert_eq!(reply.status, *status, "{front:?}: {call:?}: {reply:?}");
            if reply.status == 401 {
                check_says_nothing(&reply);
            }
        }
    }
    for key in [ALLOCATE_KEY, SECOND_KEY, OPERATOR_KEY] {
        assert!(!lambda.log().contains(key), "a key is in the log");
    }
}

/// A problem document of the caller's mistake, and nothing of the policy.
#[track_caller]
fn check_says_nothing(reply: &Reply) {
    assert_eq!(reply.header("content-type"), "application/problem+json");
    assert_eq!(reply.header("dps-policy-revision"), "", "{reply:?}");
    let body: Value = serde_json::from_slice(&reply.body).unwrap();
    let members: Vec<&String> = body.as_object().unwrap().keys().collect();
    let known = ["decisionId", "detail", "reason", "status", "title", "type"];
    assert!(
        members.iter().all(|it| known.contains(&it.as_str())),
        "{body}"
    );
    assert_eq!(body["reason"], "unauthorized");
    let text = body.to_string();
    for secret in ["azure-devices", "contoso", "tenant", "twin", ALLOCATE_KEY] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[tokio::test]
async fn a_body_is_read_of_who_has_a_key() {
    let root = ScriptRoot::new();
    let lambda = function(&root).await;
    let large = || Call::post("allocate", vec![b' '; TOO_LARGE]);
    let binary = || Call::post("allocate", vec![0, 159, 146, 150]);
    for front in Front::ALL {
        check(
            &lambda,
            front,
            large().code(ALLOCATE_KEY),
            413,
            "bodyTooLarge",
        )
        .await;
        check(&lambda, front, large(), 401, "unauthorized").await;
        check(
            &lambda,
            front,
            binary().code(ALLOCATE_KEY),
            400,
            "malformedRequest",
        )
        .await;
        check(
            &lambda,
            front,
            binary().code(OPERATOR_KEY),
            401,
            "unauthorized",
        )
        .await;
        let good = post("allocate").code(ALLOCATE_KEY);
        assert_eq!(lambda.reply(front, &good).await.status, 200, "{front:?}");
    }
}

async fn check(lambda: &Lambda, front: Front, call: Call, status: u16, reason: &str) {
    let reply = lambda.reply(front, &call).await;
    let body: Value = serde_json::from_slice(&reply.body).unwrap();
    let got = (reply.status, body["reason"].as_str());
    assert_eq!(got, (status, Some(reason)), "{front:?}");
}
