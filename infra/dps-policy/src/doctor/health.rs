//! What the webhook tells everybody: whether it decides, and by which policy.

use std::time::Duration;

use dps_allocation::Revision;
use reqwest::StatusCode;
use serde_json::Value;
use tokio::time::Instant;

use super::finding::Checks;
use crate::output::counted;
use crate::screen::short_revision;
use crate::webhook::{Answer, Client, Route, cause};

/// Pause between two tries while the webhook starts or polls.
pub(super) const PAUSE: Duration = Duration::from_secs(2);

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
            let status = answer.status.as_u16();
            let detail = format!("{status} from /api/health, not by the webhook");
            let help = "deploy the app, and look at its log: it may have ended at its start";
            checks.bad("reachable", detail, help);
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
        let answer = client.call(Route::Health, None).await;
        let Some(answer) = checks.answered("policy", answer) else {
            return;
        };
        health = answer;
    }
    let theirs = text(&health, "revision").map(short_revision);
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
        _ => {
            let detail = "the webhook has no policy: every device waits";
            checks.bad("policy", detail, help);
        }
    }
    if health.body.contains_key("pushUnderWay") {
        let help = "wait for it, or go back with `dps-policy rollback --resume --previous`";
        checks.bad("push", "the tables are in the middle of a push", help);
    }
    if let Some(stays) = health.body.get("stayUnlisted").and_then(Value::as_u64) {
        let stays = counted(stays, "decision");
        let detail = format!("{stays} let a device keep a hub without a row");
        let help = "add a row for each such hub; GET /api/policy names them under `unlistedHubs`";
        checks.bad("unlisted hubs", detail, help);
    }
}

fn is_expected(health: &Answer, revision: Option<&str>) -> bool {
    revision.is_none_or(|revision| text(health, "revision") == Some(revision))
        && text(health, "status") == Some("ok")
}

fn text<'a>(answer: &'a Answer, member: &str) -> Option<&'a str> {
    answer.body.get(member).and_then(Value::as_str)
}
