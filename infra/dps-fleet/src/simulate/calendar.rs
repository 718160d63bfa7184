//! The moments at which devices register.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use jiff::{SignedDuration, Timestamp};

/// Moments between two registrations of a device.
const TURNS: usize = 30;

/// More would take memory and time, and nobody reads them.
const MOST_MOMENTS: usize = 1000;

/// The moments at which devices register, in equal distances; each device in its own turn.
#[derive(Clone, Debug)]
pub struct Calendar {
    moments: Vec<Timestamp>,
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
    #[error("until then each device registers more than {most} times; name an earlier end", most = MOST_MOMENTS / TURNS)]
    Long,
}

impl Calendar {
    /// From a start to an end, where each device registers every so often.
    ///
    /// # Errors
    /// When there are no moments, or more than 1000.
    pub fn new(
        start: Timestamp,
        end: Timestamp,
        every: SignedDuration,
    ) -> Result<Self, CalendarError> {
        if every < SignedDuration::from_mins(1) {
            return Err(CalendarError::Often);
        }
        let turns = i32::try_from(TURNS).map_err(|_never| CalendarError::Long)?;
        let step = every / turns;
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
        Ok(Self { moments })
    }

    /// In order; the first one is where it begins.
    pub(super) fn moments(&self) -> &[Timestamp] {
        &self.moments
    }

    /// The moments at which a device registers, whose id is in lower case.
    pub(super) fn of(&self, id: &str) -> impl Iterator<Item = (usize, Timestamp)> {
        let mut hash = DefaultHasher::new();
        id.hash(&mut hash);
        let turn = usize::try_from(hash.finish() % TURNS as u64).unwrap_or(0);
        let numbered = self.moments.iter().copied().enumerate().skip(1);
        numbered.skip(turn).step_by(TURNS)
    }
}
