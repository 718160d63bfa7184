//! The names that a policy has, for what scenarios say in short.

use dps_allocation::HubName;
use dps_allocation::tables::{Canonical, Column, Kind, TableName, Tables};

/// Hubs, pools and rows of a policy.
#[derive(Debug)]
pub(super) struct Names {
    /// Classic host name, pools.
    hubs: Vec<(HubName, Vec<String>)>,
    pub(super) tenants: Vec<String>,
    pub(super) rules: Vec<String>,
    pub(super) rollouts: Vec<String>,
    /// The only enrollment, if there is one and its row names it as a whole.
    pub(super) only_enrollment: Option<String>,
    /// Whether a decision depends on the time.
    pub(super) is_dated: bool,
}

impl Names {
    pub(super) fn of(tables: &Tables) -> Self {
        let (rows, _findings) = Canonical::read(tables);
        let keys = |table| rows.rows(table).map(|row| row.key().to_owned()).collect();
        let hubs = rows.rows(TableName::Hubs).filter_map(|row| {
            let pools = row.get(Column::Pools).unwrap_or_default().split(';');
            let name = HubName::parse(row.key()).ok()?;
            Some((name, pools.map(str::to_owned).collect()))
        });
        let enrollments: Vec<String> = keys(TableName::Enrollments);
        let only = enrollments.first().filter(|_| enrollments.len() == 1);
        Self {
            hubs: hubs.collect(),
            tenants: keys(TableName::Tenants),
            rules: keys(TableName::Rules),
            rollouts: keys(TableName::Rollouts),
            only_enrollment: only.filter(|id| !id.contains('*')).cloned(),
            is_dated: TableName::all().any(|table| is_dated(&rows, table)),
        }
    }

    /// Every hub, by its classic host name.
    pub(super) fn hosts(&self) -> impl Iterator<Item = &str> {
        self.hubs.iter().map(|(name, _)| name.as_str())
    }

    /// Every hub in short.
    pub(super) fn labels(&self) -> impl Iterator<Item = &str> {
        self.hubs.iter().map(|(name, _)| name.label())
    }

    /// The host name of a hub that is written in short, or as it is; `None` for an unknown label.
    pub(super) fn host(&self, written: &str) -> Option<String> {
        if written.contains('.') {
            return Some(written.to_owned());
        }
        let mut hubs = self.hubs.iter().map(|(name, _)| name);
        let found = hubs.find(|name| name.label().eq_ignore_ascii_case(written));
        found.map(|name| name.as_str().to_owned())
    }

    /// A hub in short, as a scenario would write it.
    pub(super) fn short<'h>(&'h self, host: &'h str) -> &'h str {
        let folded = HubName::fold(host);
        let mut hubs = self.hubs.iter().map(|(name, _)| name);
        hubs.find(|name| name.as_str() == folded)
            .map_or(host, HubName::label)
    }

    /// Every pool.
    pub(super) fn pools(&self) -> impl Iterator<Item = &str> {
        let pools = self.hubs.iter().flat_map(|(_, pools)| pools);
        pools.map(String::as_str).filter(|pool| !pool.is_empty())
    }

    /// The hubs of a pool.
    pub(super) fn of_pool(&self, pool: &str) -> Vec<String> {
        let hubs = self.hubs.iter();
        let hubs = hubs.filter(|(_, pools)| pools.iter().any(|it| it.eq_ignore_ascii_case(pool)));
        hubs.map(|(name, _)| name.as_str().to_owned()).collect()
    }
}

/// Whether a table says something else at another time.
fn is_dated(rows: &Canonical, table: TableName) -> bool {
    table.columns().iter().any(|(column, kind)| {
        let mut cells = rows.rows(table).filter_map(|row| row.get(*column));
        cells.any(|text| reads_time(*kind, text))
    })
}

fn reads_time(kind: Kind, text: &str) -> bool {
    match kind {
        Kind::Instant => true,
        // A first step may have no time.
        Kind::Steps => text.contains('='),
        Kind::Expression => has_word(text, "now"),
        Kind::Object => text.contains("${") && has_word(text, "now"),
        _ => false,
    }
}

fn has_word(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.split(|c| !is_part(c)).any(|it| it == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_depends_on_the_time_is_known() {
        assert!(reads_time(Kind::Instant, "2026-12-01"));
        assert!(reads_time(Kind::Steps, "1% 2026-12-01=2%"));
        assert!(!reads_time(Kind::Steps, "100%"));
        assert!(reads_time(Kind::Expression, "timestamp(0)<now"));
        assert!(!reads_time(
            Kind::Expression,
            "payload.known && payload.now_ == 1"
        ));
        assert!(reads_time(Kind::Object, r#"{"since": "${now}"}"#));
        assert!(!reads_time(Kind::Object, r#"{"when": "now"}"#));
        assert!(!reads_time(Kind::Text, "now"));
    }
}
