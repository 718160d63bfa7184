//! Claims: proved where they hold, and refuted by requests that the engine decides against them.

mod choice;
mod faults;
mod holds;
mod ids;
mod large;
mod random;
mod unknown;

use std::fs;
use std::path::Path;

use dps_allocation::tables::{TableName, Tables};
use dps_allocation::{
    DeviceFact, DeviceRows, Facts, Policy, Registration, Verdict as HubVerdict, explain, instant,
};
use dps_fleet::edit::RowEdit;
use dps_fleet::prove::{Claim, Report, Side, prove};
use jiff::Timestamp;

pub(crate) fn now() -> Timestamp {
    instant("2026-11-26").unwrap()
}

/// The starter tables.
pub(crate) fn starter() -> Tables {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policy");
    let mut tables = Tables::default();
    for name in TableName::all() {
        let text = fs::read_to_string(folder.join(name.file_name())).unwrap();
        read(&text, &mut tables, name);
    }
    tables
}

/// Reads a file of the starter tables: cells without line breaks.
fn read(text: &str, tables: &mut Tables, name: TableName) {
    let mut lines = text.lines().filter(|line| !line.starts_with('#'));
    let header = cells(lines.next().unwrap());
    let table = tables.table_mut(name);
    let columns: Vec<usize> = header.iter().map(|column| table.column(column)).collect();
    for line in lines {
        let cells = cells(line);
        let row = columns
            .iter()
            .copied()
            .zip(cells.iter().map(String::as_str));
        table.push(None, row).unwrap();
    }
}

fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => cell.extend(chars.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(std::mem::take(&mut cell)),
            c => cell.push(c),
        }
    }
    cells.push(cell);
    cells
}

/// Tables with cells of a row changed; a new row where there is none.
pub(crate) fn with(
    tables: &Tables,
    table: TableName,
    keys: &str,
    cells: &[(&'static str, &str)],
) -> Tables {
    let (partition, row) = keys.split_once('/').unwrap();
    let edit = RowEdit {
        table,
        partition: partition.to_owned(),
        row: row.to_owned(),
        new: false,
        cells: cells
            .iter()
            .map(|(name, text)| (*name, (*text).to_owned()))
            .collect(),
    };
    edit.apply(tables).unwrap()
}

#[track_caller]
pub(crate) fn policy(tables: &Tables) -> Policy {
    let reading = Policy::read(tables);
    let findings = reading.findings;
    reading.policy.unwrap_or_else(|| panic!("{findings:?}"))
}

/// The answer to a claim about one set of tables, or two.
#[track_caller]
pub(crate) fn claim(claim: &Claim, tables: &[&Tables]) -> Report {
    let policies: Vec<Policy> = tables.iter().map(|it| policy(it)).collect();
    let sides = policies.iter().zip(tables);
    let sides: Vec<Side<'_>> = sides
        .map(|(policy, tables)| Side::new(policy, tables))
        .collect();
    prove(&claim.clone().named_in(&sides).unwrap(), &sides, now())
}

/// What is known of a device when it registers: its row is one of the policy.
pub(crate) fn facts<'a>(
    policy: &'a Policy,
    registration: &Registration<'_>,
    now: Timestamp,
) -> Facts<'a> {
    let row = policy.device(&registration.id);
    let device = match policy.device_rows(registration) {
        DeviceRows::Off => DeviceFact::NotRead,
        _ => row.map_or(DeviceFact::Missing, DeviceFact::Row),
    };
    Facts { now, device }
}

/// What `explain` says of a request: the hub or the reason.
pub(crate) fn decided(tables: &Tables, body: &str, at: Timestamp) -> String {
    let policy = policy(tables);
    let registration = Registration::parse(body.as_bytes()).unwrap();
    let facts = facts(&policy, &registration, at);
    let found = explain(&policy, &registration, &facts);
    let chosen = found
        .hubs
        .iter()
        .find(|it| it.verdict == HubVerdict::Chosen);
    chosen.map_or(found.reason.to_owned(), |it| it.hub.clone())
}
