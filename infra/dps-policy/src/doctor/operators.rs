//! What the webhook tells operators alone: its tables, refused edits, the candidate.

use reqwest::StatusCode;
use serde_json::Value;

use super::candidate;
use super::finding::Checks;
use crate::output::counted;
use crate::webhook::{Client, Keys, Route};

/// What only operators may see.
pub(super) async fn check(checks: &mut Checks, client: &Client, keys: &Keys) {
    let key = keys.operator.as_ref();
    if key.is_none() && !client.is_local() {
        return only_operators(checks);
    }
    let answer = match client.call(Route::Policy, key).await {
        Ok(answer) => answer,
        Err(error) => return checks.no_answer("findings", &error),
    };
    if answer.status == StatusCode::UNAUTHORIZED && key.is_none() {
        return only_operators(checks);
    }
    if answer.status == StatusCode::UNAUTHORIZED {
        let help = "compare it with the keys of the function `policy`";
        checks.bad(
            "findings",
            "401: OPERATOR_KEY is not a key of `policy`",
            help,
        );
        return;
    }
    let member = |name: &str| answer.body.get(name).filter(|it| !it.is_null());
    let Some(source) = member("source").and_then(Value::as_str) else {
        let detail = format!(
            "{} from /api/policy, not by the webhook",
            answer.status.as_u16()
        );
        checks.bad("findings", detail, "deploy the app of this version");
        return;
    };
    if member("unreadable").is_some() {
        let help = "check its identity's role on the tables, and the network between them";
        checks.bad("store", format!("the webhook cannot read {source}"), help);
    } else if member("lastGoodSaved").is_some() {
        let help = "check its identity's role on the tables, and the network between them";
        checks.bad("store", "the policy comes from the last good file", help);
    } else {
        checks.good("store", format!("the webhook reads {source}"));
    }
    if let Some(shadow) = member("shadow") {
        candidate::check(checks, shadow);
    }
    if member("lastRefused").is_some() {
        let help = "run `dps-policy check`, which names the rows, and correct them";
        checks.bad("findings", "the webhook has refused the last edit", help);
        return;
    }
    match member("warnings")
        .and_then(Value::as_array)
        .map_or(0, Vec::len)
    {
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
