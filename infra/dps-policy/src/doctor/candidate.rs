//! A candidate policy, beside the one in use.

use serde::Deserialize as _;
use serde_json::Value;

use super::finding::Checks;
use crate::output::counted;
use crate::screen::short_revision;
use crate::webhook::{OTHER_VERSION, Reported};

const NAME: &str = "candidate";

/// How a candidate policy decides, next to the one in use; `shadow` is what the webhook says of it.
pub(super) fn check(checks: &mut Checks, shadow: &Value) {
    if let Ok(shadow) = Reported::deserialize(shadow) {
        reported(checks, &shadow);
    } else {
        let [detail, help] = OTHER_VERSION;
        checks.bad(NAME, detail, help);
    }
}

fn reported(checks: &mut Checks, shadow: &Reported) {
    let revision = shadow.revision.as_deref().map(short_revision);
    let goes_on = revision.as_ref().map_or_else(
        || "decides no candidate".to_owned(),
        |revision| format!("decides by {revision}"),
    );
    if shadow.unreadable.is_some() {
        let detail = format!("the webhook cannot read its tables, and {goes_on}");
        let help = "check the role of its identity on them, and the network between them";
        checks.bad(NAME, detail, help);
        return;
    }
    if shadow.last_refused.is_some() {
        let detail = format!("the webhook has refused its last edit, and {goes_on}");
        let help = "run `dps-policy check` on its tables, and correct them";
        checks.bad(NAME, detail, help);
        return;
    }
    let Some(revision) = revision else {
        let help = "run `dps-policy shadow start DRAFT`, or remove the setting POLICY_SHADOW";
        checks.not_checked(NAME, "there is none: its tables are empty or missing", help);
        return;
    };
    let total = counted(shadow.decisions.values().sum::<u64>(), "decision");
    let counts = shadow.decisions.iter();
    let counts = counts.map(|(difference, count)| format!("{count} {difference}"));
    let counts = counts.collect::<Vec<_>>().join(", ");
    let detail = format!("revision {revision}, {total}: {counts}");
    checks.good(NAME, detail.trim_end_matches(": "));
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::doctor::finding::{Checks, Verdict};

    #[test]
    fn a_candidate_that_is_not_up_to_date_is_bad() {
        let check = |member: &str, value: Value, verdict: Verdict, detail: &str| {
            let mut shadow = json!({
                "revision": "0123456789abcdef", "source": "tables", "decisions": {"hub": 2}
            });
            shadow[member] = value;
            let mut checks = Checks::default();
            super::check(&mut checks, &shadow);
            let check = checks.into_vec().pop().unwrap();
            assert_eq!(check.verdict, verdict, "{check:?}");
            assert!(check.detail.contains(detail), "{check:?}");
        };
        check(
            "lastRefused",
            Value::Null,
            Verdict::Good,
            "2 decisions: 2 hub",
        );
        let refused = json!({"at": "2026-11-26T12:00:00Z", "findings": []});
        check(
            "lastRefused",
            refused,
            Verdict::Bad,
            "refused its last edit",
        );
        let cause = json!({"since": "2026-11-26T12:00:00Z", "error": "timeout"});
        check("unreadable", cause, Verdict::Bad, "cannot read its tables");
        check(
            "revision",
            Value::Null,
            Verdict::NotChecked,
            "empty or missing",
        );
        check(
            "decisions",
            json!(["hub", 2]),
            Verdict::Bad,
            "of another version",
        );
    }
}
