//! One revision, or one plan: what was predicted, and what a log says of it.

use std::path::PathBuf;

use anyhow::Context as _;
use dps_allocation::RevisionPrefix;
use dps_fleet::outcome::{Named, Outcome, Question, follow};
use dps_policy_store::RevisionError;
use jiff::Timestamp;
use serde::Serialize;

use super::naming::Naming;
use super::predicted::{Kept, Unreadable};
use super::screen;
use super::timeline::Event;
use crate::exit::Exit;
use crate::hashed::Hashed;
use crate::plan_file::PlanFile;
use crate::{devices, output};

/// A prediction, and the time for which it holds.
pub(super) struct One {
    pub(super) plan: Box<PlanFile>,
    /// When the same revision was pushed again.
    pub(super) until: Option<Timestamp>,
    /// Whether it is kept with a revision, so that its tables are in the store.
    pub(super) is_kept: bool,
}

/// What `history REVISION --json` and `history --log --json` answer.
#[derive(Serialize)]
struct Document<'a> {
    predicted: &'a PlanFile,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<&'a Outcome>,
    /// What became of the devices of `--fleet`.
    #[serde(skip_serializing_if = "Option::is_none")]
    named: Option<&'a Named>,
}

/// The push of a revision that a question is about: the last one with a plan; without a revision,
/// the last one of any.
///
/// # Errors
/// When no stored revision, or more than one, is meant.
pub(super) fn event(
    events: &[Event<'_>],
    wanted: Option<&RevisionPrefix>,
) -> anyhow::Result<Option<usize>> {
    let is_wanted = |event: &&Event<'_>| wanted.is_none_or(|it| it.begins(event.revision));
    if let Some(wanted) = wanted {
        let found = events.iter().filter(is_wanted);
        let found = found.map(|event| (event.revision.clone(), event));
        RevisionError::only(wanted, found.collect())?;
    }
    let has_plan = |event: &Event<'_>| event.push.is_some_and(|push| push.report.is_some());
    let mut events = events.iter();
    Ok(events.position(|event| is_wanted(&event) && has_plan(event)))
}

impl One {
    /// The prediction of an event.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub(super) fn of(events: &[Event<'_>], at: usize, kept: Kept) -> anyhow::Result<Self> {
        let (later, from) = events.split_at_checked(at).unwrap_or_default();
        let event = from.first().context("no such push")?;
        let plan = kept.context("it was pushed without a plan")?;
        let plan = plan.map_err(Unreadable::into_error)?;
        let mut again = later.iter().filter(|it| it.revision == event.revision);
        let until = again.next_back().and_then(|it| it.at);
        Ok(Self {
            plan,
            until,
            is_kept: true,
        })
    }

    pub(super) fn show(&self, json: bool) -> anyhow::Result<Exit> {
        let document = Document {
            predicted: &self.plan,
            outcome: None,
            named: None,
        };
        let text = || screen::predicted(&self.plan, output::width());
        output::answer(json, &document, text)?;
        Ok(Exit::Success)
    }

    /// Holds the prediction against the lines of a log.
    pub(super) async fn compare(
        &self,
        logs: &[PathBuf],
        naming: &Naming,
        json: bool,
    ) -> anyhow::Result<Exit> {
        let plan = &*self.plan;
        let assumed = plan.assumed.assumed();
        let question = Question {
            revision: &plan.to.revision,
            since: plan.written_at,
            until: self.until,
            prediction: &plan.prediction,
            assumed: &assumed,
        };
        let (followed, broken) = devices::each_of(logs, &Hashed::default(), |batches, run| {
            follow(batches, &question, run.threads, run.watch)
        })?;
        let found = followed.outcome(&question);
        let named = naming.named(plan, self.is_kept, &followed).await?;
        if json {
            output::print_json(&Document {
                predicted: plan,
                outcome: Some(&found),
                named: named.as_ref(),
            })?;
        } else if !naming.lists_on_stdout() {
            let logs = devices::names(logs);
            output::print(&screen::outcome(
                plan,
                &found,
                named.as_ref(),
                &logs,
                output::width(),
            ))?;
        }
        if !devices::is_whole(broken, found.interrupted)? {
            return Ok(Exit::Failed);
        }
        if found.decisions == 0 {
            output::note(&format!(
                "the log has no decision by revision {} since the preview, so that nothing was \
                 compared",
                plan.to.revision.short()
            ));
            return Ok(Exit::Failed);
        }
        let differ = named.is_some_and(|it| it.otherwise.devices > 0);
        Ok(Exit::of(!found.differs() && !differ))
    }
}
