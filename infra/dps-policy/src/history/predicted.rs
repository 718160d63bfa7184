//! What was predicted of a push, as it is kept with the revision.

use dps_policy_store::Revisions;
use dps_policy_store::azure::AzureTables;
use serde::Serialize;

use super::timeline::Event;
use crate::output::one_line;
use crate::plan_file::{self, PlanFile};

/// What was predicted of a push; `None` without a plan.
pub(super) type Kept = Option<Result<Box<PlanFile>, Unreadable>>;

/// Something else is stored than this version has written; says what.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Unreadable {
    unreadable: String,
}

/// What was predicted of each of the first events.
pub(super) async fn predictions(
    store: &AzureTables,
    events: &[Event<'_>],
    limit: usize,
) -> Vec<Kept> {
    let reads = events.iter().take(limit).map(|event| {
        let key = event.push?.report.clone()?;
        let (store, revision) = (store.clone(), event.revision.clone());
        Some(tokio::spawn(async move {
            let text = Revisions::of(&store).report(&revision, &key).await?;
            plan_file::kept(&text).map(Box::new)
        }))
    });
    let reads: Vec<_> = reads.collect();
    let mut kept = Vec::new();
    for read in reads {
        kept.push(match read {
            None => None,
            Some(read) => {
                let read = read.await.map_err(anyhow::Error::from).flatten();
                Some(read.map_err(|error| Unreadable {
                    unreadable: format!("{error:#}"),
                }))
            }
        });
    }
    kept
}

/// `predicted: moved 162 of 1000, ..`
pub(super) fn line(kept: &Result<Box<PlanFile>, Unreadable>) -> String {
    one_line(&match kept {
        Ok(plan) => format!("predicted: {}", plan_file::sentence(plan)),
        Err(it) => format!("predicted: cannot be read: {}", it.unreadable),
    })
}

impl Unreadable {
    pub(super) fn into_error(self) -> anyhow::Error {
        anyhow::anyhow!("what was predicted cannot be read: {}", self.unreadable)
    }
}
