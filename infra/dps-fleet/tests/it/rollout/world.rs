//! Devices that register again and again while an operator steers a rollout.

use std::collections::BTreeMap;

use dps_allocation::tables::{Canonical, TableName, Tables};
use dps_allocation::{Decision, DeviceFact, Facts, Policy, Registration, decide, instant};
use dps_fleet::edit::RowEdit;
use dps_fleet::rollout::{Command, Phase, Return, RolloutError, Schedule, Status, edits, find};
use jiff::Timestamp;

use crate::policy::tables_of;

pub(crate) const A: &str = "a.azure-devices.net";
pub(crate) const B: &str = "b.azure-devices.net";
pub(crate) const C: &str = "c.azure-devices.net";

/// How many devices there are; the first of each ten is new.
const DEVICES: usize = 400;

/// Tables, and the hub of each device.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) tables: Tables,
    pub(crate) on: BTreeMap<String, String>,
}

/// A moment.
#[track_caller]
pub(crate) fn at(text: &str) -> Timestamp {
    instant(text).unwrap_or_else(|| panic!("{text}"))
}

/// From `a` to `b` in four steps of a day.
pub(crate) const STEPS: &str = "2026-12-01=10% 2026-12-02=30% 2026-12-03=60% 2026-12-04=100%";

impl World {
    /// All devices on hub `a`, and a rollout `r` to `b` with these cells.
    pub(crate) fn new(rollout: &str) -> Self {
        let rollout = format!("acme|r|from={A}|to={B}|{rollout}");
        Self::with(&[(TableName::Rollouts, &rollout)])
    }

    /// All devices on hub `a`, and these rows.
    pub(crate) fn with(rows: &[(TableName, &str)]) -> Self {
        let mut all = vec![
            (TableName::Hubs, "hub|a.azure-devices.net|region=westeurope"),
            (TableName::Hubs, "hub|b.azure-devices.net|region=eastus"),
            (TableName::Hubs, "hub|c.azure-devices.net|region=westus"),
            (TableName::Enrollments, "enrollment|factory|tenants=acme"),
            (TableName::Tenants, "tenant|acme"),
        ];
        all.extend_from_slice(rows);
        let on = (0..DEVICES).map(|number| (format!("pump-{number}"), A.to_owned()));
        Self {
            tables: tables_of(&all),
            on: on.collect(),
        }
    }

    pub(crate) fn policy(&self) -> Policy {
        let reading = Policy::read(&self.tables);
        let findings = reading.findings;
        reading.policy.unwrap_or_else(|| panic!("{findings:?}"))
    }

    /// Writes a row.
    pub(crate) fn write(&mut self, edit: &RowEdit) {
        self.tables = edit.apply(&self.tables).unwrap();
    }

    /// Changes cells of a row.
    pub(crate) fn set(
        &mut self,
        table: TableName,
        partition: &str,
        row: &str,
        cells: &[(&'static str, &str)],
    ) {
        let cells = cells
            .iter()
            .map(|(column, text)| (*column, (*text).to_owned()));
        self.write(&RowEdit {
            table,
            partition: partition.to_owned(),
            row: row.to_owned(),
            new: false,
            cells: cells.collect(),
        });
    }

    /// Gives a command at a time.
    pub(crate) fn give(&mut self, command: &Command, now: &str) -> Result<(), RolloutError> {
        self.give_to("r", command, now)
    }

    pub(crate) fn give_to(
        &mut self,
        id: &str,
        command: &Command,
        now: &str,
    ) -> Result<(), RolloutError> {
        let policy = self.policy();
        let (tables, _) = Canonical::read(&self.tables);
        for edit in edits(find(&policy, id)?, &tables, command, at(now))? {
            self.write(&edit);
        }
        // Each command leaves tables without errors.
        self.policy();
        Ok(())
    }

    /// Every device registers at a time; those that moved.
    pub(crate) fn register(&mut self, now: &str) -> Vec<String> {
        let policy = self.policy();
        let mut moved = Vec::new();
        for (id, hub) in &mut self.on {
            let next = place(&policy, id, Some(hub), at(now));
            if next != *hub {
                moved.push(id.clone());
                *hub = next;
            }
        }
        moved
    }

    /// The devices on a hub.
    pub(crate) fn devices(&self, hub: &str) -> Vec<String> {
        let on = self.on.iter().filter(|(_, on)| *on == hub);
        on.map(|(id, _)| id.clone()).collect()
    }

    pub(crate) fn status(&self, now: &str) -> Status {
        Status::of(find(&self.policy(), "r").unwrap(), at(now))
    }

    #[track_caller]
    pub(crate) fn check_state(&self, now: &str, phase: Phase, share: &str) {
        let status = self.status(now);
        assert_eq!((status.phase, &*status.share), (phase, share), "{now}");
    }
}

/// The hub that a device gets.
#[track_caller]
pub(crate) fn place(policy: &Policy, id: &str, hub: Option<&str>, now: Timestamp) -> String {
    let body = serde_json::json!({
        "enrollmentGroup": {"enrollmentGroupId": "factory"},
        "deviceRuntimeContext": {"registrationId": id, "currentIotHubHostName": hub},
        "linkedHubs": [A, B, C],
    });
    let body = body.to_string();
    let registration = Registration::parse(body.as_bytes()).unwrap();
    let facts = Facts {
        now,
        device: DeviceFact::NotRead,
    };
    match decide(policy, &registration, &facts) {
        Decision::Assigned(it) => it.hub_name.into_owned(),
        other => panic!("{other:?}"),
    }
}

/// A way back by such a schedule and cap.
pub(crate) fn back(shares: &str, cap: &str) -> Command {
    Command::Return(Return {
        schedule: Schedule::parse(Some(shares), None).unwrap(),
        cap: cap.parse().unwrap(),
        to: None,
    })
}
