//! Registration ids: one for each way in which rows and rollouts tell ids apart.

use std::collections::BTreeSet;

use dps_allocation::RegistrationId;
use dps_allocation::tables::{Column, TableName};
use jiff::Timestamp;

use super::automaton::{Automaton, Matches};
use super::enrollment::Enrollment;
use super::scope::{Scope, scopes};
use super::shares::Shares;
use crate::prove::atoms::{Atom, Atoms, Id};
use crate::prove::expression::texts;
use crate::prove::side::Side;
use crate::prove::unknown::Unknown;

/// How many ids of a form are tried; a tenth is enough to find one in a share of 0.01 %.
const TRIES: u32 = 1_000_000;

/// The same if the claim is undecided anyway.
const FEW_TRIES: u32 = 4000;

/// The ids of an enrollment, without regard to shares, which depend on the moment.
pub(super) struct Ids {
    enrollment: String,
    forms: Vec<Forms>,
    /// Ids that rows name, and others that may refute a claim.
    named: BTreeSet<String>,
    is_cut: bool,
}

/// The ids that the rows of some tenants tell apart.
struct Forms {
    tenants: BTreeSet<String>,
    automaton: Automaton,
    all: Vec<Form>,
}

/// Ids that match the same atoms.
struct Form {
    matches: Matches,
    id: String,
    /// More ids of this form; `#` stands for any number.
    template: Option<String>,
}

/// The numbers of the first atoms.
const IS_ID: usize = 0;
const IS_NAMED: usize = 1;
const HAS_ROW: usize = 2;
const MATCHES_ROW: usize = 3;

impl Ids {
    pub(super) fn of(sides: &[Side<'_>], enrollment: &Enrollment) -> Self {
        let mut ids = Self {
            enrollment: enrollment.row.clone(),
            forms: Vec::new(),
            named: named(sides, enrollment),
            is_cut: false,
        };
        let mut seen: BTreeSet<(BTreeSet<Atom>, Vec<String>)> = BTreeSet::new();
        for scope in scopes(sides, enrollment) {
            let atoms = atoms(sides, enrollment, &scope);
            let listed = atoms.iter().flat_map(|atom| &atom.listed);
            let mut named: BTreeSet<String> = listed.cloned().collect();
            named.extend(enrollment.devices.iter().cloned());
            let rollouts = sides
                .iter()
                .flat_map(|side| side.rollouts_for(&scope.tenants));
            let rollouts = rollouts.map(|(it, _)| format!("{}/{}", it.scope(), it.id()));
            if seen.insert((atoms.clone(), rollouts.collect())) {
                ids.add_forms(sides, enrollment, scope.tenants, (&atoms, &named));
            }
            ids.named.extend(named);
        }
        ids.named.retain(|id| {
            RegistrationId::parse(&**id).is_ok() && comes_through(sides, enrollment, id)
        });
        ids
    }

    /// Adds the ids that the atoms of some tenants tell apart.
    fn add_forms(
        &mut self,
        sides: &[Side<'_>],
        enrollment: &Enrollment,
        tenants: BTreeSet<String>,
        (atoms, named): (&BTreeSet<Atom>, &BTreeSet<String>),
    ) {
        let (id, named) = (Atom::id(), Atom::one_of(named.iter().cloned()));
        let has_row = Atom::one_of(enrollment.others.iter().cloned());
        let row = Atom::globs([if enrollment.is_individual {
            &*enrollment.row
        } else {
            "*"
        }]);
        let first = [&id, &named, &has_row, &row];
        let all: Vec<&Atom> = first.into_iter().chain(atoms).collect();
        let Some(mut automaton) = Automaton::new(&all) else {
            self.is_cut = true;
            return;
        };
        // The ids that rows name are decided one by one.
        let examples = automaton.examples(|matches| {
            let has = |atom: usize| matches.contains(&atom);
            has(IS_ID) && has(MATCHES_ROW) && !has(IS_NAMED) && !has(HAS_ROW)
        });
        self.is_cut |= examples.is_cut;
        let examples = examples.ids.into_iter();
        let examples = examples.filter(|(_, id)| comes_through(sides, enrollment, id));
        let all = examples.map(|(matches, id)| Form {
            template: template(&mut automaton, &matches, &id, enrollment),
            matches,
            id,
        });
        let all = all.collect();
        self.forms.push(Forms {
            tenants,
            automaton,
            all,
        });
    }

    /// The ids for a moment: of each form, one for each combination of shares that it can be in.
    pub(super) fn at(
        &mut self,
        sides: &[Side<'_>],
        at: Timestamp,
        unknown: &mut Vec<Unknown>,
    ) -> BTreeSet<String> {
        let mut all = self.named.clone();
        if self.is_cut {
            unknown.push(Unknown {
                place: format!("enrollments enrollment/{}", self.enrollment),
                why:
                    "rows tell registration ids apart in too many ways; the others were not decided"
                        .to_owned(),
            });
        }
        for forms in &mut self.forms {
            let shares = Shares::of(sides, &forms.tenants, at);
            for form in &forms.all {
                let tries = if unknown.is_empty() { TRIES } else { FEW_TRIES };
                let found = in_shares(form, &mut forms.automaton, &shares, tries, &mut all);
                if found < shares.count() {
                    let names: Vec<&str> = shares.names.iter().map(String::as_str).collect();
                    unknown.push(Unknown {
                        place: format!("rollouts {}", names.join(", ")),
                        why: format!(
                            "no registration id like {} was found for some combination of their \
                             shares at {at}",
                            form.id
                        ),
                    });
                }
            }
        }
        all
    }
}

/// Whether a device comes through the row, on any side.
fn comes_through(sides: &[Side<'_>], enrollment: &Enrollment, id: &str) -> bool {
    let mut rows = sides.iter().map(|side| side.policy.enrollment_row(id));
    !enrollment.is_individual || rows.any(|row| row == Some(&enrollment.row))
}

/// Adds an id of a form for each combination of shares; returns how many were found.
fn in_shares(
    form: &Form,
    automaton: &mut Automaton,
    shares: &Shares,
    tries: u32,
    all: &mut BTreeSet<String>,
) -> usize {
    let mut seen = BTreeSet::new();
    let mut others = (0..tries).map_while(|number| {
        let template = form.template.as_ref()?;
        Some(template.replace('#', &number.to_string()))
    });
    let first = match &form.template {
        Some(_) => others.next(),
        None => Some(form.id.clone()),
    };
    for id in first.into_iter().chain(others) {
        let combination = shares.combination(&id);
        if seen.contains(&combination) || automaton.matches(&id).as_ref() != Some(&form.matches) {
            continue;
        }
        seen.insert(combination);
        all.insert(id);
        if seen.len() == shares.count() {
            break;
        }
    }
    seen.len()
}

/// A text with `#` in place of a number, such that the ids it makes match the same atoms.
fn template(
    automaton: &mut Automaton,
    matches: &Matches,
    id: &str,
    enrollment: &Enrollment,
) -> Option<String> {
    // A plain id makes the better example.
    let plain = if enrollment.is_individual {
        enrollment.row.replacen('*', "device-#", 1).replace('*', "")
    } else {
        "device-#".to_owned()
    };
    let inserted = (0..=id.len()).rev().filter_map(|at| {
        let (before, after) = id.split_at_checked(at)?;
        Some(format!("{before}#{after}"))
    });
    let mut templates = std::iter::once(plain).chain(inserted);
    templates.find(|template| {
        ["7", "42", "1358"].into_iter().all(|number| {
            let id = template.replace('#', number);
            automaton.matches(&id).as_ref() == Some(matches)
        })
    })
}

/// The tests that the rows of some tenants make of registration ids.
fn atoms(sides: &[Side<'_>], enrollment: &Enrollment, scope: &Scope) -> BTreeSet<Atom> {
    let mut atoms = BTreeSet::new();
    for side in sides {
        for text in side.expressions_for(&scope.enrollments, &scope.tenants) {
            atoms.extend(Atoms::of(text, Id::Registration).all);
            if enrollment.is_individual {
                // Its id is that of its device.
                atoms.extend(Atoms::of(text, Id::Enrollment).all);
            }
        }
        for (_, row) in side.rollouts_for(&scope.tenants) {
            for column in [Column::Include, Column::Exclude] {
                let globs = row.get(column).unwrap_or_default().split(';');
                let mut globs = globs.filter(|it| !it.is_empty()).peekable();
                if globs.peek().is_some() {
                    atoms.insert(Atom::globs(globs));
                }
            }
        }
        if enrollment.is_individual {
            let rows = side.rows.rows(TableName::Enrollments);
            let globs = rows.map(|row| row.key()).filter(|key| key.contains('*'));
            atoms.extend(globs.map(|key| Atom::globs([key])));
        }
    }
    atoms
}

/// Ids made of tenants, and of words of expressions that are not understood: they may refute a
/// claim, and prove none.
fn named(sides: &[Side<'_>], enrollment: &Enrollment) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for (_, text) in sides.iter().flat_map(Side::expressions) {
        if Atoms::of(text, Id::Registration).reads_otherwise {
            for word in texts(text).0 {
                named.extend([format!("{word}-1"), format!("d-{word}"), word]);
            }
        }
    }
    named.extend(
        enrollment
            .tenants
            .iter()
            .map(|tenant| format!("{tenant}-1")),
    );
    named.iter().map(|id| id.to_lowercase()).collect()
}
