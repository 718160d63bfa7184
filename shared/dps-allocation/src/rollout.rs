//! The share of devices that a rollout reaches, by its steps and the time.
//!
//! Public for tools that plan and shift steps; decisions read the rows of a [`crate::Policy`].

use std::fmt;

use jiff::Timestamp;

use crate::hash::bucket::Share;
use crate::instant::instant;
pub use crate::schema::Ramp;

/// When a rollout reaches which share; times strictly rise, shares never fall.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Steps(Vec<ShareStep>);

/// From `at` on, `share` of the devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShareStep {
    /// None: always; only the first step of a rollout is without a time.
    pub at: Option<Timestamp>,
    /// The part of all devices.
    pub share: Share,
}

/// Why a text is not a list of steps.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StepsError {
    /// The text has no steps.
    #[error("there is no step")]
    Empty,
    /// The text after `=` is not a share.
    #[error("`{0}` is not a share such as 0.5% (at most three decimals, at most 100%)")]
    Share(String),
    /// The text before `=` is not a time.
    #[error("`{0}` is not a point in time")]
    Time(String),
    /// A step after the first has no time.
    #[error("step `{0}` has no time; only the first may be without")]
    NoTime(String),
    /// The times do not rise.
    #[error("step `{0}` is not later than the one before it")]
    Overlap(String),
    /// The shares fall.
    #[error("step `{0}` lowers the share; a rollout only grows")]
    Falls(String),
}

impl Steps {
    /// Reads `2026-12-01T00:00Z=1% 2026-12-08=10%`; a first step without a time always holds.
    ///
    /// # Errors
    /// [`StepsError`] names the first step that breaks a rule.
    pub fn parse(text: &str) -> Result<Self, StepsError> {
        let mut steps: Vec<ShareStep> = Vec::new();
        let parts = text
            .split([' ', '\t', '\n', '\r', ';', ','])
            .filter(|part| !part.is_empty());
        for part in parts {
            let (at, share) = match part.split_once('=') {
                Some((at, share)) => (
                    Some(instant(at).ok_or_else(|| StepsError::Time(at.to_owned()))?),
                    share,
                ),
                None => (None, part),
            };
            let share = share
                .parse()
                .map_err(|_error| StepsError::Share(share.to_owned()))?;
            if let Some(before) = steps.last() {
                if at.is_none() {
                    return Err(StepsError::NoTime(part.to_owned()));
                }
                if at <= before.at {
                    return Err(StepsError::Overlap(part.to_owned()));
                }
                if share < before.share {
                    return Err(StepsError::Falls(part.to_owned()));
                }
            }
            steps.push(ShareStep { at, share });
        }
        if steps.is_empty() {
            Err(StepsError::Empty)
        } else {
            Ok(Self(steps))
        }
    }

    /// The steps in order; there is at least one.
    pub fn iter(&self) -> impl Iterator<Item = ShareStep> {
        self.0.iter().copied()
    }

    /// Whether the share changes with time.
    pub(crate) fn have_times(&self) -> bool {
        self.0.iter().any(|step| step.at.is_some())
    }

    /// The share of a first step without a time, which always holds; 0 if there is none.
    pub(crate) fn share_without_time(&self) -> Share {
        let first = self.0.first().filter(|step| step.at.is_none());
        first.map_or(Share::default(), |step| step.share)
    }

    /// The share at a moment; 0 before the first step.
    #[must_use]
    pub fn share(&self, ramp: Ramp, now: Timestamp) -> Share {
        let reached = self
            .0
            .partition_point(|step| step.at.is_none_or(|at| at <= now));
        let Some(current) = reached.checked_sub(1).and_then(|last| self.0.get(last)) else {
            return Share::default();
        };
        match (ramp, current.at, self.0.get(reached)) {
            (
                Ramp::Linear,
                Some(from),
                Some(ShareStep {
                    at: Some(until),
                    share,
                }),
            ) => between((from, current.share), (*until, *share), now),
            _ => current.share,
        }
    }
}

/// The share at `now` on the line between two steps; `from <= now < until`.
fn between(from: (Timestamp, Share), until: (Timestamp, Share), now: Timestamp) -> Share {
    let whole = i128::from(until.0.as_second() - from.0.as_second()).max(1);
    let passed = i128::from(now.as_second() - from.0.as_second()).clamp(0, whole);
    let grown = i128::from(until.1.units() - from.1.units()) * passed / whole;
    let grown = u32::try_from(grown).unwrap_or_default();
    Share::from_units(from.1.units() + grown).unwrap_or(until.1)
}

impl fmt::Display for Steps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            if position > 0 {
                f.write_str(" ")?;
            }
            step.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for ShareStep {
    /// As a cell spells it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at {
            Some(at) => write!(f, "{at}={}", self.share),
            None => write!(f, "{}", self.share),
        }
    }
}
