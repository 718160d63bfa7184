//! The rollout bucket of a device, and the share of a rollout.
//!
//! Independent of placement: the key is the rollout's own, so that a cohort of 10 % is
//! 10 % of every hub, and the cohorts of two rollouts are independent of each other.
//! The algorithm is a published contract, see `vectors/hashing.json`.

use std::fmt;
use std::str::FromStr;

use super::keyed::KeyedHash;

/// How many buckets there are; shares use the same unit, 1/100,000.
const BUCKETS: u32 = 100_000;
const UNITS_PER_PERCENT: u32 = BUCKETS / 100;
const FRACTION_DIGITS: usize = 3;

/// Separates this key from all others; changing it moves every device of every rollout.
const LABEL: &str = "dps-allocator rollout v1\0";

/// The salt of a rollout, as the key of its hash.
#[derive(Debug, Clone, Copy)]
pub struct BucketSalt(KeyedHash);

/// A device's fixed place in a rollout, 0 to 99,999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bucket(u32);

/// The part of all devices that a rollout selects, in steps of 0.001 %.
///
/// Written and read as a percentage with at most three decimals: `10%`, `0.125%`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Share(u32);

/// Why a text is not a share.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ShareError {
    /// The text has no percent sign.
    #[error("share `{0}` has no percent sign, write for example `5%`")]
    NoPercentSign(String),
    /// The text before the percent sign is not a plain decimal number.
    #[error("share `{0}` is not a plain decimal number of percent, write for example `0.5%`")]
    NotANumber(String),
    /// More than three decimals.
    #[error("share `{0}` has more than three decimals, the smallest step is `0.001%`")]
    TooFine(String),
    /// More than all devices.
    #[error("share `{0}` is more than `100%`")]
    TooLarge(String),
}

impl BucketSalt {
    /// Derives the key from the rollout's salt, by default its id.
    #[must_use]
    pub fn new(salt: &str) -> Self {
        Self(KeyedHash::new(LABEL, salt))
    }

    /// The bucket of a registration id, which the caller passes in lower case.
    #[must_use]
    pub fn bucket(&self, id: &str) -> Bucket {
        // The product of a 64-bit hash and the count, divided by 2^64, is below the count.
        let scaled = (u128::from(self.0.hash(id)) * u128::from(BUCKETS)) >> 64;
        Bucket(u32::try_from(scaled).unwrap_or(BUCKETS - 1))
    }
}

impl Bucket {
    /// The number of the bucket, below 100,000.
    #[must_use]
    pub fn number(self) -> u32 {
        self.0
    }
}

impl Share {
    /// A share in hundred-thousandths; none above 100,000.
    #[must_use]
    pub fn from_units(units: u32) -> Option<Self> {
        (units <= BUCKETS).then_some(Self(units))
    }

    /// The share in hundred-thousandths.
    #[must_use]
    pub fn units(self) -> u32 {
        self.0
    }

    /// Whether the share contains a bucket. A larger share contains all buckets of a smaller one.
    #[must_use]
    pub fn contains(self, bucket: Bucket) -> bool {
        bucket.0 < self.0
    }
}

impl FromStr for Share {
    type Err = ShareError;

    fn from_str(text: &str) -> Result<Self, ShareError> {
        let given = || text.to_owned();
        let number = text.trim().strip_suffix('%');
        let number = number
            .ok_or_else(|| ShareError::NoPercentSign(given()))?
            .trim_end();
        let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
        if !is_digits(whole) || !is_digits(fraction) {
            return Err(ShareError::NotANumber(given()));
        }
        if fraction.len() > FRACTION_DIGITS {
            return Err(ShareError::TooFine(given()));
        }
        // 12.5 % is 12,500 units: the digits of `12` and of `500`, one after the other.
        let units = format!("{whole}{fraction:0<FRACTION_DIGITS$}").parse();
        units
            .ok()
            .and_then(Self::from_units)
            .ok_or_else(|| ShareError::TooLarge(given()))
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl fmt::Display for Bucket {
    /// As a percentage: a rollout selects the device when its share is larger than this.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Share(self.0).fmt(f)
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, fraction) = (self.0 / UNITS_PER_PERCENT, self.0 % UNITS_PER_PERCENT);
        if fraction == 0 {
            return write!(f, "{whole}%");
        }
        let fraction = format!("{fraction:0FRACTION_DIGITS$}");
        write!(f, "{whole}.{}%", fraction.trim_end_matches('0'))
    }
}
