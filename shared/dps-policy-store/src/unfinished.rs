//! A push that has not finished, as the `Revisions` table shows it.

use std::fmt;
use std::ops::RangeInclusive;

use dps_allocation::{Finding, RevisionPrefix, Severity};
use jiff::Timestamp;

use crate::azure::model::{ETag, Key, StoredRow};
use crate::pushed_by::PushedBy;
use crate::report_key::ReportKey;

/// A push that has not finished: it is under way, or was interrupted.
#[derive(Clone, Debug)]
pub struct Unfinished {
    /// The revision that was to be pushed.
    pub revision: String,
    /// Who pushed.
    pub by: PushedBy,
    /// When it began, by the clock of the store.
    pub started: Option<Timestamp>,
    /// The revision that the tables were before it; none if they were no policy.
    pub before: Option<RevisionPrefix>,
    /// Why, in the words of the author.
    pub(crate) reason: String,
    /// What was predicted of it.
    pub(crate) report: Option<ReportKey>,
    pub(crate) version: ETag,
}

/// The partition of the marker, which every poll of the tables reads too.
pub(crate) const PUSHES: &str = "push";
const CURRENT: &str = "current";

/// The keys of the marker.
pub(crate) fn marker_key() -> Key {
    Key::ours(PUSHES, CURRENT)
}

/// What the partition of pushes holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pushes {
    pub(crate) unfinished: Option<Unfinished>,
    /// Rows that are not the marker of a push: they stop neither a poll nor a push.
    pub(crate) strays: Vec<StoredRow>,
}

/// Digits of the shortest revision that any version has written, and of the longest that one may.
const DIGITS: RangeInclusive<usize> = 12..=128;

impl Pushes {
    /// Only one row is the marker of a push: that with its keys, which names a revision.
    ///
    /// Its other columns may be missing, or be those of a newer version: while rows may be half of
    /// one version and half of another, waiting is the safe side.
    pub(crate) fn of(rows: Vec<StoredRow>) -> Self {
        let mut pushes = Self::default();
        for row in rows {
            match Unfinished::of(&row) {
                Some(unfinished) => pushes.unfinished = Some(unfinished),
                None => pushes.strays.push(row),
            }
        }
        pushes
    }

    /// A warning for each row that is not the marker of a push.
    pub(crate) fn warnings(&self, table: &str) -> Vec<Finding> {
        let warning = |stray: &StoredRow| {
            let key = &stray.key;
            let rule = format!(
                "the row `{key}` of the table `{table}` is not the marker of a push; it is ignored"
            );
            let help = "delete it, or push or roll back with --resume, which deletes it";
            Finding::outside_tables(rule, help).with(Severity::Warning)
        };
        self.strays.iter().map(warning).collect()
    }
}

impl Unfinished {
    /// None if the row is not the marker of a push.
    fn of(row: &StoredRow) -> Option<Self> {
        let revision = row.cell("revision");
        let is_revision = DIGITS.contains(&revision.len())
            && revision.bytes().all(|byte| byte.is_ascii_hexdigit());
        (row.key == marker_key() && is_revision).then(|| Self {
            revision: revision.to_owned(),
            by: PushedBy::of(row),
            started: row.timestamp,
            before: row.cell("before").parse().ok(),
            reason: row.cell("reason").to_owned(),
            report: ReportKey::of(row),
            version: row.etag.clone(),
        })
    }
}

impl fmt::Display for Unfinished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "a push of revision `{:.12}` ({})",
            self.revision, self.by
        )?;
        if let Some(started) = self.started {
            write!(f, ", begun at {started:.0},")?;
        }
        f.write_str(" has not finished")
    }
}
