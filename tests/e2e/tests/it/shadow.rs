//! `dps-policy shadow status URL`, at an app that decides a candidate.

use std::fs;

use e2e::{Runtime, ScriptRoot, dps_policy_output, fixture, keys_of};
use functions_host::Auth;
use serde_json::{Value, json};

const ALLOCATE_KEY: &str = "allocate-key-0123456789";
const POLICY_KEY: &str = "policy-key-0123456789";

fn auth() -> Auth {
    keys_of(&[("allocate", ALLOCATE_KEY), ("policy", POLICY_KEY)])
}

/// Exit code, and what is printed.
async fn ask(url: &str, options: &[&str], key: &str) -> (Option<i32>, String) {
    let arguments = [&["shadow", "status", url], options].concat();
    let arguments: Vec<String> = arguments.into_iter().map(str::to_owned).collect();
    let key = key.to_owned();
    let asked = tokio::task::spawn_blocking(move || {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        dps_policy_output(&arguments, &[("OPERATOR_KEY", &key)])
    });
    let output = asked.await.unwrap();
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8(text).unwrap();
    assert!(!text.contains(POLICY_KEY), "{text}");
    (output.status.code(), text)
}

#[tokio::test]
async fn status_tells_what_the_candidate_of_a_running_app_decides() {
    let root = ScriptRoot::new();
    let candidate = root.path().join("candidate");
    fs::create_dir(&candidate).unwrap();
    let settings = [
        ("POLICY_REFRESH_SECONDS", "1"),
        ("POLICY_SHADOW", candidate.to_str().unwrap()),
    ];
    let app = Runtime::stand_in(&root, auth(), &settings).await;
    let url = app.host().url();
    let app = app.with_key(ALLOCATE_KEY);

    let (code, shown) = ask(&url, &[], POLICY_KEY).await;
    assert_eq!(code, Some(1), "{shown}");
    assert!(shown.starts_with("no candidate: "), "{shown}");
    let (code, shown) = ask(&url, &[], "another-key-0123456789").await;
    assert_eq!(code, Some(2), "{shown}");
    assert!(shown.contains("tells operators alone (401)"), "{shown}");

    // The hub that the live policy answers with is closed there.
    for entry in fs::read_dir(root.path().join("infra/policy")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|it| it == "csv") {
            let text = fs::read_to_string(&path).unwrap();
            let text = text.replace("EU,factory,2,,open", "EU,factory,2,,closed");
            fs::write(candidate.join(path.file_name().unwrap()), text).unwrap();
        }
    }
    app.until("the candidate", || async {
        let (_, shown) = ask(&url, &["--json"], POLICY_KEY).await;
        let shown: Value = serde_json::from_str(&shown).unwrap();
        !shown["webhook"]["revision"].is_null()
    })
    .await;
    let (code, shown) = ask(&url, &[], POLICY_KEY).await;
    assert_eq!(code, Some(0), "{shown}");

    let moved = fixture("group-x509");
    for _ in 0..3 {
        let answer = app.allocate(&moved).await;
        assert_eq!(
            answer.body["iotHubHostName"],
            "contoso-weu-1.azure-devices.net"
        );
    }
    let (code, shown) = ask(&url, &[], POLICY_KEY).await;
    assert_eq!(code, Some(1), "{shown}");
    let candidate = candidate.to_str().unwrap();
    assert!(
        shown.contains(&format!("of CSV folder `{candidate}`, since "))
            && shown.ends_with("\n0 of 3 decisions are the same: 3 hub\n"),
        "{shown}"
    );
    let (code, shown) = ask(&url, &["--json"], POLICY_KEY).await;
    assert_eq!(code, Some(1), "{shown}");
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["webhook"]["decisions"], json!({"hub": 3}));
    assert!(
        shown.get("tables").is_none() && shown.get("log").is_none(),
        "{shown}"
    );
}
