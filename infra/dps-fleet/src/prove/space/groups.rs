//! The groups that a pattern of `enrollments` names.

use std::collections::BTreeSet;

use dps_allocation::tables::TableName;

use super::automaton::Automaton;
use super::enrollment::Enrollment;
use crate::prove::atoms::{Atom, Atoms, Id};
use crate::prove::side::Side;
use crate::prove::unknown::Unknown;

/// A group for each way in which rows tell the ids of groups apart.
pub(super) fn of_pattern(
    pattern: &Enrollment,
    sides: &[Side<'_>],
    unknown: &mut Vec<Unknown>,
) -> Vec<Enrollment> {
    let mut atoms = BTreeSet::new();
    for side in sides {
        for (_, text) in side.expressions() {
            atoms.extend(Atoms::of(text, Id::Enrollment).all);
        }
        let rows = side.rows.rows(TableName::Enrollments);
        let patterns = rows.map(|row| row.key()).filter(|key| key.contains('*'));
        atoms.extend(patterns.map(|key| Atom::globs([key])));
    }
    let has_row = Atom::one_of(pattern.others.iter().cloned());
    let (id, own) = (Atom::id(), Atom::globs([&*pattern.row]));
    let all: Vec<&Atom> = [&id, &has_row, &own].into_iter().chain(&atoms).collect();
    let examples = Automaton::new(&all)
        .map(|mut automaton| automaton.examples(|matches| matches!(**matches, [0, 2, ..])));
    if examples.as_ref().is_none_or(|it| it.is_cut) {
        unknown.push(Unknown {
            place: format!("enrollments enrollment/{}", pattern.row),
            why: "rows tell the ids of groups apart in too many ways; the others were not decided"
                .to_owned(),
        });
    }
    let ids = examples.into_iter().flat_map(|it| it.ids.into_values());
    let is_for_the_row = |id: &String| {
        let mut rows = sides.iter().map(|side| side.policy.enrollment_row(id));
        rows.any(|row| row == Some(&pattern.row))
    };
    ids.filter(is_for_the_row)
        .map(|id| Enrollment {
            id,
            is_individual: false,
            others: Vec::new(),
            ..pattern.clone()
        })
        .collect()
}
