//! Events that are not requests are answered with an error, and the function lives on.

use e2e::{Lambda, ScriptRoot, lambda_event};

use super::{allocate, function};

#[tokio::test]
async fn what_is_no_request_is_an_error_and_the_next_request_is_answered() {
    let root = ScriptRoot::new();
    let lambda = function(&root).await;
    let sqs = lambda_event("unserved-sqs").to_string();
    let schedule = lambda_event("unserved-schedule").to_string();
    let events = [
        "{", "", "null", "7", "\"text\"", "[]", "{}", &sqs, &schedule,
    ];
    for event in events {
        check_refused(&lambda, event).await;
        let reply = allocate(&lambda).await;
        assert_eq!(reply.status, 200, "after {event}: {reply:?}");
    }
    assert_eq!(lambda.starts(), 1, "{}", lambda.log());
}

async fn check_refused(lambda: &Lambda, event: &str) {
    let returned = lambda.invoke(event.to_owned()).await;
    let message = returned["errorMessage"].as_str().unwrap_or_default();
    assert!(!message.is_empty(), "{event}: {returned}");
}
