//! Locations of all tables: unknown names, and coordinates that are clearly swapped.

use std::collections::HashSet;

use crate::expression::Expression;
use crate::finding::Finding;
use crate::geo::{self, Point};
use crate::nearest::did_you_mean;
use crate::policy::model::Policy;
use crate::schema::{Column, TableName};
use crate::tables::{Canonical, CanonicalRow};

/// Maximum number of locations that are reported per table; there may be a million devices.
const MAX_REPORTED: usize = 20;

pub(super) fn check(policy: &Policy, rows: &Canonical, findings: &mut Vec<Finding>) {
    let measured = |column| -> HashSet<&str> {
        let rows = rows.rows(TableName::Latency);
        rows.filter_map(|row| row.get(column)).collect()
    };
    let (places, regions) = (measured(Column::PartitionKey), measured(Column::RowKey));
    let cells = [
        (TableName::Hubs, Column::Region, &regions),
        (TableName::Enrollments, Column::Location, &places),
        (TableName::Latency, Column::PartitionKey, &places),
        (TableName::Devices, Column::Location, &places),
    ];
    for row in rows.rows(TableName::Tenants) {
        let tenant = policy.tenants.find(row.key());
        let from = tenant.and_then(|tenant| tenant.settings.location_from.as_deref());
        for text in from.map(Expression::texts).unwrap_or_default() {
            let location = geo::canonical(text);
            if !location.is_empty() && looks_wrong(policy, &location, &places) {
                findings.push(finding(&row, Column::LocationFrom, &location, &places));
            }
        }
    }
    let named = named(rows);
    for (table, column, known) in cells {
        let mut seen = HashSet::new();
        let looks_wrong = rows.rows(table).filter_map(|row| {
            let location = row.get(column)?;
            let is_of_latency = table == TableName::Latency;
            let wrong = seen.insert(location)
                && (looks_wrong(policy, location, known)
                    || is_of_latency && !named.contains(location) && is_nearly_a_region(location));
            wrong.then_some((row, location))
        });
        for (number, (row, location)) in looks_wrong.enumerate() {
            if number == MAX_REPORTED {
                let rule = "further locations look wrong too";
                let help = "correct these first, then check again";
                findings.push(row.cell(column).warning(rule, help));
                break;
            }
            findings.push(finding(&row, column, location, known));
        }
    }
}

/// The locations that rows give to devices.
fn named(rows: &Canonical) -> HashSet<&str> {
    let tables = [TableName::Enrollments, TableName::Devices];
    let rows = tables.into_iter().flat_map(|table| rows.rows(table));
    rows.filter_map(|row| row.get(Column::Location)).collect()
}

/// Whether a word is not an Azure region, and is nearly the name of one.
fn is_nearly_a_region(location: &str) -> bool {
    !location.contains(',')
        && Point::parse(location).is_none()
        && !did_you_mean(location, Point::regions()).is_empty()
}

/// Whether a word is unknown, or coordinates are clearly swapped.
fn looks_wrong(policy: &Policy, location: &str, known: &HashSet<&str>) -> bool {
    if location.contains(',') && Point::parse(location).is_some() {
        return geo::looks_swapped(location).is_some();
    }
    !known.contains(location) && !policy.latency.lists(location)
}

fn finding<'n>(
    row: &CanonicalRow<'_>,
    column: Column,
    location: &str,
    known: &HashSet<&'n str>,
) -> Finding {
    if let Some(swapped) = geo::looks_swapped(location) {
        let rule = format!("`{location}` looks like longitude,latitude");
        let help = format!("write {swapped} if that is meant: the latitude comes first");
        return row.cell(column).warning(rule, help);
    }
    if row.table() == TableName::Latency && is_nearly_a_region(location) {
        let rule = format!("`{location}` is not the name of a public Azure region");
        let meant = did_you_mean(location, Point::regions());
        let help = format!("{meant}devices of that region do not use this row");
        return row.cell(column).warning(rule, help);
    }
    let rule = format!(
        "`{location}` is an unknown location: it is neither a public Azure region nor in a row \
         of latency"
    );
    let regions = Point::regions().map(|name| -> &'n str { name });
    let names = known.iter().copied().chain(regions);
    let meant = did_you_mean(location, names);
    let help = format!("{meant}write a region, latitude,longitude, or add rows to latency");
    row.cell(column).warning(rule, help)
}
