//! Counts of differences, for one revision of the candidate.

use std::collections::BTreeMap;

use parking_lot::Mutex;

use super::difference::Difference;

/// How often each difference was seen; a new revision begins at zero.
#[derive(Debug, Default)]
pub(super) struct Counts(Mutex<Counted>);

#[derive(Debug, Default)]
struct Counted {
    revision: String,
    by_difference: BTreeMap<&'static str, u64>,
}

impl Counts {
    pub(super) fn count(&self, revision: &str, difference: Difference) {
        let mut counted = self.0.lock();
        if counted.revision != revision {
            *counted = Counted {
                revision: revision.to_owned(),
                ..Counted::default()
            };
        }
        let count = counted.by_difference.entry(difference.as_str());
        *count.or_default() += 1;
    }

    /// Those of a revision, without the differences that were not seen.
    pub(super) fn of(&self, revision: &str) -> BTreeMap<&'static str, u64> {
        let counted = self.0.lock();
        if counted.revision == revision {
            counted.by_difference.clone()
        } else {
            BTreeMap::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_revision_begins_at_zero() {
        let counts = Counts::default();
        assert_eq!(counts.of("a"), BTreeMap::new());
        counts.count("a", Difference::Same);
        counts.count("a", Difference::Hub);
        counts.count("a", Difference::Hub);
        assert_eq!(counts.of("a"), BTreeMap::from([("same", 1), ("hub", 2)]));
        counts.count("b", Difference::Undecidable);
        assert_eq!(counts.of("a"), BTreeMap::new());
        assert_eq!(counts.of("b"), BTreeMap::from([("undecidable", 1)]));
    }
}
