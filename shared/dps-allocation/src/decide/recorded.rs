//! Questions about payload and certificate, whose answers are recorded or replayed.

use super::context::{Context, Unassigned};
use super::evidence_mode::{EvidenceMode, Question};
use crate::decision::Unavailable;
use crate::evidence::{Evidence, Found, Learned, NotRecorded};
use crate::expression::{Expression, Outcome, Unreadable};
use crate::parts::Part;

/// Ends a decision that needs an answer which is not known. The caller gets the question instead of
/// the decision, so this outcome is never seen.
fn not_known(missing: &mut Option<NotRecorded>, question: &str) -> Unassigned {
    *missing = Some(NotRecorded::new(question));
    Unassigned::Unavailable(Unavailable::StoreUnavailable)
}

impl Context<'_, '_> {
    /// Whether the answer of an expression is recorded, replayed or unknown.
    pub(super) fn records(&self, expression: &Expression) -> bool {
        match &*self.mode {
            EvidenceMode::Unrecorded => false,
            EvidenceMode::Partial { unknown, .. } => expression.reads(*unknown),
            EvidenceMode::Recorded(_) | EvidenceMode::Replayed { .. } => {
                expression.reads_withheld(&self.inputs)
            }
        }
    }

    /// Whether the parts that no log holds are missing.
    pub(super) fn is_replay(&self) -> bool {
        matches!(self.mode, EvidenceMode::Replayed { .. })
    }

    /// Whether a recorded answer to this question has not been used yet.
    pub(super) fn has_answer_left(&self, question: &Question) -> bool {
        match &*self.mode {
            EvidenceMode::Replayed { left, .. } => left.iter().any(|it| it.asked == *question),
            _ => false,
        }
    }

    /// The next recorded answer; none if the request itself answers the question.
    ///
    /// A question that was not recorded, or an answer of another kind, ends the replay.
    pub(super) fn replayed<T>(
        &mut self,
        question: impl FnOnce() -> Question,
        pick: impl FnOnce(&Found) -> Option<T>,
    ) -> Result<Option<T>, Unassigned> {
        let (left, missing) = match &mut *self.mode {
            EvidenceMode::Unrecorded | EvidenceMode::Recorded(_) => return Ok(None),
            EvidenceMode::Replayed { left, missing } => (left, missing),
            EvidenceMode::Partial { missing, .. } => {
                return Err(not_known(missing, &question()));
            }
        };
        let question = question();
        let next = left.split_first();
        let found = next
            .filter(|(next, _)| next.asked == question)
            .map(|(next, rest)| {
                *left = rest;
                &next.found
            });
        if let Some(Found::Unreadable(unreadable)) = found {
            return Err(Unassigned::from(*unreadable));
        }
        let answer = found.and_then(pick);
        if answer.is_none() {
            return Err(not_known(missing, &question));
        }
        Ok(answer)
    }

    /// Ends the decision if the part is not known.
    pub(super) fn must_know(
        &mut self,
        part: Part,
        question: &'static str,
    ) -> Result<(), Unassigned> {
        match &mut *self.mode {
            EvidenceMode::Partial {
                unknown, missing, ..
            } if unknown.contains(part) => Err(not_known(missing, question)),
            _ => Ok(()),
        }
    }

    /// The next recorded answer, if the request cannot answer the question.
    pub(super) fn only_recorded<T>(
        &mut self,
        question: impl FnOnce() -> Question,
        pick: impl FnOnce(&Found) -> Option<T>,
    ) -> Result<T, Unassigned> {
        let answer = self.replayed(question, pick)?;
        answer.ok_or(Unassigned::Unavailable(Unavailable::StoreUnavailable))
    }

    /// Records an answer.
    pub(super) fn record(
        &mut self,
        question: impl FnOnce() -> Question,
        found: impl FnOnce() -> Found,
    ) {
        if let EvidenceMode::Recorded(Evidence(learned)) = &mut *self.mode {
            let (asked, found) = (question(), found());
            learned.push(Learned { asked, found });
        }
    }

    /// Records that a part of the request cannot be read, if so.
    pub(super) fn record_unreadable<T>(
        &mut self,
        read: Result<T, Unreadable>,
        question: impl FnOnce() -> Question,
    ) -> Result<T, Unassigned> {
        read.map_err(|unreadable| {
            self.record(question, || Found::Unreadable(unreadable));
            Unassigned::from(unreadable)
        })
    }

    /// Evaluates an expression whose answer the caller records.
    pub(super) fn evaluate(
        &mut self,
        expression: &Expression,
        question: impl FnOnce() -> Question,
    ) -> Result<Outcome, Unassigned> {
        let outcome = expression.evaluate(&self.inputs);
        self.record_unreadable(outcome, question)
    }
}
