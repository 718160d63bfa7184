//! A process that is frozen after each answer has told of the decision by then.

use std::time::Duration;

use e2e::{Collector, Lambda, Mood, ScriptRoot};

use super::{KEYS, allocate};

const SPAN: &str = "POST /api/allocate";

/// Allocates three times with a collector in this mood; how many spans it has with the last answer.
async fn check_answered(mood: Mood) -> usize {
    let (root, collector) = (ScriptRoot::new(), Collector::start(mood).await);
    let endpoint = collector.url();
    let otlp = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &*endpoint),
        ("OTEL_EXPORTER_OTLP_HEADERS", ""),
    ];
    let lambda = Lambda::start(&root, &[&KEYS[..], &otlp].concat()).await;
    for _ in 0..3 {
        let reply = allocate(&lambda).await;
        assert_eq!(reply.status, 200, "{mood:?}: {reply:?}");
    }
    assert_eq!(lambda.starts(), 1, "{}", lambda.log());
    collector.spans(SPAN).len()
}

#[tokio::test]
async fn spans_are_sent_before_the_answer() {
    // Not all of them where the machine is so busy that half a second is too short.
    assert!(check_answered(Mood::Takes).await > 0);
}

#[tokio::test]
async fn no_answer_is_lost_for_a_collector() {
    check_answered(Mood::Hangs).await;
    check_answered(Mood::Refuses).await;
    check_answered(Mood::Slow(Duration::from_secs(5))).await;
}
