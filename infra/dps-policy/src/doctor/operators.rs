//! What the webhook tells operators alone: its tables, refused edits, the candidate.

use reqwest::StatusCode;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::candidate;
use super::finding::Checks;
use crate::output::counted;
use crate::webhook::{Client, Keys, Route};

/// What this reads of the answer.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Policy {
    source: String,
    unreadable: Option<IgnoredAny>,
    last_good_saved: Option<IgnoredAny>,
    last_refused: Option<IgnoredAny>,
    #[serde(default)]
    warnings: Vec<IgnoredAny>,
    /// Parsed apart: that of another version is not a fault of the rest.
    shadow: Option<Value>,
}

/// What only operators may see.
pub(super) async fn check(checks: &mut Checks, client: &Client, keys: &Keys) {
    let key = keys.operator.as_ref();
    if key.is_none() && !client.is_local() {
        return only_operators(checks);
    }
    let answer = client.call(Route::Policy, key).await;
    let Some(answer) = checks.answered("findings", answer) else {
        return;
    };
    if answer.status == StatusCode::UNAUTHORIZED {
        if key.is_none() {
            return only_operators(checks);
        }
        let detail = "401: OPERATOR_KEY is not a key of `policy`";
        let help = "compare it with the keys of the function `policy`";
        return checks.bad("findings", detail, help);
    }
    let Ok(policy) = Policy::deserialize(Value::Object(answer.body)) else {
        let status = answer.status.as_u16();
        let detail = format!("{status} from /api/policy, not by the webhook");
        return checks.bad("findings", detail, "deploy the app of this version");
    };
    report(checks, &policy);
}

fn report(checks: &mut Checks, policy: &Policy) {
    let source = &policy.source;
    let help = "check its identity's role on the tables, and the network between them";
    if policy.unreadable.is_some() {
        checks.bad("store", format!("the webhook cannot read {source}"), help);
    } else if policy.last_good_saved.is_some() {
        checks.bad("store", "the policy comes from the last good file", help);
    } else {
        checks.good("store", format!("the webhook reads {source}"));
    }
    if let Some(shadow) = &policy.shadow {
        candidate::check(checks, shadow);
    }
    if policy.last_refused.is_some() {
        let help = "run `dps-policy check`, which names the rows, and correct them";
        return checks.bad("findings", "the webhook has refused the last edit", help);
    }
    match policy.warnings.len() {
        0 => checks.good("findings", "none"),
        warnings => {
            let help = "run `dps-policy check`, which names the rows";
            checks.not_checked("findings", counted(warnings, "warning"), help);
        }
    }
}

fn only_operators(checks: &mut Checks) {
    let help = "set OPERATOR_KEY to a key of `policy`";
    checks.not_checked("findings", "only operators may ask", help);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::doctor::finding::Verdict;

    #[test]
    fn a_candidate_of_another_version_does_not_hide_the_rest() {
        let policy = json!({"source": "tables", "shadow": {"candidate": "of another form"}});
        let mut checks = Checks::default();
        report(&mut checks, &Policy::deserialize(policy).unwrap());
        let found = checks.into_vec();
        let found = found.iter().map(|it| (it.name, it.verdict));
        let expected = [
            ("store", Verdict::Good),
            ("candidate", Verdict::Bad),
            ("findings", Verdict::Good),
        ];
        assert_eq!(found.collect::<Vec<_>>(), expected);
    }
}
