//! Enrollments of the same kind.

use std::collections::BTreeSet;

use dps_allocation::tables::{CanonicalRow, Column, TableName};

use super::enrollment::{Enrollment, MAX_DEVICES};
use super::groups;
use super::tenants::Kinds;
use crate::prove::claim::Claim;
use crate::prove::side::Side;
use crate::prove::unknown::Unknown;

/// One enrollment of each kind, on any side; each of them if an expression reads the enrollment.
///
/// A pattern stands for individual enrollments, and for the groups that it names.
pub(super) fn enrollments(
    claim: &Claim,
    sides: &[Side<'_>],
    kinds: &Kinds,
    unknown: &mut Vec<Unknown>,
) -> Vec<Enrollment> {
    let mut expressions = sides.iter().flat_map(Side::expressions);
    let reads = expressions.any(|(_, text)| text.contains("enrollment."));
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    for side in sides {
        for row in side.rows.rows(TableName::Enrollments) {
            let is_asked = match claim {
                // On the other side the row may be missing, and another one in its place.
                Claim::Same(only) => sides.iter().any(|side| {
                    let counts = side.policy.enrollment_row(row.key());
                    let mut named = [Some(row.key()), counts].into_iter().flatten();
                    named.any(|key| only.eq_ignore_ascii_case(key))
                }),
                _ => true,
            };
            let kind: Vec<String> = sides
                .iter()
                .map(|side| kind(side, row.key(), kinds))
                .collect();
            let is_alone = reads || row.key().contains('*') || hands_over(sides, row.key());
            let alone = is_alone.then(|| row.key().to_owned());
            if is_asked && seen.insert((kind, alone)) {
                let one = enrollment(&row, sides);
                if one.is_individual {
                    all.extend(groups::of_pattern(&one, sides, unknown));
                }
                all.push(one);
            }
        }
    }
    all
}

/// Whether the sides let other tenants through a row.
fn hands_over(sides: &[Side<'_>], id: &str) -> bool {
    let tenants = |side: &Side<'_>| {
        let row = side.rows.find(TableName::Enrollments, "enrollment", id);
        row.and_then(|row| row.get(Column::Tenants).map(str::to_owned))
    };
    let all: BTreeSet<_> = sides.iter().map(tenants).collect();
    all.len() > 1
}

/// What the row says, with tenants by their kinds.
fn kind(side: &Side<'_>, id: &str, kinds: &Kinds) -> String {
    let Some(row) = side.rows.find(TableName::Enrollments, "enrollment", id) else {
        return String::new();
    };
    let cells = row.cells().map(|(column, text)| match column {
        Column::RowKey | Column::Twin => String::new(),
        Column::Tenants if !text.contains('*') => format!("{:?}", kinds.of(text.split(';'))),
        _ => format!("{column:?}={text}"),
    });
    cells.collect::<Vec<_>>().join("|")
}

fn enrollment(row: &CanonicalRow<'_>, sides: &[Side<'_>]) -> Enrollment {
    // On the other side the row may say something else, or a pattern may be in its place.
    let keys = |side: &Side<'_>| -> BTreeSet<String> {
        let rows = side.rows.rows(TableName::Enrollments);
        rows.map(|row| row.key().to_owned()).collect()
    };
    let differ = sides
        .windows(2)
        .any(|pair| pair.iter().map(keys).collect::<BTreeSet<_>>().len() > 1);
    let counts =
        |it: &CanonicalRow<'_>| it.key() == row.key() || (differ && it.key().contains('*'));
    let says = |column: Column, is: fn(&str) -> bool| {
        sides.iter().any(|side| {
            let mut rows = side.rows.rows(TableName::Enrollments).filter(counts);
            rows.any(|row| row.get(column).is_some_and(is))
        })
    };
    let reads_rows = says(Column::DeviceRows, |it| it != "off");
    let rows = sides
        .iter()
        .flat_map(|side| side.rows.rows(TableName::Devices));
    let devices: BTreeSet<&str> = rows.map(|row| row.partition()).collect();
    let by_id = says(Column::TenantFrom, |it| it.contains("registrationId"));
    let tenants = sides
        .iter()
        .flat_map(|side| side.rows.rows(TableName::Tenants));
    let tenants: BTreeSet<&str> = tenants.map(|row| row.key()).collect();
    let is_pattern = row.key().contains('*');
    let rows = sides
        .iter()
        .flat_map(|side| side.rows.rows(TableName::Enrollments));
    let others: BTreeSet<&str> = rows
        .map(|row| row.key())
        .filter(|key| is_pattern && !key.contains('*'))
        .collect();
    Enrollment {
        row: row.key().to_owned(),
        id: row.key().to_owned(),
        is_individual: is_pattern,
        others: others.into_iter().map(str::to_owned).collect(),
        devices: devices
            .into_iter()
            .take(MAX_DEVICES)
            .filter(|_| reads_rows)
            .map(str::to_owned)
            .collect(),
        tenants: tenants
            .into_iter()
            .filter(|_| by_id)
            .map(str::to_owned)
            .collect(),
    }
}
