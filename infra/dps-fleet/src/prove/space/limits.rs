//! What is not enumerated.

use std::collections::BTreeSet;

use dps_allocation::tables::{Column, TableName};

use super::enrollment::MAX_DEVICES;
use crate::prove::atoms::{Atoms, Id};
use crate::prove::clock;
use crate::prove::expression::reads_fixed;
use crate::prove::side::Side;
use crate::prove::unknown::Unknown;

/// Rows that tell devices apart in a way that the classes do not.
pub(crate) fn limits(sides: &[Side<'_>]) -> Vec<Unknown> {
    let mut unknown = Vec::new();
    let mut add = |place: String, why: String| {
        let found = Unknown { place, why };
        if !unknown.contains(&found) {
            unknown.push(found);
        }
    };
    let hosts: Vec<&str> = sides.iter().flat_map(Side::hosts).collect();
    for side in sides {
        for (place, text) in side.expressions() {
            if let Some(what) = reads_fixed(text, &hosts) {
                let why = format!("`{text}` reads {what}, which is not enumerated");
                add(place.clone(), why);
            }
            if clock::reads_otherwise(text) {
                let why = format!(
                    "`{text}` reads the time in a way that cannot be enumerated; comparisons of now with \
                     timestamp('2026-12-01T00:00:00Z') can"
                );
                add(place.clone(), why);
            }
            let otherwise = [Id::Registration, Id::Enrollment].map(|id| Atoms::of(text, id));
            if otherwise.iter().any(|it| it.reads_otherwise) {
                let why = format!(
                    "`{text}` reads the registration id in a way that cannot be enumerated; contains, \
                     startsWith, endsWith, matches, in, == and != with texts can"
                );
                add(place, why);
            }
        }
    }
    let ids = sides
        .iter()
        .flat_map(|side| side.rows.rows(TableName::Devices));
    let ids: BTreeSet<&str> = ids.map(|row| row.partition()).collect();
    if ids.len() > MAX_DEVICES && sides.iter().any(asks) {
        let why = format!("{} rows; the first {MAX_DEVICES} were decided", ids.len());
        add("devices".to_owned(), why);
    }
    unknown
}

/// Whether an enrollment asks for rows of `devices`.
fn asks(side: &Side<'_>) -> bool {
    let mut rows = side.rows.rows(TableName::Enrollments);
    rows.any(|row| row.get(Column::DeviceRows).is_some_and(|it| it != "off"))
}
