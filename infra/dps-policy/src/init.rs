//! `init`: the smallest tables that work.

use std::io;
use std::path::PathBuf;

use anyhow::Context as _;
use dps_allocation::tables::{TableName, Tables};
use dps_policy_store::{CsvFolder, ReadError};

use crate::exit::Exit;
use crate::output;

/// Write the smallest tables that work, and print how to try them
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// Folder to write; created if it is missing
    folder: PathBuf,

    /// Host name of an IoT hub that is linked to the DPS; may be repeated
    #[arg(long, value_name = "HOST", default_value = "my-hub.azure-devices.net")]
    hub: Vec<String>,

    /// Id of the tenant
    #[arg(long, value_name = "ID", default_value = "my-tenant")]
    tenant: String,

    /// Id of the enrollment; `*` stands for any characters
    #[arg(long, value_name = "ID", default_value = "*")]
    enrollment: String,
}

const AFTER_HELP: &str = "\
One hub, one tenant, any enrollment. A folder that has tables does not change.

Examples:
  dps-policy init my-policy
  dps-policy init --hub contoso-weu-1.azure-devices.net my-policy

Exit codes: 0 written, 1 the folder has tables, 2 failure.";

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let folder = CsvFolder::new(&arguments.folder);
    let path = arguments.folder.display();
    match folder.read() {
        Err(ReadError::NoTables { .. }) => {}
        Err(ReadError::Folder { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error.into()),
        Ok(_) => {
            output::note(&format!("`{path}` has tables; nothing was written"));
            return Ok(Exit::Findings);
        }
    }
    let tables = arguments.tables()?;
    let reading = dps_allocation::Policy::read(&tables);
    if let Some(finding) = reading.findings.first() {
        anyhow::bail!("{finding}");
    }
    let names = [TableName::Hubs, TableName::Enrollments, TableName::Tenants];
    let written = folder.write(&tables, names);
    written.with_context(|| format!("`{path}` cannot be written"))?;
    output::print(&format!("{}\n", arguments.how_to_try()))?;
    Ok(Exit::Success)
}

impl Arguments {
    fn tables(&self) -> anyhow::Result<Tables> {
        let mut tables = Tables::default();
        for hub in &self.hub {
            add(
                &mut tables,
                TableName::Hubs,
                &[("PartitionKey", "hub"), ("RowKey", hub)],
            )?;
        }
        let enrollment = [
            ("PartitionKey", "enrollment"),
            ("RowKey", &*self.enrollment),
            ("tenants", &*self.tenant),
        ];
        add(&mut tables, TableName::Enrollments, &enrollment)?;
        let tenant = [("PartitionKey", "tenant"), ("RowKey", &*self.tenant)];
        add(&mut tables, TableName::Tenants, &tenant)?;
        Ok(tables)
    }

    /// The smallest request, and where to put it.
    fn how_to_try(&self) -> String {
        let folder = quoted(&self.folder.display().to_string());
        let hubs: Vec<String> = self.hub.iter().map(|hub| format!("{hub:?}")).collect();
        let hubs = hubs.join(", ");
        let enrollment = self.enrollment.replace('*', "x");
        format!(
            "hubs.csv, enrollments.csv and tenants.csv written to {folder}\n\n\
             the smallest request, and its decision:\n\n\
             dps-policy explain --policy {folder} - <<'END'\n\
             {{\n  \
               \"deviceRuntimeContext\": {{\"registrationId\": \"device-1\"}},\n  \
               \"enrollmentGroup\": {{\"enrollmentGroupId\": {enrollment:?}}},\n  \
               \"linkedHubs\": [{hubs}]\n\
             }}\n\
             END\n\n\
             the webhook on these tables, and an edit:\n\n\
             POLICY_DIR={folder} cargo run\n\
             dps-policy set --policy {folder} hubs {} weight=2",
            self.hub.first().map(String::as_str).unwrap_or_default()
        )
    }
}

fn add(tables: &mut Tables, name: TableName, cells: &[(&str, &str)]) -> anyhow::Result<()> {
    let table = tables.table_mut(name);
    let mut row = Vec::new();
    for (column, text) in cells {
        row.push((table.column(column), *text));
    }
    Ok(table.push(None, row)?)
}

/// For the shell.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-".contains(c);
    if word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
