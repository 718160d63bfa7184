//! Registration ids of a fleet: `building-{1..20}-sensor-{01..10}`.

/// Most devices of one fleet: a million takes seconds, and more is likely a typo.
const MOST: u64 = 1_000_000;

/// A pattern of registration ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ids {
    parts: Vec<Part>,
    count: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    /// From, how many, and the least number of digits.
    Range(u64, u64, usize),
}

/// A device of a fleet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Device {
    pub(super) id: String,
    /// The number of each range, as the id spells it.
    pub(super) numbers: Vec<String>,
}

impl Device {
    /// The text with the numbers of the device in place of `{1}`, `{2}`..
    pub(super) fn fill(&self, text: &str) -> String {
        let numbers = self.numbers.iter().enumerate();
        numbers.fold(text.to_owned(), |text, (index, number)| {
            text.replace(&format!("{{{}}}", index + 1), number)
        })
    }
}

/// Why a text is not a pattern of ids.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum IdsError {
    #[error("a `{{` is not closed")]
    Open,
    #[error("`{{{0}}}` is not a range such as {{1..200}}")]
    Range(String),
    #[error("these are {0} devices, and a fleet has at most {MOST}")]
    TooMany(u64),
}

impl Ids {
    /// Reads a pattern; a range whose first number begins with 0 has leading zeros.
    ///
    /// # Errors
    /// [`IdsError`] names the first part that is wrong.
    pub(super) fn parse(text: &str) -> Result<Self, IdsError> {
        let mut parts = Vec::new();
        let mut count: u64 = 1;
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (range, after) = after.split_once('}').ok_or(IdsError::Open)?;
            let part = range_of(range).ok_or_else(|| IdsError::Range(range.to_owned()))?;
            if let Part::Range(_, length, _) = part {
                count = count.saturating_mul(length);
            }
            parts.push(Part::Text(before.to_owned()));
            parts.push(part);
            rest = after;
        }
        parts.push(Part::Text(rest.to_owned()));
        if count > MOST {
            return Err(IdsError::TooMany(count));
        }
        Ok(Self { parts, count })
    }

    /// How many ranges it has.
    pub(super) fn ranges(&self) -> usize {
        let ranges = self.parts.iter();
        ranges
            .filter(|part| matches!(part, Part::Range(..)))
            .count()
    }

    /// How many devices they are.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// The devices in order; the last range runs fastest.
    pub(super) fn devices(&self) -> impl Iterator<Item = Device> {
        (0..self.count).map(|index| self.device(index))
    }

    fn device(&self, mut index: u64) -> Device {
        let mut reversed = Vec::new();
        let mut numbers = Vec::new();
        for part in self.parts.iter().rev() {
            match part {
                Part::Text(text) => reversed.push(text.clone()),
                Part::Range(from, length, digits) => {
                    let number = format!("{:0digits$}", from + index % length);
                    index /= length;
                    numbers.push(number.clone());
                    reversed.push(number);
                }
            }
        }
        reversed.reverse();
        numbers.reverse();
        Device {
            id: reversed.concat(),
            numbers,
        }
    }
}

fn range_of(text: &str) -> Option<Part> {
    let (from, to) = text.split_once("..")?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    let digits = match from.strip_prefix('0') {
        Some(rest) if !rest.is_empty() => from.len(),
        _ => 1,
    };
    if !is_number(from) || !is_number(to) {
        return None;
    }
    let (from, to): (u64, u64) = (from.parse().ok()?, to.parse().ok()?);
    let length = to.checked_sub(from)?.checked_add(1)?;
    Some(Part::Range(from, length, digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, expected: &[&str]) {
        let ids = Ids::parse(pattern).unwrap();
        let found: Vec<String> = ids.devices().map(|device| device.id).collect();
        assert_eq!(found, expected);
        assert_eq!(ids.count(), expected.len() as u64);
    }

    #[test]
    fn a_pattern_is_a_list_of_ids() {
        check("pump", &["pump"]);
        check("pump-{1..3}", &["pump-1", "pump-2", "pump-3"]);
        check("{09..10}", &["09", "10"]);
        check("{0..1}x", &["0x", "1x"]);
        check("b{1..2}-s{1..2}", &["b1-s1", "b1-s2", "b2-s1", "b2-s2"]);
        check("{7..7}", &["7"]);
    }

    #[test]
    fn a_device_knows_its_numbers() {
        let ids = Ids::parse("b{1..2}-s{01..02}").unwrap();
        let last = ids.devices().last().unwrap();
        assert_eq!(last.numbers, ["2", "02"]);
        assert_eq!(last.fill("{1}-{2}-{3}"), "2-02-{3}");
        assert_eq!(ids.ranges(), 2);
    }

    #[test]
    fn what_is_not_a_pattern_says_why() {
        let error = |text: &str| Ids::parse(text).unwrap_err().to_string();
        assert_eq!(error("a{1..2"), "a `{` is not closed");
        for range in ["", "1", "1..", "..2", "2..1", "-1..2", "1...2", "+1..2"] {
            let expected = format!("`{{{range}}}` is not a range such as {{1..200}}");
            assert_eq!(error(&format!("a{{{range}}}")), expected);
        }
        let most = format!("{{0..{}}}", u64::MAX);
        assert!(error(&most).contains("not a range"));
        assert!(error("{1..2000}{1..1000}").contains("these are 2000000 devices"));
        assert!(error(&format!("{{1..{}}}{{1..9}}", u64::MAX)).contains("devices"));
    }
}
