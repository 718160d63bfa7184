//! What is not enumerated.

use dps_allocation::tables::{Column, TableName};

use super::enrollments::MAX_DEVICES;
use crate::prove::claim::Claim;
use crate::prove::expression::{reads_fixed, reads_id_otherwise};
use crate::prove::side::Side;
use crate::prove::unknown::Unknown;

/// Rows that tell devices apart in a way that the classes do not.
pub(crate) fn limits(claim: &Claim, sides: &[Side<'_>]) -> Vec<Unknown> {
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
            if reads_id_otherwise(text) {
                let why = format!(
                    "`{text}` reads the registration id in a way that cannot be enumerated; contains, \
                     startsWith, endsWith, == and != can"
                );
                add(place, why);
            }
        }
        let rows = side.rows.len(TableName::Devices);
        let asks = side
            .rows
            .rows(TableName::Enrollments)
            .any(|row| row.get(Column::DeviceRows).is_some_and(|it| it != "off"));
        if asks && rows > MAX_DEVICES {
            let why = format!("{rows} rows; the first {MAX_DEVICES} were decided");
            add("devices".to_owned(), why);
        }
    }
    if let Claim::Same(enrollment) = claim {
        let known = |side: &Side<'_>| {
            let mut rows = side.rows.rows(TableName::Enrollments);
            rows.any(|row| row.key().eq_ignore_ascii_case(enrollment))
        };
        if !sides.iter().any(known) {
            add(
                format!("enrollments enrollment/{enrollment}"),
                "there is no such row".to_owned(),
            );
        }
    }
    unknown
}
