//! What goes wrong around the handler: kills, wrong settings, slow starts, the end.

use std::fmt::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use e2e::{Load, Runtime, ScriptRoot, fixture};
use functions_host::log::Level;
use functions_host::{Auth, State, Stop};
use reqwest::Method;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Far longer than the host needs for three starts.
const PATIENCE: Duration = Duration::from_mins(1);

#[tokio::test]
async fn a_healthy_run_logs_no_error_and_only_the_host_ends_it() {
    let root = ScriptRoot::new();
    let app = Runtime::stand_in(&root, Auth::Off, &[]).await;
    for name in ["group-x509", "group-sparse-2019"] {
        assert_eq!(app.allocate(&fixture(name)).await.status, 200);
    }
    let log = app.host().log().clone();
    let status = app.stop(Stop::Host).await;
    assert_eq!(status.and_then(|status| status.signal()), Some(9));
    for line in log.lines() {
        assert!(
            !matches!(line.level, Level::Error | Level::Warning),
            "{}",
            line.message
        );
    }
}

#[tokio::test]
async fn a_refusal_is_logged_without_what_the_device_sent() {
    let root = ScriptRoot::new();
    let app = Runtime::stand_in(&root, Auth::Off, &[]).await;
    let mut request = fixture("individual-tpm-payload");
    request["deviceRuntimeContext"]["payload"]["quarantine"] = true.into();
    request["deviceRuntimeContext"]["payload"]["secret"] = "top-secret-value".into();
    let answer = app.allocate(&request).await;
    assert_eq!((answer.status, &*answer.reason), (423, "refusedByRule"));
    assert_eq!(answer.content_type, "application/problem+json");
    assert!(answer.body["decisionId"].is_string(), "{answer:?}");

    let log = app.host().log().clone();
    let refused = log.wait_for(|line| line.message.contains("refusedByRule"));
    timeout(PATIENCE, refused)
        .await
        .expect("the refusal is logged");
    assert!(
        log.lines()
            .iter()
            .all(|line| !line.message.contains("top-secret-value"))
    );
}

#[tokio::test]
async fn a_handler_killed_under_load_is_replaced_and_serves_again() {
    let root = ScriptRoot::new();
    let app = Arc::new(Runtime::stand_in(&root, Auth::Off, &[]).await);
    let request = fixture("group-x509");
    assert_eq!(app.allocate(&request).await.status, 200);
    let load = Load::start(&app, &request, 8);
    app.until("a load", || async { load.answered() > 100 })
        .await;
    let first = app.host().handler_pid().expect("a running handler");
    let killed = Command::new("kill")
        .args(["-9", &first.to_string()])
        .status();
    assert!(killed.expect("kill is part of every system").success());
    app.until("a new handler", || async {
        app.host().handler_pid().is_some_and(|pid| pid != first)
    })
    .await;
    let before = load.answered();
    app.until("a load on the new handler", || async {
        load.answered() > before + 100
    })
    .await;
    let tally = load.stop().await;
    // Only what was under way when the handler died may fail, with 500: DPS asks again.
    let failed: usize = tally
        .iter()
        .filter(|((status, _), _)| *status == 500)
        .map(|(_, n)| n)
        .sum();
    let served: usize = tally
        .iter()
        .filter(|((status, _), _)| *status == 200)
        .map(|(_, n)| n)
        .sum();
    assert_eq!(failed + served, tally.values().sum::<usize>(), "{tally:?}");
    assert!(failed <= 8 && served > 100, "{tally:?}");
    assert_eq!(app.host().restarts(), 1);
}

#[tokio::test]
async fn wrong_settings_end_the_handler_with_64_and_the_host_gives_up() {
    let root = ScriptRoot::new();
    let settings = [
        ("ALLOCATE_DEADLINE_MS", "soon"),
        ("POLICY_REFRESH_SECONDS", "0"),
    ];
    let app = Runtime::stand_in(&root, Auth::Off, &settings).await;
    let given_up = app.host().wait_for(State::Stopped);
    timeout(PATIENCE, given_up)
        .await
        .expect("the host gives up after three failed starts");
    let log = app.host().log().lines();
    for wrong in ["ALLOCATE_DEADLINE_MS", "POLICY_REFRESH_SECONDS"] {
        let is_named = log
            .iter()
            .any(|line| line.level == Level::Error && line.message.contains(wrong));
        assert!(is_named, "{wrong} is named in an error line");
    }
    // The real host ends its process, and the platform answers.
    app.until("refused connections", || async {
        let connected = TcpStream::connect(("127.0.0.1", app.host().port())).await;
        connected.is_err()
    })
    .await;
}

#[tokio::test]
async fn a_request_waits_for_a_policy_of_100_000_rows() {
    let root = ScriptRoot::new();
    let mut tenants = root.table("tenants");
    for number in 0..100_000 {
        writeln!(tenants, "tenant,bulk-{number:06},active,,,weighted,,,,,,").expect("a string");
    }
    root.write_table("tenants", &tenants);
    // The unoptimised binary takes its time with so many rows.
    let app = Runtime::stand_in(&root, Auth::Off, &[("ALLOCATE_DEADLINE_MS", "30000")]).await;
    let answer = app.allocate(&fixture("group-x509")).await;
    assert_eq!(
        (answer.status, &*answer.reason),
        (200, "weighted"),
        "{answer:?}"
    );
    assert_eq!(app.get("policy").await.body["tables"]["tenants"], 100_002);
}

#[tokio::test]
async fn without_a_policy_dps_is_told_to_come_again() {
    let root = ScriptRoot::new();
    root.write_table(
        "hubs",
        "PartitionKey,RowKey,colour\nhub,a.example.net,red\n",
    );
    let app = Runtime::stand_in(&root, Auth::Off, &[]).await;
    let answer = app.allocate(&fixture("group-x509")).await;
    assert_eq!((answer.status, &*answer.reason), (503, "noPolicy"));
    assert_eq!(app.get("health").await.status, 503);
}

#[tokio::test]
async fn bad_bodies_get_their_status_through_the_host_and_the_next_request_is_served() {
    let root = ScriptRoot::new();
    let app = Runtime::stand_in(&root, Auth::Off, &[]).await;
    let deep = "[".repeat(100_000);
    let bodies = [
        (String::new(), 400, "malformedRequest"),
        ("{".to_owned(), 400, "malformedRequest"),
        ("[]".to_owned(), 400, "malformedRequest"),
        (deep, 400, "malformedRequest"),
        ("x".repeat(10 * 1024 * 1024), 413, "bodyTooLarge"),
    ];
    for (body, status, reason) in bodies {
        let start: String = body.chars().take(20).collect();
        let answer = app.call(Method::POST, "allocate", body).await;
        assert_eq!(
            (answer.status, &*answer.reason),
            (status, reason),
            "{start}"
        );
        assert_eq!(answer.content_type, "application/problem+json", "{start}");
        assert_eq!(
            app.allocate(&fixture("group-x509")).await.status,
            200,
            "after {start}"
        );
    }
}

/// A host that does not know the flags of host.json, or has none, wraps each call.
#[tokio::test]
async fn a_host_that_sends_envelopes_is_recognised() {
    let root = ScriptRoot::new();
    let settings = [
        (
            "AzureFunctionsJobHost__customHandler__enableProxyingHttpRequest",
            "false",
        ),
        (
            "AzureFunctionsJobHost__customHandler__enableForwardingHttpRequest",
            "false",
        ),
    ];
    let app = Runtime::stand_in(&root, Auth::Off, &settings).await;
    let log = app.host().log().clone();
    let named = log.wait_for(|line| line.message.contains("enableForwardingHttpRequest"));
    // DPS asks again.
    assert_eq!(app.allocate(&fixture("group-x509")).await.status, 500);
    let named = timeout(PATIENCE, named).await;
    assert!(named.is_ok(), "the log names the setting that is missing");
}
