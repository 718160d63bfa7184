//! One registration: the decision next to what is expected.

use dps_allocation::tables::TableName;
use dps_allocation::{Explanation, HubName, Policy, explain};
use serde::Deserialize;
use serde_json::Value;

use super::compared::Compared;
use super::decide::with_request;
use crate::scenario::ids::Device;
use crate::scenario::model::{Case, CaseRequest, Expect, ExpectedOutcome, ExpectedTwin};
use crate::scenario::names::Names;
use crate::scenario::read_file::ReadFile;
use crate::scenario::subset::compare;

/// The answer to DPS.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    iot_hub_host_name: String,
    initial_twin: Option<Value>,
    payload: Option<Value>,
}

/// The request, if there is one, and the result.
pub(super) fn run(
    case: &Case,
    policy: &Policy,
    names: &Names,
    read_file: &ReadFile<'_>,
) -> (Option<Vec<u8>>, Result<Compared, String>) {
    let body = match &case.request {
        CaseRequest::Short(id, form) => {
            let (id, numbers) = (id.clone(), Vec::new());
            Ok(form.body(&Device { id, numbers }, form.current_hub.as_deref(), names))
        }
        CaseRequest::File(path) => {
            read_file(path).map_err(|error| format!("`{path}` cannot be read: {error}"))
        }
    };
    let body = match body {
        Ok(body) => body,
        Err(error) => return (None, Err(error)),
    };
    let explained = with_request(
        &body,
        &case.row,
        &[],
        case.at,
        policy,
        |registration, facts| explain(policy, registration, facts),
    );
    let compared = explained.map(|explanation| compared(&case.expect, &explanation, names));
    (Some(body), compared)
}

fn compared(expect: &Expect, explanation: &Explanation, names: &Names) -> Compared {
    let answer = explanation.response.as_ref();
    let answer: Option<Answer> = answer.and_then(|json| serde_json::from_str(json.get()).ok());
    let mut differences = Vec::new();
    match (&expect.outcome, &answer) {
        (ExpectedOutcome::Assigned { .. }, Some(answer)) => {
            assigned(
                &expect.outcome,
                answer,
                explanation,
                names,
                &mut differences,
            );
        }
        (ExpectedOutcome::Assigned { hubs, .. }, None) => {
            let hubs = hubs.as_ref().map(|hubs| list(hubs, names));
            differences.push(format!("expected {}", hubs.as_deref().unwrap_or("a hub")));
        }
        (ExpectedOutcome::Refused(reason), _) => {
            outcome(("refused", reason.as_str()), explanation, &mut differences);
        }
        (ExpectedOutcome::Unavailable(cause), _) => {
            outcome(
                ("unavailable", cause.as_str()),
                explanation,
                &mut differences,
            );
        }
    }
    if let Some(tenant) = &expect.tenant
        && explanation.tenant.as_ref() != Some(tenant)
    {
        let found = explanation.tenant.as_deref().unwrap_or("none");
        differences.push(format!("expected tenant {tenant}, got {found}"));
    }
    rows(
        "rule",
        TableName::Rules,
        expect.rules.as_deref(),
        explanation,
        &mut differences,
    );
    rows(
        "rollout",
        TableName::Rollouts,
        expect.rollouts.as_deref(),
        explanation,
        &mut differences,
    );
    Compared {
        decided: decided(explanation, answer.as_ref(), names),
        differences,
    }
}

fn outcome(expected: (&str, &str), explanation: &Explanation, differences: &mut Vec<String>) {
    if (explanation.outcome, explanation.reason) != expected {
        differences.push(format!("expected {} ({})", expected.0, expected.1));
    }
}

fn assigned(
    expected: &ExpectedOutcome,
    answer: &Answer,
    explanation: &Explanation,
    names: &Names,
    differences: &mut Vec<String>,
) {
    let ExpectedOutcome::Assigned {
        hubs,
        reason,
        twin,
        effect,
        reply,
    } = expected
    else {
        return;
    };
    let found = HubName::fold(&answer.iot_hub_host_name);
    if let Some(hubs) = hubs
        && !hubs.iter().any(|hub| HubName::fold(hub) == found)
    {
        differences.push(format!("expected {}", list(hubs, names)));
    }
    if let Some(reason) = reason
        && reason.as_str() != explanation.reason
    {
        differences.push(format!("expected reason {}", reason.as_str()));
    }
    if let Some(effect) = effect
        && explanation.twin_effect != Some(*effect)
    {
        let found = explanation.twin_effect.map_or("none", |it| it.as_str());
        differences.push(format!(
            "expected twinEffect {}, got {found}",
            effect.as_str()
        ));
    }
    match (twin, &answer.initial_twin) {
        (None, _) | (Some(ExpectedTwin::None), None) => {}
        (Some(ExpectedTwin::None), Some(twin)) => {
            differences.push(format!("expected no twin, got {twin}"));
        }
        (Some(ExpectedTwin::Holds(expected)), twin) => {
            compare("twin", expected, twin.as_ref(), differences);
        }
    }
    if let Some(reply) = reply {
        compare("reply", reply, answer.payload.as_ref(), differences);
    }
}

/// Rows that must have applied.
fn rows(
    what: &str,
    table: TableName,
    expected: Option<&[String]>,
    explanation: &Explanation,
    differences: &mut Vec<String>,
) {
    let Some(expected) = expected else { return };
    let steps = explanation.steps.iter().filter(|step| step.step == what);
    let rows = steps.filter_map(|step| step.row.as_ref().filter(|row| row.table == table));
    let found: Vec<&str> = rows.map(|row| &*row.row_key).collect();
    let shown = match &found[..] {
        [] => "none".to_owned(),
        found => found.join(", "),
    };
    if expected.is_empty() && !found.is_empty() {
        differences.push(format!("expected no {what}, got {shown}"));
    }
    for row in expected.iter().filter(|row| !found.contains(&&***row)) {
        differences.push(format!("expected {what} {row}, got {shown}"));
    }
}

fn list(hubs: &[String], names: &Names) -> String {
    let hubs: Vec<&str> = hubs.iter().map(|hub| names.short(hub)).collect();
    hubs.join(" or ")
}

/// `eus-1 (weighted, by tenants tenant/contoso)`
fn decided(explanation: &Explanation, answer: Option<&Answer>, names: &Names) -> String {
    let what = match answer {
        Some(answer) => names.short(&answer.iot_hub_host_name),
        None => explanation.outcome,
    };
    let row = explanation.decided_by.as_ref();
    let row = row.map_or_else(String::new, |row| format!(", by {row}"));
    let detail = explanation.detail.as_ref();
    let detail = detail.map_or_else(String::new, |detail| format!(": {detail}"));
    format!("{what} ({}{row}{detail})", explanation.reason)
}
