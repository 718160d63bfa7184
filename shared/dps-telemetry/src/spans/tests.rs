//! When a queue is emptied, and what it has no room for.

use std::time::SystemTime;

use opentelemetry::InstrumentationScope;
use opentelemetry::trace::{SpanContext, SpanId, SpanKind, Status};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SpanEvents, SpanLinks};
use tokio::time::{Instant, sleep};

use super::*;

/// Notes when how many spans came.
#[derive(Clone, Debug, Default)]
struct Exported(Arc<Mutex<Vec<(Instant, usize)>>>);

impl SpanExporter for Exported {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.lock().unwrap().push((Instant::now(), batch.len()));
        Ok(())
    }
}

fn span() -> SpanData {
    SpanData {
        span_context: SpanContext::NONE,
        parent_span_id: SpanId::INVALID,
        parent_span_is_remote: false,
        span_kind: SpanKind::Server,
        name: "test".into(),
        start_time: SystemTime::UNIX_EPOCH,
        end_time: SystemTime::UNIX_EPOCH,
        attributes: Vec::new(),
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status: Status::Unset,
        instrumentation_scope: InstrumentationScope::default(),
    }
}

/// Pushes so many spans, and lets so much of the clock's time pass; each export's time and size.
async fn exports(count: usize, hurried: bool, passes: Duration) -> Vec<(Duration, usize)> {
    let (queue, exported) = (Arc::new(SpanQueue::default()), Exported::default());
    let running = Arc::clone(&queue).run(exported.clone(), Duration::from_secs(1));
    let running = tokio::spawn(running);
    // An idle queue does not count time.
    sleep(Duration::from_secs(10)).await;
    let began = Instant::now();
    for _ in 0..count {
        assert!(queue.push(span()));
    }
    if hurried {
        let (progress, all) = queue.goal();
        progress.want(all);
    }
    sleep(passes).await;
    running.abort();
    let exported = exported.0.lock().unwrap().clone();
    let relative = exported.into_iter().map(|(at, count)| (at - began, count));
    relative.collect()
}

#[tokio::test(start_paused = true)]
async fn spans_are_sent_within_a_second() {
    let second = Duration::from_secs(1);
    assert_eq!(exports(1, false, second).await, [(FLUSH_EVERY, 1)]);
    assert_eq!(
        exports(BATCH - 1, false, second).await,
        [(FLUSH_EVERY, BATCH - 1)]
    );
    assert!(exports(1, false, FLUSH_EVERY / 2).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn full_batches_and_those_that_somebody_waits_for_are_sent_at_once() {
    let (now, soon) = (Duration::ZERO, Duration::from_millis(1));
    assert_eq!(exports(BATCH, false, soon).await, [(now, BATCH)]);
    assert_eq!(
        exports(BATCH + 1, false, soon).await,
        [(now, BATCH), (now, 1)]
    );
    assert_eq!(exports(1, true, soon).await, [(now, 1)]);
}

#[tokio::test(start_paused = true)]
async fn an_export_that_hangs_does_not_hold_up_the_next_for_ever() {
    #[derive(Debug)]
    struct Hangs(Exported);

    impl SpanExporter for Hangs {
        async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
            self.0.export(batch).await?;
            std::future::pending().await
        }
    }

    let (queue, exported) = (Arc::new(SpanQueue::default()), Exported::default());
    let limit = Duration::from_secs(20);
    tokio::spawn(Arc::clone(&queue).run(Hangs(exported.clone()), limit));
    for _ in 0..=BATCH {
        queue.push(span());
    }
    sleep(limit + Duration::from_secs(1)).await;
    let sizes: Vec<usize> = exported.0.lock().unwrap().iter().map(|it| it.1).collect();
    assert_eq!(sizes, [BATCH, 1]);
}

#[test]
fn what_somebody_looks_for_finds_room() {
    let queue = SpanQueue::default();
    let assigned = (0..QUEUE).take_while(|_| queue.has_room() && queue.push(span()));
    assert_eq!(assigned.count(), ASSIGNED);
    let others = (0..QUEUE).take_while(|_| queue.push(span()));
    assert_eq!(others.count(), QUEUE - ASSIGNED);
}
