//! What a case expects of a decision.

use dps_allocation::{AssignedReason, RefusedReason, TwinEffect, Unavailable, did_you_mean};

use super::hubs::hosts;
use super::model::{Expect, ExpectedOutcome, ExpectedTwin};
use super::names::Names;
use super::request;
use super::section::Section;

const KEYS: &[&str] = &[
    "hub",
    "pool",
    "reason",
    "tenant",
    "rule",
    "rollout",
    "twin",
    "twinEffect",
    "reply",
    "refused",
    "unavailable",
];

/// The keys that only an assigned device has.
const OF_ASSIGNED: &[&str] = &[
    "hub",
    "pool",
    "reason",
    "twin",
    "twinEffect",
    "reply",
    "rollout",
];

/// Reads the key `expect` of a case; `None` after a fault.
pub(super) fn read(case: &Section<'_>, names: &Names) -> Option<Expect> {
    let Some(section) = case.section("expect", KEYS) else {
        if !case.has("expect") {
            let help = "write what should be decided, such as expect = { hub = \"weu-1\" }";
            case.fault_of("expect", "the case expects nothing", help);
        }
        return None;
    };
    if !KEYS.iter().any(|key| section.has(key)) {
        let help = "write what should be decided, such as hub or refused";
        section.fault_of("", "the case expects nothing", help);
    }
    let outcome = outcome(&section, names);
    Some(Expect {
        outcome,
        tenant: known(&section, "tenant", &names.tenants).and_then(|it| it.into_iter().next()),
        rules: known(&section, "rule", &names.rules),
        rollouts: known(&section, "rollout", &names.rollouts),
    })
}

fn outcome(section: &Section<'_>, names: &Names) -> ExpectedOutcome {
    let refused = section.choice("refused", RefusedReason::all(), RefusedReason::as_str);
    let unavailable = section.choice("unavailable", Unavailable::all(), Unavailable::as_str);
    let assigned = OF_ASSIGNED.iter().find(|key| section.has(key));
    let stated = [
        assigned.copied(),
        section.has("refused").then_some("refused"),
    ];
    let stated = stated.into_iter().flatten();
    let stated: Vec<&str> = stated
        .chain(section.has("unavailable").then_some("unavailable"))
        .collect();
    if let [first, second, ..] = stated[..] {
        let rule = format!("`{first}` and `{second}` cannot both be the answer");
        section.fault_of(second, rule, "leave out one of them");
    }
    match (refused, unavailable) {
        (Some(reason), _) => ExpectedOutcome::Refused(reason),
        (None, Some(cause)) => ExpectedOutcome::Unavailable(cause),
        (None, None) => ExpectedOutcome::Assigned {
            hubs: hubs(section, names),
            reason: section.choice("reason", AssignedReason::all(), AssignedReason::as_str),
            twin: twin(section),
            effect: section.choice("twinEffect", TwinEffect::all(), TwinEffect::as_str),
            reply: section.json("reply"),
        },
    }
}

/// The hubs of `hub` or of `pool`.
fn hubs(section: &Section<'_>, names: &Names) -> Option<Vec<String>> {
    let stated = hosts(section, "hub", names);
    let Some(pool) = section.text("pool") else {
        return stated;
    };
    if stated.is_some() {
        section.fault_of(
            "pool",
            "`hub` says which hubs are right",
            "leave out one of them",
        );
    }
    let hubs = names.of_pool(&pool);
    if hubs.is_empty() {
        let near = did_you_mean(&pool, names.pools());
        section.fault_of(
            "pool",
            format!("no hub is in the pool `{pool}`"),
            format!("{near}name a pool of the table hubs"),
        );
    }
    Some(hubs)
}

fn twin(section: &Section<'_>) -> Option<ExpectedTwin> {
    let value = section.value("twin")?.get_ref();
    if value.as_bool() == Some(false) {
        return Some(ExpectedTwin::None);
    }
    request::twin(section, "twin").map(ExpectedTwin::Holds)
}

/// Names of rows, which must exist; the case of the letters does not matter.
fn known(section: &Section<'_>, key: &str, rows: &[String]) -> Option<Vec<String>> {
    let words = section.words(key)?;
    let found = words.iter().filter_map(|word| {
        let row = rows.iter().find(|row| row.eq_ignore_ascii_case(&word.text));
        if row.is_none() {
            let near = did_you_mean(&word.text, rows.iter().map(String::as_str));
            let rule = format!("no row of the tables is called `{}`", word.text);
            section.fault(
                word.line,
                key,
                rule,
                format!("{near}write the RowKey of a row"),
            );
        }
        row.cloned()
    });
    Some(found.collect())
}
