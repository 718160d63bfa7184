//! The tables, and what the webhook says of the policy that it uses.

use std::time::Duration;

use dps_allocation::{Policy, Revision, Severity};
use reqwest::StatusCode;
use serde_json::Value;
use tokio::time::Instant;

use super::client::{Answer, Client, Route};
use super::finding::{Checks, cause};
use super::key::Keys;
use crate::checked::Checked;
use crate::output::counted;

/// Pause between two tries while the webhook starts or polls.
pub(super) const PAUSE: Duration = Duration::from_secs(2);

/// Tables without errors.
pub(super) struct GoodTables {
    pub(super) checked: Checked,
    pub(super) policy: Policy,
}

impl GoodTables {
    pub(super) fn revision(&self) -> Revision {
        self.policy.revision()
    }
}

/// What is wrong with the tables; none where they have errors.
pub(super) fn tables(checks: &mut Checks, mut checked: Checked) -> Option<GoodTables> {
    let source = checked.source.short();
    let help = format!("run `dps-policy check {source}`, which names the rows");
    let Some(policy) = checked.policy.take() else {
        let errors = counted(checked.count(Severity::Error), "error");
        checks.bad("tables", format!("`{source}` has {errors}"), help);
        return None;
    };
    let revision = policy.revision().short();
    match checked.count(Severity::Warning) {
        0 => checks.good("tables", format!("`{source}` holds revision {revision}")),
        warnings => {
            let warnings = counted(warnings, "warning");
            let detail = format!("`{source}` holds revision {revision}, with {warnings}");
            checks.not_checked("tables", detail, help);
        }
    }
    Some(GoodTables { checked, policy })
}

pub(super) fn unreadable_tables(checks: &mut Checks, error: &anyhow::Error) {
    let help = "check the settings PolicyTables.., the network and the role `Storage Table Data \
                Reader`, or name a folder";
    checks.bad("tables", format!("{error:#}"), help);
}

/// Whether the webhook has a policy, whatever it is.
pub(super) fn decides(health: &Answer) -> bool {
    health.status == StatusCode::OK && health.body.contains_key("status")
}

/// The answer of `health`, if the webhook wrote it.
pub(super) fn reachable(
    checks: &mut Checks,
    health: Result<Answer, reqwest::Error>,
) -> Option<Answer> {
    match health {
        Ok(answer) if answer.body.contains_key("status") => {
            checks.good("reachable", "the webhook answers");
            Some(answer)
        }
        Ok(answer) => {
            checks.bad(
                "reachable",
                format!(
                    "{} from /api/health, not by the webhook",
                    answer.status.as_u16()
                ),
                "deploy the app, and look at its log: it may have ended at its start",
            );
            None
        }
        Err(error) => {
            let help = "check the address, the network rules of the app, and that it is running";
            checks.bad("reachable", cause(&error), help);
            None
        }
    }
}

/// The policy in use is fresh, and that of the tables; asks until a time while it is another.
pub(super) async fn in_use(
    checks: &mut Checks,
    client: &Client,
    mut health: Answer,
    revision: Option<Revision>,
    until: Instant,
) {
    let expected = revision.map(|it| it.to_string());
    while !is_expected(&health, expected.as_deref()) && Instant::now() < until {
        tokio::time::sleep(PAUSE).await;
        health = match client.call(Route::Health, None).await {
            Ok(health) => health,
            Err(error) => return checks.no_answer("policy", &error),
        };
    }
    let theirs = text(&health, "revision").map(short);
    let help = "OPERATOR_KEY lets `doctor` say why; GET /api/policy has `unreadable` and \
                `lastRefused`";
    match (text(&health, "status"), &theirs) {
        (Some("ok"), Some(theirs)) if is_expected(&health, expected.as_deref()) => {
            let age = health.body.get("ageSeconds").and_then(Value::as_i64);
            let age = age.map_or(String::new(), |age| format!(", confirmed {age} s ago"));
            checks.good("policy", format!("revision {theirs}{age}"));
        }
        (Some("ok"), Some(theirs)) => {
            let ours = revision.map_or_else(String::new, |it| it.short().to_string());
            checks.bad(
                "policy",
                format!("the webhook decides by revision {theirs}, the tables hold {ours}"),
                "an edit is in use after 5 to 22 s; name the tables that the webhook reads, or \
                 wait with --wait 60",
            );
        }
        (Some("stale"), Some(theirs)) => {
            let detail = format!("revision {theirs}, which may not be that of the tables any more");
            checks.bad("policy", detail, help);
        }
        _ => checks.bad(
            "policy",
            "the webhook has no policy: every device waits",
            help,
        ),
    }
    if health.body.contains_key("pushUnderWay") {
        let help = "wait for it, or end it with `dps-policy push --resume`";
        checks.bad("push", "the tables are in the middle of a push", help);
    }
    if let Some(stays) = health.body.get("stayUnlisted").and_then(Value::as_u64) {
        checks.bad(
            "unlisted hubs",
            format!(
                "{} let a device keep a hub without a row",
                counted(stays, "decision")
            ),
            "add a row for each such hub; GET /api/policy names them under `unlistedHubs`",
        );
    }
}

/// What only operators are told.
pub(super) async fn reported(checks: &mut Checks, client: &Client, keys: &Keys) {
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
        candidate(checks, shadow);
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

/// How a candidate policy decides, next to the one in use.
fn candidate(checks: &mut Checks, shadow: &Value) {
    const NAME: &str = "candidate";
    let Some(revision) = shadow["revision"].as_str().map(short) else {
        let help = "push it to the tables that POLICY_SHADOW names, and check it";
        checks.bad(
            NAME,
            "POLICY_SHADOW names tables without a valid policy",
            help,
        );
        return;
    };
    if !shadow["lastRefused"].is_null() {
        let detail = format!("the webhook has refused its last edit, and decides by {revision}");
        let help = "run `dps-policy check` on its tables, and correct them";
        checks.bad(NAME, detail, help);
        return;
    }
    if !shadow["unreadable"].is_null() {
        let detail = format!("the webhook cannot read its tables, and decides by {revision}");
        let help = "check that they are there, and the role of its identity on them";
        checks.bad(NAME, detail, help);
        return;
    }
    let counts = shadow["decisions"].as_object().into_iter().flatten();
    let counts: Vec<(&String, u64)> = counts
        .filter_map(|(difference, count)| Some((difference, count.as_u64()?)))
        .collect();
    let total: u64 = counts.iter().map(|(_, count)| count).sum();
    let counts = counts
        .iter()
        .map(|(difference, count)| format!("{count} {difference}"));
    let counts = counts.collect::<Vec<_>>().join(", ");
    let detail = format!(
        "revision {revision}, {}: {counts}",
        counted(total, "decision")
    );
    checks.good(NAME, detail.trim_end_matches(": "));
}

fn is_expected(health: &Answer, revision: Option<&str>) -> bool {
    revision.is_none_or(|revision| text(health, "revision") == Some(revision))
        && text(health, "status") == Some("ok")
}

fn text<'a>(answer: &'a Answer, member: &str) -> Option<&'a str> {
    answer.body.get(member).and_then(Value::as_str)
}

/// As many digits of a revision as people read.
fn short(revision: &str) -> String {
    revision.chars().take(12).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::doctor::finding::Verdict;

    #[test]
    fn a_candidate_that_is_not_up_to_date_is_bad() {
        let check = |member: &str, value: Value, verdict: Verdict, detail: &str| {
            let mut shadow = json!({"revision": "0123456789abcdef", "decisions": {"hub": 2}});
            shadow[member] = value;
            let mut checks = Checks::default();
            candidate(&mut checks, &shadow);
            let told = checks.into_vec().pop().unwrap();
            assert_eq!(told.verdict, verdict, "{told:?}");
            assert!(told.detail.contains(detail), "{told:?}");
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
        let cause = json!({"at": "2026-11-26T12:00:00Z"});
        check("unreadable", cause, Verdict::Bad, "cannot read its tables");
    }
}
