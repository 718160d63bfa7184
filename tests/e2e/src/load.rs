//! A bounded load of allocation requests while something else happens.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::runtime::Runtime;

/// Callers that ask again and again until they are stopped.
#[derive(Debug)]
pub struct Load {
    stop: Arc<AtomicBool>,
    answered: Arc<AtomicUsize>,
    callers: JoinSet<Tally>,
}

/// Between the calls of a caller. Two callers still send more than DPS does, which is 17 requests a
/// second, and leave time to what happens meanwhile.
const PAUSE: Duration = Duration::from_millis(5);

/// How often each status and reason was answered.
pub type Tally = BTreeMap<(u16, String), usize>;

impl Load {
    /// Starts that many callers of `POST /api/allocate`.
    #[must_use]
    pub fn start(runtime: &Arc<Runtime>, request: &Value, callers: usize) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let answered = Arc::new(AtomicUsize::new(0));
        let mut set = JoinSet::new();
        for _ in 0..callers {
            let (runtime, request) = (Arc::clone(runtime), request.clone());
            let (stop, answered) = (Arc::clone(&stop), Arc::clone(&answered));
            set.spawn(async move {
                let mut tally = Tally::new();
                while !stop.load(Ordering::Relaxed) {
                    let answer = runtime.allocate(&request).await;
                    *tally.entry((answer.status, answer.reason)).or_default() += 1;
                    answered.fetch_add(1, Ordering::Relaxed);
                    sleep(PAUSE).await;
                }
                tally
            });
        }
        Self {
            stop,
            answered,
            callers: set,
        }
    }

    /// How many calls have been answered so far.
    #[must_use]
    pub fn answered(&self) -> usize {
        self.answered.load(Ordering::Relaxed)
    }

    /// Stops the callers and adds up what they were answered.
    pub async fn stop(mut self) -> Tally {
        self.stop.store(true, Ordering::Relaxed);
        let mut total = Tally::new();
        while let Some(tally) = self.callers.join_next().await {
            for (key, count) in tally.expect("every call is answered") {
                *total.entry(key).or_default() += count;
            }
        }
        total
    }
}
