//! Tenants of the same kind: no row tells their devices apart.

use std::collections::{BTreeMap, BTreeSet};

use dps_allocation::tables::{CanonicalRow, Column, TableName};

use crate::prove::claim::Claim;
use crate::prove::side::Side;

/// Each tenant with the one that stands for its kind.
#[derive(Debug)]
pub(super) struct Kinds(BTreeMap<String, String>);

impl Kinds {
    pub(super) fn representatives(&self) -> Vec<String> {
        let all: BTreeSet<&String> = self.0.values().collect();
        all.into_iter().cloned().collect()
    }

    /// Those that stand for these tenants.
    pub(super) fn of<'a>(&'a self, tenants: impl Iterator<Item = &'a str>) -> BTreeSet<&'a str> {
        tenants
            .filter_map(|it| self.0.get(it).map(String::as_str))
            .collect()
    }
}

/// Cells that change no hub: where a device goes does not depend on them.
const IDLE: [Column; 3] = [Column::RowKey, Column::Twin, Column::Reply];

/// Groups tenants by their cells on all sides. One that other rows name is of a kind of its own,
/// and so is each if an expression reads the tenant.
///
/// If an edit may hand devices of one tenant to another, two of a kind stand for it, so that this
/// can be seen of tenants of the same kind too.
pub(super) fn kinds(claim: &Claim, sides: &[Side<'_>]) -> Kinds {
    let mut named: BTreeSet<&str> = BTreeSet::new();
    for side in sides {
        for table in [TableName::Rules, TableName::Rollouts] {
            named.extend(side.rows.rows(table).map(|row| row.partition()));
        }
    }
    let mut expressions = sides.iter().flat_map(Side::expressions);
    let reads_tenant = expressions.any(|(_, text)| {
        let reads = text.match_indices("tenant");
        let mut ends = reads.map(|(at, word)| text.get(at + word.len()..).unwrap_or_default());
        ends.any(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()))
    });
    let limits_tenants = sides.iter().any(|side| {
        let mut hubs = side.rows.rows(TableName::Hubs);
        hubs.any(|row| row.get(Column::Tenants).is_some())
    });
    let most = if picks_differ(sides) { 2 } else { 1 };
    let mut of_kind: BTreeMap<Vec<(usize, Column, &str)>, Vec<String>> = BTreeMap::new();
    let mut kinds = BTreeMap::new();
    for id in sides
        .iter()
        .flat_map(|side| side.rows.rows(TableName::Tenants))
        .map(|row| row.key())
    {
        let is_alone = reads_tenant
            || limits_tenants
            || named.contains(id)
            || matches!(claim, Claim::OnlyTenant(only) if only.eq_ignore_ascii_case(id));
        let mut cells = Vec::new();
        for (number, side) in sides.iter().enumerate() {
            if let Some(row) = side.rows.find(TableName::Tenants, "tenant", id) {
                let rest = row.cells().filter(|(column, _)| !IDLE.contains(column));
                cells.extend(rest.map(|(column, text)| (number, column, text)));
            }
        }
        if is_alone {
            cells.push((usize::MAX, Column::RowKey, id));
        }
        let stand = of_kind.entry(cells).or_default();
        if stand.len() < most && !kinds.contains_key(id) {
            stand.push(id.to_owned());
        }
        if let Some(last) = stand.last() {
            kinds.entry(id.to_owned()).or_insert_with(|| last.clone());
        }
    }
    Kinds(kinds)
}

/// Whether the sides pick tenants by other cells of `enrollments`.
fn picks_differ(sides: &[Side<'_>]) -> bool {
    let picks = |side: &Side<'_>| -> BTreeSet<[String; 3]> {
        let rows = side.rows.rows(TableName::Enrollments);
        let cell = |row: &CanonicalRow<'_>, column| row.get(column).unwrap_or_default().to_owned();
        let rows = rows.map(|row| {
            let [tenants, from] = [Column::Tenants, Column::TenantFrom].map(|it| cell(&row, it));
            [row.key().to_owned(), tenants, from]
        });
        rows.collect()
    };
    let all: BTreeSet<_> = sides.iter().map(picks).collect();
    all.len() > 1
}
