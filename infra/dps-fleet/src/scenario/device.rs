//! The row of `devices` that a scenario gives a device.

use dps_allocation::tables::Table;
use dps_allocation::{DeviceFact, DeviceRecord, DeviceRows, Finding, Policy, Registration};
use serde_json::Value;

use super::ids::Device;
use super::section::{Section, json};

/// The device's row in `devices`.
#[derive(Clone, Debug)]
pub(super) enum DeviceRow {
    /// That of the tables.
    OfTables,
    /// It has none, whatever the tables say.
    Missing,
    /// One with these columns.
    Given(Vec<(String, String)>),
    /// The store cannot be read.
    Unavailable,
}

/// The word for a store that cannot be read.
const UNAVAILABLE: &str = "unavailable";

impl DeviceRow {
    /// Reads the key `device`; `None` if the section has none.
    pub(super) fn read(section: &Section<'_>) -> Option<Self> {
        let value = section.value("device")?.get_ref();
        let row = if value.as_bool() == Some(false) {
            Some(Self::Missing)
        } else if value.as_str() == Some(UNAVAILABLE) {
            Some(Self::Unavailable)
        } else {
            value.as_table().map(|table| {
                let cells = table.iter();
                let cells = cells.filter_map(|(column, value)| {
                    Some((column.get_ref().to_string(), cell(&json(value.get_ref())?)))
                });
                Self::Given(cells.collect())
            })
        };
        if row.is_none() {
            section.fault_of(
                "device",
                "it is not a row of `devices`",
                "write { column = value }, false for no row, or \"unavailable\"",
            );
        }
        row
    }

    /// The row as a store would have read it; `None` if the scenario gives none.
    ///
    /// # Errors
    /// What is wrong with its cells.
    pub(super) fn record(&self, device: &Device) -> Result<Option<DeviceRecord>, String> {
        let Self::Given(cells) = self else {
            return Ok(None);
        };
        let mut table = Table::default();
        let keys = [("PartitionKey", &*device.id), ("RowKey", "device")];
        let cells: Vec<(&str, String)> = cells
            .iter()
            .map(|(column, text)| (&**column, device.fill(text)))
            .collect();
        let cells = cells.iter().map(|(column, text)| (*column, &**text));
        let mut row = Vec::new();
        for (column, text) in keys.into_iter().chain(cells) {
            row.push((table.column(column), text));
        }
        table.push(None, row).map_err(|error| error.to_string())?;
        DeviceRecord::read(table)
            .map(Some)
            .map_err(|findings| sentence(&findings))
    }

    /// What the webhook would know of the row.
    ///
    /// # Errors
    /// When the row does not fit the tables, or is never read.
    pub(super) fn fact<'a>(
        &self,
        record: Option<&'a DeviceRecord>,
        policy: &'a Policy,
        registration: &Registration<'_>,
    ) -> Result<DeviceFact<'a>, String> {
        let row = match (policy.device_rows(registration), self) {
            (DeviceRows::Off, Self::Given(_)) => {
                return Err("`device` has no effect: `deviceRows` of the enrollment is off".into());
            }
            (DeviceRows::Off, _) => return Ok(DeviceFact::NotRead),
            (_, Self::Unavailable) => return Ok(DeviceFact::Unavailable),
            (_, Self::Missing) => None,
            (_, Self::OfTables) => policy.device(&registration.id),
            (_, Self::Given(_)) => match record {
                Some(record) => {
                    let row = policy.recorded_device(record);
                    row.map_err(|findings| sentence(&findings))?
                }
                None => None,
            },
        };
        Ok(row.map_or(DeviceFact::Missing, DeviceFact::Row))
    }
}

fn sentence(findings: &[Finding]) -> String {
    let findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
    format!("`device` has errors: {}", findings.join("; "))
}

/// A value as a cell of a table holds it.
fn cell(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
