//! The rows that can be asked about one device of an enrollment.

use std::collections::BTreeSet;

use dps_allocation::tables::{Column, TableName};

use super::enrollment::Enrollment;
use crate::prove::side::Side;

/// Rows that can be asked about one device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scope {
    /// Keys of `enrollments`.
    pub(crate) enrollments: BTreeSet<String>,
    pub(crate) tenants: BTreeSet<String>,
}

/// What picks the tenant of a device: a row, its tenants, and the expression.
type Pick<'a> = (&'a str, Option<&'a str>, Option<&'a str>);

/// Every device of an enrollment is in one of these.
///
/// If all sides pick the tenant alike, a device has the same tenant on each of them.
pub(super) fn scopes(sides: &[Side<'_>], enrollment: &Enrollment) -> Vec<Scope> {
    let is_alike = all_alike(sides, |side| keys(side).collect::<BTreeSet<_>>());
    let picks_of = |side| picks(side, enrollment, is_alike);
    let all: BTreeSet<Pick<'_>> = sides.iter().flat_map(picks_of).collect();
    let enrollments: BTreeSet<String> = all.iter().map(|(key, ..)| (*key).to_owned()).collect();
    let mut tenants = BTreeSet::new();
    for side in sides {
        for (_, listed, _) in picks(side, enrollment, is_alike) {
            tenants.extend(listed_in(side, listed.unwrap_or_default()));
        }
    }
    let scope = |tenants| Scope {
        enrollments: enrollments.clone(),
        tenants,
    };
    if all.len() > 1 || !all_alike(sides, picks_of) {
        return vec![scope(tenants)];
    }
    let each = tenants.into_iter();
    each.map(|it| scope(BTreeSet::from([it]))).collect()
}

fn all_alike<'a, 'p, T: PartialEq>(
    sides: &'a [Side<'p>],
    what: impl Fn(&'a Side<'p>) -> T,
) -> bool {
    let mut all = sides.iter().map(what);
    let first = all.next();
    all.all(|it| Some(it) == first)
}

fn keys<'a>(side: &'a Side<'_>) -> impl Iterator<Item = &'a str> {
    side.rows.rows(TableName::Enrollments).map(|row| row.key())
}

/// The rows of a side that devices of the enrollment may come through. If the rows of the sides are
/// not alike, an id that matches a pattern on one side may match any pattern on this one.
fn picks<'a>(side: &'a Side<'_>, enrollment: &Enrollment, is_alike: bool) -> Vec<Pick<'a>> {
    let may_match = |key: &str| match (enrollment.is_individual, is_alike) {
        (false, _) => side.policy.enrollment_row(&enrollment.id) == Some(key),
        (true, true) => key == enrollment.row,
        (true, false) => key.contains('*'),
    };
    let rows = side.rows.rows(TableName::Enrollments);
    rows.filter(|row| may_match(row.key()))
        .map(|row| {
            (
                row.key(),
                row.get(Column::Tenants),
                row.get(Column::TenantFrom),
            )
        })
        .collect()
}

/// The tenants that a cell names; patterns may name all.
fn listed_in(side: &Side<'_>, cell: &str) -> Vec<String> {
    if cell.contains('*') {
        let all = side.rows.rows(TableName::Tenants);
        return all.map(|row| row.key().to_owned()).collect();
    }
    cell.split(';').map(str::to_owned).collect()
}
