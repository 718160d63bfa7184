//! Reads policies and single device rows.

use super::check;
use super::compile;
use super::faults::Faults;
use super::model::{DeviceRow, Policy};
use crate::finding::{Finding, Severity};
use crate::schema::TableName;
use crate::tables::{Canonical, Table, Tables};

/// The result of reading a set of tables.
#[derive(Debug)]
pub struct Reading {
    /// The policy; none when a finding is an error.
    pub policy: Option<Policy>,
    /// Every error and every warning.
    pub findings: Vec<Finding>,
}

impl Policy {
    /// Checks and compiles the tables; every problem is reported, not the first.
    #[must_use]
    pub fn read(tables: &Tables) -> Reading {
        let (canonical, findings) = Canonical::read(tables);
        let faults = Faults::of(&canonical, &findings);
        let mut compiled = compile::compile(&canonical, findings, faults);
        let found = check::check(&compiled, &canonical);
        compiled.findings.extend(found);
        let mut findings = compiled.findings;
        findings.sort_by_key(|finding| {
            let place = finding.place.as_ref();
            (finding.severity, place.map(|it| (it.table, it.line)))
        });
        let is_valid = findings
            .iter()
            .all(|finding| finding.severity != Severity::Error);
        Reading {
            policy: is_valid.then_some(compiled.policy),
            findings,
        }
    }

    /// Resolves a row that was read by its key under this policy; none if it has no row.
    ///
    /// # Errors
    /// Every name of the row that the policy does not know.
    pub fn recorded_device<'a>(
        &'a self,
        record: &'a DeviceRecord,
    ) -> Result<Option<DeviceRow<'a>>, Vec<Finding>> {
        let Some(row) = record.0.rows(TableName::Devices).next() else {
            return Ok(None);
        };
        let mut findings = Vec::new();
        let row = compile::resolve_device(self, &row, |_, _| false, &mut findings);
        if findings.is_empty() {
            Ok(Some(row))
        } else {
            Err(findings)
        }
    }
}

/// A row of the `devices` table that a store has read by its key, apart from any policy.
#[derive(Clone, Debug)]
pub struct DeviceRecord(Canonical);

impl DeviceRecord {
    /// Reads a table that has the row of one device and no other.
    ///
    /// # Errors
    /// Every finding about its cells.
    pub fn read(row: Table) -> Result<Self, Vec<Finding>> {
        let mut tables = Tables::default();
        *tables.table_mut(TableName::Devices) = row;
        let (canonical, findings) = Canonical::read(&tables);
        if findings.is_empty() {
            Ok(Self(canonical))
        } else {
            Err(findings)
        }
    }
}
