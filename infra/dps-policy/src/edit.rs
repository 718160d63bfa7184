//! Edits of rows, in a folder of CSV files or in the Azure Tables: checked, shown, written.

mod cells;
mod foreseen;
mod place;
mod row;

use std::path::Path;

use anyhow::Context as _;
use dps_allocation::tables::{TableName, Tables, diff};
use dps_allocation::{Finding, Policy};
use dps_fleet::preview::Preview;
use dps_policy_store::azure::{AzureTables, KeyPart};
use dps_policy_store::push::State;
use dps_policy_store::{CsvFolder, RowEdit as FileEdit, StoredTables};

use crate::checked::Checked;
use crate::exit::Exit;
use crate::publish::{self, Options, Report, Resume, Wanted};
use crate::source::{self, Read, Source};
use crate::{changes, check, output};
pub(crate) use cells::{Cells, table};
pub(crate) use foreseen::Foreseen;
pub(crate) use place::Place;
pub(crate) use row::Edit;

/// What a command makes of the tables.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) edits: Vec<Edit>,
    /// The reason for the history, if the operator gives none.
    pub(crate) reason: String,
    /// Shown before the changes.
    pub(crate) preface: String,
    /// What is asked about devices; `None` if nothing is.
    pub(crate) foreseen: Option<Foreseen>,
}

/// Edits what the target says now, by edits that follow from it.
pub(crate) async fn write(
    place: Place,
    edits_of: impl FnOnce(&Tables) -> anyhow::Result<Made>,
) -> anyhow::Result<Exit> {
    write_with(place.policy, None, &place.options, edits_of).await
}

/// The same in a source; `device` is the one whose row is read with the tables.
pub(crate) async fn write_with(
    source: Option<Source>,
    device: Option<KeyPart>,
    options: &Options,
    edits_of: impl FnOnce(&Tables) -> anyhow::Result<Made>,
) -> anyhow::Result<Exit> {
    match source.map_or_else(Source::of_settings, Ok)? {
        Source::Folder(path) => in_folder(&path, options, edits_of),
        Source::Tables => in_tables(device, options, edits_of).await,
        source @ Source::Revision(_) => {
            anyhow::bail!("`{source}` cannot be changed; write `tables`")
        }
    }
}

fn in_folder(
    path: &Path,
    options: &Options,
    edits_of: impl FnOnce(&Tables) -> anyhow::Result<Made>,
) -> anyhow::Result<Exit> {
    let folder = CsvFolder::new(path);
    let mut stored = folder.read()?;
    let mut made = edits_of(&stored.tables)?;
    let wanted = edited(&stored.tables, &made.edits)?;
    let changes = diff(&stored.tables, &wanted);
    let source = Source::Folder(path.to_owned());
    let checked = checked(source, &wanted, stored.findings.clone());
    let Some(policy) = &checked.policy else {
        return check::report(&checked, options.json);
    };
    let preview = foresee(&mut made, &checked.source, &stored.tables, &wanted)?;
    // Each edit leaves tables that can be read, so nothing is lost between two of them.
    for edit in &made.edits {
        write_row(&folder, &stored, edit)?;
        stored = folder.read()?;
    }
    let revision = policy.revision();
    if options.json {
        output::print_json(&Report {
            revision,
            changes: &changes,
            preview: preview.as_ref(),
            written: true,
        })?;
    } else {
        output::print(&format!("{}{}", made.preface, changes::text(&changes)))?;
        if !changes.is_empty() {
            let folder = path.display();
            output::print(&format!("`{folder}` holds revision {}\n", revision.short()))?;
        }
    }
    Ok(Exit::Success)
}

fn write_row(folder: &CsvFolder, stored: &StoredTables, edit: &Edit) -> anyhow::Result<()> {
    let wanted = edit.with(&stored.tables)?;
    if wanted.changes.is_empty() {
        return Ok(());
    }
    let cells: Vec<(&str, &str)> = wanted.cells.iter().map(|(a, b)| (*a, &**b)).collect();
    let row = FileEdit {
        line: wanted.line,
        cells: &cells,
    };
    folder.edit_row(stored, edit.table, row, wanted.tables.table(edit.table))?;
    Ok(())
}

async fn in_tables(
    device: Option<KeyPart>,
    options: &Options,
    edits_of: impl FnOnce(&Tables) -> anyhow::Result<Made>,
) -> anyhow::Result<Exit> {
    let store = source::azure()?;
    let state = match &device {
        Some(device) => State::with_device(&store, device).await?,
        None => State::read(&store, false).await?,
    };
    let mut made = edits_of(state.tables())?;
    let tables = edited(state.tables(), &made.edits)?;
    let checked = checked(Source::Tables, &tables, Vec::new());
    let Some(policy) = &checked.policy else {
        return check::report(&checked, options.json);
    };
    let preview = in_cloud(&store, &mut made, &state, &tables).await?;
    if !options.json && !made.preface.is_empty() {
        output::print(&made.preface)?;
    }
    let wanted = Wanted {
        preview: preview.as_ref(),
        devices: device.is_some(),
        ..Wanted::new(policy.revision(), &tables, &made.reason, Resume::default())
    };
    publish::publish(&store, &state, &wanted, options).await
}

/// Reports what the edits do to a fleet, if that is asked.
fn foresee(
    made: &mut Made,
    source: &Source,
    before: &Tables,
    after: &Tables,
) -> anyhow::Result<Option<Preview>> {
    let Some(foreseen) = &made.foreseen else {
        return Ok(None);
    };
    let shown = foreseen.show(source, before, after)?;
    made.preface.push_str(&shown.text);
    Ok(shown.preview)
}

/// The same with the device rows that the tables hold.
async fn in_cloud(
    store: &AzureTables,
    made: &mut Made,
    state: &State,
    after: &Tables,
) -> anyhow::Result<Option<Preview>> {
    let (mut before, mut after) = (state.tables().clone(), after.clone());
    let foreseen = made.foreseen.as_ref();
    if foreseen.is_some_and(Foreseen::needs_device_rows) {
        source::stored_devices(store, &mut before).await?;
        *after.table_mut(TableName::Devices) = before.table(TableName::Devices).clone();
    }
    foresee(made, &Source::Tables, &before, &after)
}

/// The tables with all edits.
fn edited(tables: &Tables, edits: &[Edit]) -> anyhow::Result<Tables> {
    let mut edits = edits.iter();
    edits.try_fold(tables.clone(), |tables, edit| {
        Ok(edit.with(&tables)?.tables)
    })
}

fn checked(source: Source, tables: &Tables, findings: Vec<Finding>) -> Checked {
    let tables = tables.clone();
    Checked::new(source, Read { tables, findings })
}

/// The policy of tables that are to be edited.
///
/// # Errors
/// When the tables have errors.
pub(crate) fn policy(tables: &Tables) -> anyhow::Result<Policy> {
    let policy = Policy::read(tables).policy;
    policy.context("the tables have errors, so nothing can be planned on them; see check")
}
