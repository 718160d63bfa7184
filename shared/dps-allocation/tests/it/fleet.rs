//! Policies and requests in a few lines.

use dps_allocation::tables::{TableName, Tables};
use dps_allocation::{
    Decision, DeviceFact, Explanation, Facts, Finding, Policy, Registration, decide, explain,
};
use serde_json::{Value, json};

/// Tables from text: a table begins with `name: column column ..`, its rows follow, cells are
/// separated by `|`. The first column is `RowKey` (for `devices` `PartitionKey`), a row key of
/// `rules`, `rollouts`, `latency` and `twins` is written `partition/row`; `-` is an empty cell.
pub(crate) fn tables(text: &str) -> Tables {
    let mut tables = Tables::default();
    let mut table = None;
    let mut columns: Vec<usize> = Vec::new();
    for (line, content) in text.lines().enumerate() {
        let content = content.trim();
        if content.is_empty() {
            continue;
        }
        if let Some((name, names)) = content.split_once(": ")
            && let Some(found) = TableName::ALL
                .into_iter()
                .find(|table| table.as_str() == name)
        {
            let target = tables.table_mut(found);
            columns = ["PartitionKey", "RowKey"]
                .into_iter()
                .chain(names.split_whitespace())
                .map(|name| target.column(name))
                .collect();
            table = Some(found);
            continue;
        }
        let found = table.expect("a row before the first table");
        let mut cells = content.split('|').map(str::trim);
        let key = cells.next().unwrap_or_default();
        let (partition, row) = match found {
            TableName::Hubs => ("hub", key),
            TableName::Enrollments => ("enrollment", key),
            TableName::Tenants => ("tenant", key),
            TableName::Devices => (key, "device"),
            _ => key.split_once('/').expect("partition/row"),
        };
        let cells = [partition, row].into_iter().chain(cells);
        let cells = columns
            .iter()
            .copied()
            .zip(cells)
            .filter(|(_, text)| *text != "-");
        let line = u32::try_from(line).unwrap() + 1;
        tables.table_mut(found).push(line, cells).unwrap();
    }
    tables
}

/// The policy of tables that have no error.
#[track_caller]
pub(crate) fn policy(text: &str) -> Policy {
    let reading = Policy::read(&tables(text));
    reading
        .policy
        .unwrap_or_else(|| panic!("{}", shown(&reading.findings)))
}

/// The findings of tables, one a line.
pub(crate) fn findings(text: &str) -> String {
    shown(&Policy::read(&tables(text)).findings)
}

fn shown(findings: &[Finding]) -> String {
    findings
        .iter()
        .map(Finding::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

/// A first registration of `id` through the group `group`, with the hubs linked.
pub(crate) fn request(id: &str, hubs: &[&str]) -> Value {
    json!({
        "enrollmentGroup": {"enrollmentGroupId": "group", "attestation": {"type": "symmetricKey"}},
        "deviceRuntimeContext": {"registrationId": id, "symmetricKey": {}},
        "linkedHubs": hubs,
    })
}

/// The facts at a moment, without a device row.
pub(crate) fn at(now: &str) -> Facts {
    Facts {
        now: now.parse().unwrap(),
        device: DeviceFact::NotRead,
    }
}

/// `hub reason`, or the reason of a refusal.
pub(crate) fn decided(policy: &Policy, request: &Value, facts: &Facts) -> String {
    let body = request.to_string();
    let registration = match Registration::parse(body.as_bytes()) {
        Ok(registration) => registration,
        Err(error) => return format!("malformedRequest: {error}"),
    };
    match decide(policy, &registration, facts) {
        Decision::Assigned(assignment) => {
            format!("{} {}", assignment.hub, assignment.reason.as_str())
        }
        Decision::Refused(refusal) => refusal.reason.as_str().to_owned(),
        Decision::Unavailable(unavailable) => unavailable.as_str().to_owned(),
    }
}

/// The reasoning behind the same decision.
pub(crate) fn explained(policy: &Policy, request: &Value, facts: &Facts) -> Explanation {
    let body = request.to_string();
    explain(
        policy,
        &Registration::parse(body.as_bytes()).unwrap(),
        facts,
    )
}
