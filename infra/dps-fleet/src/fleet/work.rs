//! Works through a fleet on several threads.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver};
use std::thread;

use super::batch::Batch;
use super::fault::FleetError;
use super::watch::Watch;

/// Batches that wait for a thread, for each thread.
const WAITING: usize = 2;

/// What a run has left.
pub(crate) struct Ran<T> {
    /// What each thread has counted.
    pub(crate) counted: Vec<T>,
    /// Why the fleet was not read to its end.
    pub(crate) broken: Option<FleetError>,
}

/// Hands every batch to `each`, with what its thread counts; `in_order` gets the result of each
/// batch in the order of the fleet.
///
/// A run that the watch stops, or whose fleet cannot be read, ends with what it has found so far.
pub(crate) fn run<T: Send, D: Send>(
    fleet: impl Iterator<Item = Result<Batch, FleetError>>,
    threads: NonZeroUsize,
    watch: &Watch,
    start: impl Fn() -> T + Sync,
    each: impl Fn(&mut T, &Batch) -> D + Sync,
    mut in_order: impl FnMut(D),
) -> Ran<T> {
    let (to_threads, batches) = mpsc::sync_channel::<Batch>(threads.get() * WAITING);
    let batches = Mutex::new(batches);
    let (to_order, results) = mpsc::channel::<(u64, D)>();
    let mut ran = Ran {
        counted: Vec::new(),
        broken: None,
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.get())
            .map(|_| {
                let to_order = to_order.clone();
                let (batches, start, each) = (&batches, &start, &each);
                scope.spawn(move || {
                    let mut counted = start();
                    while let Some(batch) = next(batches) {
                        let result = each(&mut counted, &batch);
                        // The caller waits for the results until all threads have ended.
                        let _received = to_order.send((batch.number, result));
                    }
                    counted
                })
            })
            .collect();
        drop(to_order);
        let mut order = Order {
            waiting: BTreeMap::new(),
            next: 0,
        };
        for batch in fleet {
            let batch = match batch {
                Ok(batch) => batch,
                Err(error) => {
                    ran.broken = Some(error);
                    break;
                }
            };
            if watch.is_stopped() || to_threads.send(batch).is_err() {
                break;
            }
            order.add(results.try_iter(), &mut in_order);
        }
        drop(to_threads);
        order.add(results.iter(), &mut in_order);
        for worker in workers {
            match worker.join() {
                Ok(counted) => ran.counted.push(counted),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
    ran
}

/// The next batch; `None` after the last one, or when another thread has panicked.
fn next(batches: &Mutex<Receiver<Batch>>) -> Option<Batch> {
    batches.lock().ok()?.recv().ok()
}

/// Results that wait for those before them.
struct Order<D> {
    waiting: BTreeMap<u64, D>,
    next: u64,
}

impl<D> Order<D> {
    fn add(&mut self, results: impl Iterator<Item = (u64, D)>, in_order: &mut impl FnMut(D)) {
        for (number, result) in results {
            self.waiting.insert(number, result);
            while let Some(result) = self.waiting.remove(&self.next) {
                in_order(result);
                self.next += 1;
            }
        }
    }
}
