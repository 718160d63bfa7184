//! The parts of a request that no log may hold: asked, asked and kept, or replayed.

use std::borrow::Cow;

use super::{Case, Stop};
use crate::evidence::{Evidence, Found, Learned, NotRecorded};
use crate::expression::{Expression, Outcome, Unreadable};

/// Where the answers of the withheld parts come from.
pub(super) enum Withheld<'e> {
    /// The request.
    Asked,
    /// The request; what it answers is kept.
    Kept(Evidence),
    /// What was kept; these answers are left.
    Replayed(&'e [Learned]),
}

impl Withheld<'_> {
    /// What was kept.
    pub(super) fn into_evidence(self) -> Evidence {
        match self {
            Self::Kept(evidence) => evidence,
            Self::Asked | Self::Replayed(_) => Evidence::default(),
        }
    }
}

type Question = Cow<'static, str>;

impl Case<'_, '_> {
    /// Whether what an expression gives is to be kept or replayed.
    pub(super) fn withholds(&self, expression: &Expression) -> bool {
        !matches!(self.withheld, Withheld::Asked) && expression.reads_withheld(&self.inputs)
    }

    /// Whether the request itself is gone.
    pub(super) fn is_replay(&self) -> bool {
        matches!(self.withheld, Withheld::Replayed(_))
    }

    /// Whether something was kept that has not been asked yet.
    pub(super) fn has_answers_left(&self) -> bool {
        matches!(self.withheld, Withheld::Replayed([_, ..]))
    }

    /// The next answer that was kept; none where the request is there to be asked.
    ///
    /// A question that was not asked then, or an answer of another kind, ends the replay.
    pub(super) fn replayed<T>(
        &mut self,
        asked: impl FnOnce() -> Question,
        pick: impl FnOnce(&Found) -> Option<T>,
    ) -> Result<Option<T>, Stop> {
        let Withheld::Replayed(left) = &mut *self.withheld else {
            return Ok(None);
        };
        let asked = asked();
        let not_recorded = || Stop::NotRecorded(NotRecorded::new(&*asked));
        let Some((next, rest)) = left.split_first().filter(|(next, _)| next.asked == asked) else {
            return Err(not_recorded());
        };
        *left = rest;
        match &next.found {
            Found::Unreadable(unreadable) => Err(Stop::from(*unreadable)),
            found => pick(found).map(Some).ok_or_else(not_recorded),
        }
    }

    /// Keeps an answer.
    pub(super) fn keep(&mut self, asked: impl FnOnce() -> Question, found: impl FnOnce() -> Found) {
        if let Withheld::Kept(Evidence(kept)) = &mut *self.withheld {
            let (asked, found) = (asked(), found());
            kept.push(Learned { asked, found });
        }
    }

    /// Keeps that a part is broken, if it is.
    pub(super) fn readable<T>(
        &mut self,
        read: Result<T, Unreadable>,
        asked: impl FnOnce() -> Question,
    ) -> Result<T, Stop> {
        read.map_err(|unreadable| {
            self.keep(asked, || Found::Unreadable(unreadable));
            Stop::from(unreadable)
        })
    }

    /// Evaluates an expression whose answer is kept by the caller.
    pub(super) fn evaluate(
        &mut self,
        expression: &Expression,
        asked: impl FnOnce() -> Question,
    ) -> Result<Outcome, Stop> {
        let outcome = expression.evaluate(&self.inputs);
        self.readable(outcome, asked)
    }
}
