//! One deadline from the head of a request to its answer, whichever parts are slow.

use std::net::TcpListener;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::Request;
use dps_webhook::{DeviceLookup, Endpoints, Lines, PollsOnDemand};
use http_body_util::channel::Channel;
use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::faults::store_at;
use crate::webhook::{Answer, Webhook, app, request};

const DEADLINE: Duration = Duration::from_secs(2);

/// Timers have whole milliseconds.
const GRAIN: Duration = Duration::from_millis(1);

const NEVER: Duration = Duration::from_mins(1);

const TIMES: [Duration; 5] = [
    Duration::ZERO,
    Duration::from_millis(600),
    Duration::from_millis(1_200),
    Duration::from_millis(1_900),
    NEVER,
];

/// A storage account that takes connections and never answers.
fn silent() -> (TcpListener, dps_policy_store::PolicyStore) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let store = store_at(&listener.local_addr().unwrap().to_string());
    (listener, store)
}

/// Posts a request whose body and first policy take so long, and whose device may have a row in a
/// store that never answers; the answer, and after how long it came.
async fn ask(body: Duration, policy: Duration, enrollment: &str) -> (Answer, Duration) {
    let webhook = Webhook::new();
    let (_listener, silent) = silent();
    let lines = Lines::to(Vec::new());
    let (mut app, mut refresh) = app(&webhook.store(), &lines);
    app.devices = DeviceLookup::new(silent);
    let endpoints = Endpoints::new(app, None);

    let (mut sender, sent) = Channel::<Bytes>::new(1);
    let text = request(enrollment, Value::Null).to_string();
    let sending = async move {
        sleep(body).await;
        // Nobody reads what comes too late.
        let _late = sender.send_data(Bytes::from(text)).await;
    };
    let reading = async {
        sleep(policy).await;
        refresh.poll().await;
    };
    let started = Instant::now();
    let answer = async {
        let request = Request::post("/api/allocate")
            .body(Body::new(sent))
            .unwrap();
        (Answer::of(&endpoints, request).await, started.elapsed())
    };
    let (answered, (), ()) = tokio::join!(answer, sending, reading);
    answered
}

#[tokio::test(start_paused = true)]
async fn the_answer_comes_in_time_whichever_part_is_slow() {
    for body in TIMES {
        for policy in TIMES {
            for (enrollment, looked_up) in [("acme", false), ("sold", true)] {
                let (answer, after) = ask(body, policy, enrollment).await;
                let case = format!("body {body:?}, policy {policy:?}, {enrollment}: {after:?}");
                assert!(after <= DEADLINE + GRAIN, "{case}");
                if body == NEVER {
                    answer.assert_problem(503, "bodyTimeout");
                } else if policy == NEVER {
                    answer.assert_problem(503, "noPolicy");
                } else if looked_up {
                    answer.assert_problem(503, "storeUnavailable");
                } else {
                    assert_eq!(answer.status, 200, "{case}: {}", answer.text);
                    assert!(after <= body.max(policy) + GRAIN, "{case}");
                }
            }
        }
    }
}

/// As on AWS Lambda: the request itself polls the tables.
#[tokio::test(start_paused = true)]
async fn polls_on_demand_are_part_of_it() {
    for body in TIMES {
        let (_listener, store) = silent();
        let lines = Lines::to(Vec::new());
        let (mut app, refresh) = app(&store, &lines);
        app.polls = Some(PollsOnDemand::new(refresh, Duration::ZERO));
        let endpoints = Endpoints::new(app, None);
        let (mut sender, sent) = Channel::<Bytes>::new(1);
        let sending = async move {
            sleep(body).await;
            let text = request("acme", Value::Null).to_string();
            let _late = sender.send_data(Bytes::from(text)).await;
        };
        let started = Instant::now();
        let answer = async {
            let request = Request::post("/api/allocate")
                .body(Body::new(sent))
                .unwrap();
            (Answer::of(&endpoints, request).await, started.elapsed())
        };
        let ((answer, after), ()) = tokio::join!(answer, sending);
        assert!(after <= DEADLINE + GRAIN, "body {body:?}: {after:?}");
        let reason = if body == NEVER {
            "bodyTimeout"
        } else {
            "noPolicy"
        };
        answer.assert_problem(503, reason);

        let started = Instant::now();
        let request = Request::get("/api/policy").body(Body::empty()).unwrap();
        assert_eq!(Answer::of(&endpoints, request).await.status, 200);
        assert!(started.elapsed() <= DEADLINE + GRAIN);
    }
}
