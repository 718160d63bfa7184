//! Policies and registrations in a few words.

use std::num::NonZeroU32;

use dps_allocation::tables::{TableName, Tables};
use dps_allocation::{
    Decision, DeviceFact, Explanation, Facts, Finding, Policy, Registration, RegistrationId,
    decide, explain,
};
use jiff::Timestamp;
use serde_json::{Value, json};

/// Tables from text: a table begins with `name: column column ..`, its rows follow, cells are
/// separated by ` | `. The first cell is the `RowKey` (for `devices` the `PartitionKey`), a row of
/// `rules`, `rollouts`, `latency` and `twins` begins with `partition/row`; `-` is an empty cell.
/// A row's line is its line in the text, from 1.
pub(crate) fn tables(text: &str) -> Tables {
    let mut tables = Tables::default();
    let mut table = TableName::Hubs;
    let mut columns: Vec<usize> = Vec::new();
    for (line, content) in (1_u32..).zip(text.lines()) {
        let content = content.trim();
        if content.is_empty() {
            continue;
        }
        if let Some((found, names)) = header(content) {
            let names = ["PartitionKey", "RowKey"]
                .into_iter()
                .chain(names.split_whitespace());
            columns = names
                .map(|name| tables.table_mut(found).column(name))
                .collect();
            table = found;
            continue;
        }
        let mut cells = content.split(" | ").map(str::trim);
        let key = cells.next().unwrap_or_default();
        let (partition, row) = match table {
            TableName::Hubs => ("hub", key),
            TableName::Enrollments => ("enrollment", key),
            TableName::Tenants => ("tenant", key),
            TableName::Devices => (key, "device"),
            _ => key.split_once('/').expect("partition/row"),
        };
        let cells: Vec<&str> = [partition, row].into_iter().chain(cells).collect();
        assert!(
            cells.len() <= columns.len(),
            "more cells than columns: {content}"
        );
        let cells = columns
            .iter()
            .copied()
            .zip(cells)
            .filter(|(_, text)| *text != "-");
        tables
            .table_mut(table)
            .push(NonZeroU32::new(line), cells)
            .unwrap();
    }
    tables
}

fn header(line: &str) -> Option<(TableName, &str)> {
    let (name, columns) = line.split_once(':')?;
    let table = TableName::all().find(|table| table.as_str() == name)?;
    Some((table, columns))
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

/// Findings, one a line.
pub(crate) fn shown(findings: &[Finding]) -> String {
    findings
        .iter()
        .map(Finding::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

/// A device that registers: the request, the time and what is known of its row.
#[derive(Clone, Debug)]
pub(crate) struct Device {
    body: Value,
    now: Timestamp,
    fact: Fact,
}

#[derive(Clone, Copy, Debug)]
enum Fact {
    /// Whatever the policy's own table says.
    OfPolicy,
    Known(DeviceFact<'static>),
}

impl Device {
    /// A first registration through the group `group`, in December 2026, of a device without a row.
    pub(crate) fn new(id: &str) -> Self {
        let body = json!({
            "enrollmentGroup": {
                "enrollmentGroupId": "group",
                "attestation": {"type": "symmetricKey"},
            },
            "deviceRuntimeContext": {"registrationId": id, "symmetricKey": {}},
            "linkedHubs": ["weu.net", "neu.net", "eus.net", "new.net"],
        });
        Self {
            body,
            now: "2026-12-01T12:00Z".parse().unwrap(),
            fact: Fact::Known(DeviceFact::Missing),
        }
    }

    /// Sets any member of the body, by its JSON pointer (RFC 6901); its parent must be there.
    pub(crate) fn with(mut self, pointer: &str, value: impl Into<Value>) -> Self {
        let (parent, member) = pointer.rsplit_once('/').expect("a pointer");
        self.body.pointer_mut(parent).expect("the parent")[member] = value.into();
        self
    }

    /// Through another group.
    pub(crate) fn through(self, group: &str) -> Self {
        self.with("/enrollmentGroup/enrollmentGroupId", group)
    }

    /// With other hubs linked.
    pub(crate) fn linked(self, hubs: &[&str]) -> Self {
        self.with("/linkedHubs", hubs)
    }

    /// A re-registration of a device that has a hub.
    pub(crate) fn on(self, hub: &str) -> Self {
        self.with("/deviceRuntimeContext/currentIotHubHostName", hub)
    }

    pub(crate) fn payload(self, payload: impl Into<Value>) -> Self {
        self.with("/deviceRuntimeContext/payload", payload)
    }

    /// With X.509 attestation and this as the certificate.
    pub(crate) fn certificate(self, text: &str) -> Self {
        self.with(
            "/deviceRuntimeContext/x509",
            json!({"clientCertificate": text}),
        )
    }

    /// At another time.
    pub(crate) fn at(mut self, now: &str) -> Self {
        self.now = now.parse().unwrap();
        self
    }

    /// With this known of the device's row.
    pub(crate) fn fact(mut self, fact: DeviceFact<'static>) -> Self {
        self.fact = Fact::Known(fact);
        self
    }

    /// With the row of the policy's `devices` table.
    pub(crate) fn with_row(mut self) -> Self {
        self.fact = Fact::OfPolicy;
        self
    }

    /// The body of the webhook call.
    pub(crate) fn body(&self) -> String {
        self.body.to_string()
    }

    /// What the outside supplies.
    pub(crate) fn facts<'p>(&self, policy: &'p Policy) -> Facts<'p> {
        let own_row = || {
            let id = &self.body["deviceRuntimeContext"]["registrationId"];
            let id = RegistrationId::parse(id.as_str().unwrap()).unwrap();
            let row = policy.device(&id);
            row.map_or(DeviceFact::Missing, DeviceFact::Row)
        };
        Facts {
            now: self.now,
            device: match self.fact {
                Fact::OfPolicy => own_row(),
                Fact::Known(fact) => fact,
            },
        }
    }

    /// The decision, shown by the caller.
    pub(crate) fn decide<T>(&self, policy: &Policy, show: impl FnOnce(Decision<'_>) -> T) -> T {
        let body = self.body();
        let registration = Registration::parse(body.as_bytes()).unwrap();
        show(decide(policy, &registration, &self.facts(policy)))
    }

    /// `hub reason`, or the reason of a refusal.
    pub(crate) fn decided(&self, policy: &Policy) -> String {
        self.decide(policy, |decision| match decision {
            Decision::Assigned(assignment) => {
                format!("{} {}", assignment.hub, assignment.reason.as_str())
            }
            Decision::Refused(refusal) => refusal.reason.as_str().to_owned(),
            Decision::Unavailable(unavailable) => unavailable.as_str().to_owned(),
        })
    }

    /// The reasoning behind the same decision.
    pub(crate) fn explained(&self, policy: &Policy) -> Explanation {
        let body = self.body();
        let registration = Registration::parse(body.as_bytes()).unwrap();
        explain(policy, &registration, &self.facts(policy))
    }

    /// The initial twin and the payload of the answer; null where there is none.
    pub(crate) fn answered(&self, policy: &Policy) -> Value {
        self.decide(policy, |decision| match decision {
            Decision::Assigned(assignment) => {
                let response = serde_json::to_value(assignment.response()).unwrap();
                json!([response["initialTwin"], response["payload"]])
            }
            other => panic!("{other:?}"),
        })
    }
}

/// The steps of an explanation, as `step: asked -> found [table partition/row]`.
pub(crate) fn steps(explanation: &Explanation) -> Vec<String> {
    let shown = |step: &dps_allocation::Step| {
        let row = step.row.as_ref().map(|row| format!(" [{}]", row_text(row)));
        format!(
            "{}: {} -> {}{}",
            step.step,
            step.asked,
            step.found,
            row.unwrap_or_default()
        )
    };
    explanation.steps.iter().map(shown).collect()
}

/// `table partition/row`.
pub(crate) fn row_text(row: &dps_allocation::RowRef) -> String {
    format!(
        "{} {}/{}",
        row.table.as_str(),
        row.partition_key,
        row.row_key
    )
}

/// The row that decided, or nothing.
pub(crate) fn decided_by(explanation: &Explanation) -> String {
    explanation
        .decided_by
        .as_ref()
        .map(row_text)
        .unwrap_or_default()
}

/// The verdicts of an explanation, as `hub verdict`, in order.
pub(crate) fn verdicts(explanation: &Explanation) -> Vec<String> {
    let shown = |hub: &dps_allocation::HubVerdict| {
        let verdict = serde_json::to_value(hub.verdict).unwrap();
        format!("{} {}", hub.hub, verdict.as_str().unwrap())
    };
    explanation.hubs.iter().map(shown).collect()
}
