//! Registration ids: one for each way in which rows and rollouts tell ids apart.

use std::collections::BTreeSet;

use dps_allocation::bucket::BucketSalt;
use dps_allocation::tables::{Column, TableName};
use jiff::Timestamp;

use super::enrollments::Enrollment;
use crate::prove::expression::texts;
use crate::prove::side::Side;

/// How many ids are tried for each combination of shares.
const TRIES: u32 = 4000;

/// Ids of an enrollment for a moment: each form of id, in and outside of each share that selects
/// only some.
pub(super) fn ids(sides: &[Side<'_>], enrollment: &Enrollment, at: Timestamp) -> Vec<String> {
    let shares = shares(sides, at);
    let mut all = Vec::new();
    for form in forms(sides, enrollment) {
        let mut seen = BTreeSet::new();
        let wanted = 1_usize.checked_shl(u32::try_from(shares.len()).unwrap_or(u32::MAX));
        let wanted = wanted.unwrap_or(usize::MAX);
        let tries = if form.contains('#') { TRIES } else { 1 };
        for number in 0..tries {
            let id = form.replace('#', &number.to_string());
            let bucket = |(salt, units): &(BucketSalt, u32)| salt.bucket(&id).number() < *units;
            let key: Vec<bool> = shares.iter().map(bucket).collect();
            if seen.insert(key) {
                all.push(id);
            }
            if seen.len() >= wanted {
                break;
            }
        }
    }
    all
}

/// The rollouts that select some devices and not others.
fn shares(sides: &[Side<'_>], at: Timestamp) -> Vec<(BucketSalt, u32)> {
    let mut named: BTreeSet<(String, u32)> = BTreeSet::new();
    for side in sides {
        for rollout in side.policy.rollouts() {
            let row = side
                .rows
                .find(TableName::Rollouts, rollout.scope(), rollout.id());
            let salt = row
                .and_then(|row| row.get(Column::Salt))
                .unwrap_or(rollout.id());
            let units = rollout.share(at).units();
            if (1..100_000).contains(&units) {
                named.insert((salt.to_owned(), units));
            }
        }
    }
    let named = named.into_iter();
    named
        .map(|(salt, units)| (BucketSalt::new(&salt), units))
        .collect()
}

/// Forms of ids, in which `#` is a number: a plain one, and those that rows name.
fn forms(sides: &[Side<'_>], enrollment: &Enrollment) -> Vec<String> {
    let mut forms = BTreeSet::from(["device-#".to_owned()]);
    let mut words = BTreeSet::new();
    for (_, text) in sides.iter().flat_map(Side::expressions) {
        // The id of an individual enrollment is that of its device.
        let is_id_of_device = enrollment.is_individual && text.contains("enrollment.id");
        if text.contains("registrationId") || is_id_of_device {
            let own: BTreeSet<String> = texts(text).0.into_iter().filter(|it| is_id(it)).collect();
            for first in &own {
                let others = own.iter().filter(|it| *it != first);
                forms.extend(others.map(|last| format!("{first}#{last}")));
            }
            words.extend(own);
        }
    }
    for word in &words {
        forms.insert(word.clone());
        forms.insert(format!("{word}#"));
        forms.insert(format!("d#{word}"));
    }
    if words.len() > 1 {
        let all: Vec<&str> = words.iter().map(String::as_str).collect();
        forms.insert(format!("#{}#", all.join("")));
    }
    for side in sides {
        for row in side.rows.rows(TableName::Rollouts) {
            for column in [Column::Include, Column::Exclude] {
                let patterns = row.get(column).unwrap_or_default().split(';');
                forms.extend(
                    patterns
                        .filter(|it| !it.is_empty())
                        .map(|it| it.replace('*', "#")),
                );
            }
        }
    }
    forms.extend(enrollment.devices.iter().cloned());
    forms.extend(enrollment.tenants.iter().map(|it| format!("{it}-#")));
    let ids = forms.into_iter().map(|form| {
        if enrollment.is_individual && !matches_pattern(&enrollment.id, &form) {
            enrollment.id.replace('*', &form)
        } else {
            form
        }
    });
    let ids: BTreeSet<String> = ids.map(|id| tidy(&id)).collect();
    let mut ids: Vec<String> = ids.into_iter().collect();
    // A plain id makes the better example.
    ids.sort_by_key(|id| !id.contains("device-"));
    ids
}

fn is_id(text: &str) -> bool {
    let may_be = |c: char| c.is_ascii_alphanumeric() || "-._:".contains(c);
    !text.is_empty() && text.len() < 100 && text.chars().all(may_be)
}

/// An id ends in a letter, a digit or `-`, and is in lower case.
fn tidy(form: &str) -> String {
    let form = form.to_lowercase();
    if form.ends_with(['.', '_', ':']) {
        form + "#"
    } else {
        form
    }
}

/// Whether a pattern with one `*` matches a form.
fn matches_pattern(pattern: &str, form: &str) -> bool {
    match pattern.split_once('*') {
        Some((begin, end)) => {
            form.len() >= begin.len() + end.len() && form.starts_with(begin) && form.ends_with(end)
        }
        None => pattern == form,
    }
}
