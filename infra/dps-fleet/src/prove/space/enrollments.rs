//! Enrollments of the same kind.

use std::collections::BTreeSet;

use dps_allocation::tables::{CanonicalRow, Column, TableName};

use super::tenants::Kinds;
use crate::prove::claim::Claim;
use crate::prove::side::Side;

/// An enrollment that stands for its kind.
#[derive(Clone, Debug)]
pub(crate) struct Enrollment {
    /// The row as written; a pattern stands for individual enrollments.
    pub(crate) id: String,
    pub(crate) is_individual: bool,
    /// The registration ids of the tables that come through it by their own rows.
    pub(super) devices: Vec<String>,
    /// Tenants that a registration id may name.
    pub(super) tenants: Vec<String>,
}

/// Most rows of `devices` that are enumerated.
pub(super) const MAX_DEVICES: usize = 1000;

/// One enrollment of each kind, on any side; each of them where an expression reads the enrollment.
pub(super) fn enrollments(claim: &Claim, sides: &[Side<'_>], kinds: &Kinds) -> Vec<Enrollment> {
    let mut expressions = sides.iter().flat_map(Side::expressions);
    let reads = expressions.any(|(_, text)| text.contains("enrollment."));
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    for side in sides {
        for row in side.rows.rows(TableName::Enrollments) {
            let is_asked = match claim {
                Claim::Same(only) => only.eq_ignore_ascii_case(row.key()),
                _ => true,
            };
            let kind: Vec<String> = sides
                .iter()
                .map(|side| kind(side, row.key(), kinds))
                .collect();
            let alone = (reads || row.key().contains('*')).then(|| row.key().to_owned());
            if is_asked && seen.insert((kind, alone)) {
                all.push(enrollment(&row, sides));
            }
        }
    }
    all
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
    let reads_rows = row.get(Column::DeviceRows).is_some_and(|it| it != "off");
    let rows = sides
        .iter()
        .flat_map(|side| side.rows.rows(TableName::Devices));
    let devices: BTreeSet<&str> = rows.map(|row| row.partition()).take(MAX_DEVICES).collect();
    let by_id = row
        .get(Column::TenantFrom)
        .is_some_and(|it| it.contains("registrationId"));
    let tenants = sides
        .iter()
        .flat_map(|side| side.rows.rows(TableName::Tenants));
    let tenants: BTreeSet<&str> = tenants.map(|row| row.key()).collect();
    Enrollment {
        id: row.key().to_owned(),
        is_individual: row.key().contains('*'),
        devices: devices
            .into_iter()
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
