//! When which share is reached, as people write it: `5;25;50;100 every 2d`, or over a time.

use dps_allocation::bucket::{Share, ShareError};
use dps_allocation::rollout::{Ramp, ShareStep};
use jiff::{SignedDuration, Timestamp};

use super::shift::text;

/// The shares of a plan and their distance in time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    shares: Vec<Share>,
    spread: Spread,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spread {
    /// From one share to the next.
    Every(SignedDuration),
    /// From the first share to the last; one share alone grows evenly.
    Over(SignedDuration),
}

/// Why a text is not a schedule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// One of the shares.
    #[error("{0}")]
    Share(#[from] ShareError),
    /// The shares fall, or are equal.
    #[error("share `{0}` is not more than the one before it; a rollout only grows")]
    Falls(String),
    /// A length of time.
    #[error("`{0}` is not a length of time; write such as 2d, 12h or 30m")]
    Time(String),
    /// Several shares without a distance.
    #[error("`{0}` does not say when; add `every 2d`, or --over 7d")]
    NoTime(String),
    /// Two distances.
    #[error("`{0}` says `every ..`, and so does --over; leave out one of them")]
    Both(String),
    /// Beyond the end of time.
    #[error("the last step is beyond the year 9999; choose a shorter time")]
    TooLong,
}

/// The shares of a schedule that is not given.
pub(super) const READY_MADE: &str = "5;25;50;100 every 2d";

impl Schedule {
    /// Reads shares (`5;25;50;100 every 2d`, percent signs or not) and the time over which they are
    /// spread. Without both it is the ready-made one; with a time alone, the share grows evenly to
    /// 100 %.
    ///
    /// # Errors
    /// [`ScheduleError`].
    pub fn parse(shares: Option<&str>, over: Option<&str>) -> Result<Self, ScheduleError> {
        let written = match (shares, over) {
            (Some(text), _) => text,
            (None, Some(_)) => "100",
            (None, None) => READY_MADE,
        };
        let (list, every) = match written.split_once("every") {
            Some((list, every)) => (list, Some(length(every)?)),
            None => (written, None),
        };
        let mut shares: Vec<Share> = Vec::new();
        let words = list.split([';', ',', ' ']).filter(|word| !word.is_empty());
        for word in words {
            let share: Share = format!("{}%", word.trim_end_matches('%')).parse()?;
            let is_more = shares.last().is_none_or(|before| *before < share);
            if !is_more || share == Share::default() {
                return Err(ScheduleError::Falls(word.to_owned()));
            }
            shares.push(share);
        }
        let spread = match (every, over.map(length).transpose()?, &*shares) {
            (_, _, []) => return Err(ScheduleError::NoTime(written.to_owned())),
            (Some(_), Some(_), _) => return Err(ScheduleError::Both(written.to_owned())),
            (Some(every), None, _) => Spread::Every(every),
            (None, Some(over), _) => Spread::Over(over),
            (None, None, [_]) => Spread::Every(SignedDuration::ZERO),
            (None, None, _) => return Err(ScheduleError::NoTime(written.to_owned())),
        };
        Ok(Self { shares, spread })
    }

    /// Grows evenly to 100 % until a moment.
    ///
    /// # Errors
    /// [`ScheduleError::Time`] when the moment has passed.
    pub fn until(begins: Timestamp, ends: Timestamp) -> Result<Self, ScheduleError> {
        if ends <= begins {
            return Err(ScheduleError::Time(ends.to_string()));
        }
        Ok(Self {
            shares: vec![full()],
            spread: Spread::Over(ends.duration_since(begins)),
        })
    }

    /// When the last share of a rollout that begins at a moment is reached.
    ///
    /// # Errors
    /// [`ScheduleError::TooLong`].
    pub fn ends(&self, begins: Timestamp) -> Result<Timestamp, ScheduleError> {
        let (steps, _ramp) = self.steps(begins, full(), full())?;
        Ok(steps.last().and_then(|step| step.at).unwrap_or(begins))
    }

    /// The cells `steps` and `ramp` of a rollout that begins at a moment.
    ///
    /// `whole` is the share that stands for 100 % of the schedule, `cap` the largest share.
    ///
    /// # Errors
    /// [`ScheduleError::TooLong`].
    pub fn cells(
        &self,
        begins: Timestamp,
        whole: Share,
        cap: Share,
    ) -> Result<[(&'static str, String); 2], ScheduleError> {
        let (steps, ramp) = self.steps(begins, whole, cap)?;
        let ramp = match ramp {
            Ramp::Step => "step",
            Ramp::Linear => "linear",
        };
        Ok([("steps", text(&steps)), ("ramp", ramp.to_owned())])
    }

    fn steps(
        &self,
        begins: Timestamp,
        whole: Share,
        cap: Share,
    ) -> Result<(Vec<ShareStep>, Ramp), ScheduleError> {
        let at = |offset: SignedDuration| {
            let at = begins.checked_add(offset);
            at.map_err(|_range| ScheduleError::TooLong)
        };
        let scaled = |share: Share| whole_of(share, whole).min(cap);
        if let (Spread::Over(over), [only]) = (self.spread, &*self.shares) {
            // A cap ends the line earlier, and does not make it less steep.
            let (uncapped, reached) = (whole_of(*only, whole), scaled(*only));
            let millis = over.as_millis() * i128::from(reached.units())
                / i128::from(uncapped.units().max(1));
            let over =
                SignedDuration::from_secs(i64::try_from(millis / 1000).unwrap_or(i64::MAX).max(1));
            let none = (at(SignedDuration::ZERO)?, Share::default());
            let steps = [none, (at(over)?, reached)];
            let steps = steps.map(|(at, share)| ShareStep {
                at: Some(at),
                share,
            });
            return Ok((steps.to_vec(), Ramp::Linear));
        }
        let gaps = i32::try_from(self.shares.len() - 1).unwrap_or(i32::MAX);
        let mut steps: Vec<ShareStep> = Vec::new();
        for (number, share) in (0_i32..).zip(&self.shares) {
            let offset = match self.spread {
                Spread::Every(every) => every.checked_mul(number),
                Spread::Over(over) => over.checked_mul(number).and_then(|it| it.checked_div(gaps)),
            };
            let at = at(offset.ok_or(ScheduleError::TooLong)?)?;
            let at = Timestamp::from_second(at.as_second()).unwrap_or(at);
            let share = scaled(*share);
            // Beyond the cap nothing grows.
            if steps.last().is_none_or(|before| before.share < share) {
                steps.push(ShareStep {
                    at: Some(at),
                    share,
                });
            }
        }
        Ok((steps, Ramp::Step))
    }
}

/// A share of a share.
fn whole_of(share: Share, whole: Share) -> Share {
    let units = u64::from(share.units()) * u64::from(whole.units()) / u64::from(full().units());
    let units = u32::try_from(units).unwrap_or_default();
    Share::from_units(units).unwrap_or(whole)
}

/// All devices.
pub(crate) fn full() -> Share {
    Share::from_units(100_000).unwrap_or_default()
}

/// `2d`, `12h`, `1w 12h`: of units with a fixed length only.
///
/// # Errors
/// [`ScheduleError::Time`] when it is none, or not positive.
pub fn length(text: &str) -> Result<SignedDuration, ScheduleError> {
    let wrong = || ScheduleError::Time(text.trim().to_owned());
    let span: jiff::Span = text.trim().parse().map_err(|_error| wrong())?;
    if span.get_years() != 0 || span.get_months() != 0 {
        return Err(wrong());
    }
    let length = span.to_duration(jiff::SpanRelativeTo::days_are_24_hours());
    let length = length.map_err(|_error| wrong())?;
    if length.is_positive() {
        Ok(length)
    } else {
        Err(wrong())
    }
}
