//! The moments at which devices register.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use jiff::{SignedDuration, Timestamp};

use super::pace::{Pace, SHORTEST};

/// Moments between two registrations of a device in the middle.
const TURNS: usize = 30;

/// More would take memory and time, and nobody reads them.
const MOST_MOMENTS: usize = 1000;

/// The moments at which devices register, in equal distances; each device in its own turn.
#[derive(Clone, Debug)]
pub struct Calendar {
    moments: Vec<Timestamp>,
    /// Moments between two registrations, each of as many devices.
    turns: Vec<usize>,
}

/// Why there is no calendar.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// Nothing happens in no time.
    #[error("devices register at least a minute apart; name a longer time, such as 30d")]
    Often,
    /// The end is too early.
    #[error("nobody registers until the end `{0:.0}`; name a later one")]
    Ends(Timestamp),
    /// Too many moments.
    #[error("until then devices register more than {most} times; name an earlier end", most = MOST_MOMENTS / TURNS)]
    Long,
}

impl Calendar {
    /// From a start to an end, where devices register at a pace.
    ///
    /// # Errors
    /// When there are no moments, or more than 1000.
    pub fn new(start: Timestamp, end: Timestamp, pace: &Pace) -> Result<Self, CalendarError> {
        if pace.middle() < SHORTEST {
            return Err(CalendarError::Often);
        }
        let turns = i32::try_from(TURNS).map_err(|_never| CalendarError::Long)?;
        let step = pace.middle() / turns;
        let mut moments = vec![start];
        let mut at = start;
        // Beyond the end of time there is no moment.
        while let Some(next) = at.checked_add(step).ok().filter(|next| *next <= end) {
            if moments.len() == MOST_MOMENTS {
                return Err(CalendarError::Long);
            }
            moments.push(next);
            at = next;
        }
        if moments.len() == 1 {
            return Err(CalendarError::Ends(end));
        }
        let turns = pace.lengths().iter();
        let turns = turns.map(|length| rounded(*length, step).max(1)).collect();
        Ok(Self { moments, turns })
    }

    /// In order; the first one is where it begins.
    pub(super) fn moments(&self) -> &[Timestamp] {
        &self.moments
    }

    /// The moments at which a device registers, whose id is in lower case.
    pub(super) fn of(&self, id: &str) -> impl Iterator<Item = (usize, Timestamp)> {
        let mut hash = DefaultHasher::new();
        id.hash(&mut hash);
        let (pace, turn) = (hash.finish() >> 32, hash.finish());
        let remainder = |number: u64, of: usize| {
            let remainder = number.checked_rem(of as u64).unwrap_or(0);
            usize::try_from(remainder).unwrap_or(0)
        };
        let pace = remainder(pace, self.turns.len());
        let turns = self.turns.get(pace).copied().unwrap_or(TURNS);
        let numbered = self.moments.iter().copied().enumerate().skip(1);
        numbered.skip(remainder(turn, turns)).step_by(turns)
    }
}

/// How many steps a length has.
fn rounded(length: SignedDuration, step: SignedDuration) -> usize {
    let (length, step) = (length.as_millis(), step.as_millis());
    let steps = (length + step / 2).checked_div(step).unwrap_or(1);
    usize::try_from(steps).unwrap_or(MOST_MOMENTS)
}
