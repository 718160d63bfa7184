//! Rows of hubs, and the hubs that a DPS really links, as the Azure CLI lists them.

use std::collections::BTreeSet;
use std::io;
use std::process::{Command, Stdio};

use anyhow::Context as _;
use dps_allocation::HubName;
use dps_allocation::tables::{Canonical, TableName, Tables};
use serde::Deserialize;

use super::finding::Checks;

const NAME: &str = "linked hubs";

/// What az is asked, before the name of the DPS.
const LIST: &str = "iot dps linked-hub list --dps-name";

/// What this reads of `az iot dps linked-hub list`; the rest holds a connection string.
#[derive(Deserialize)]
struct LinkedHub {
    name: String,
}

/// Every linked hub has a row, and every row a linked hub.
///
/// # Errors
/// When `az` prints what it did not print when this was written.
pub(super) fn check(checks: &mut Checks, dps: &str, tables: &Tables) -> anyhow::Result<()> {
    let run = Command::new("az")
        .args(LIST.split(' '))
        .args([dps, "--output", "json"])
        .stdin(Stdio::null())
        .output();
    let help = "sign in with `az login`, and install `az extension add --name azure-iot`";
    let output = match run {
        Ok(output) if output.status.success() => output,
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            let first = said.lines().find(|line| !line.trim().is_empty());
            checks.not_checked(NAME, first.unwrap_or("az failed without a word"), help);
            return Ok(());
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            checks.not_checked(NAME, "az is not on the PATH", help);
            return Ok(());
        }
        Err(error) => return Err(error).context("az cannot be started"),
    };
    let linked: Vec<LinkedHub> = serde_json::from_slice(&output.stdout)
        .context("az iot dps linked-hub list has printed what is not a list of hubs")?;
    let (rows, _findings) = Canonical::read(tables);
    let rows = rows.rows(TableName::Hubs).map(|row| row.key());
    let linked = linked.iter().map(|hub| &*hub.name);
    compare(checks, dps, &classic(linked), &classic(rows));
    Ok(())
}

/// The classic names of hubs.
fn classic<'h>(hosts: impl Iterator<Item = &'h str>) -> BTreeSet<String> {
    hosts.map(|host| HubName::fold(host).into_owned()).collect()
}

fn compare(checks: &mut Checks, dps: &str, linked: &BTreeSet<String>, rows: &BTreeSet<String>) {
    let without_row = listed(linked.difference(rows));
    let not_linked = listed(rows.difference(linked));
    if let Some(hubs) = &without_row {
        let help = "add a row for each, or devices that are there stay and no new one comes";
        let detail = format!("`{dps}` links hubs without a row: {hubs}");
        checks.bad(NAME, detail, help);
    }
    if let Some(hubs) = &not_linked {
        let help = "link them, or close or delete their rows: DPS never offers them";
        checks.bad(NAME, format!("`{dps}` does not link: {hubs}"), help);
    }
    if without_row.is_none() && not_linked.is_none() {
        let count = linked.len();
        let detail = format!("the {count} of `{dps}` are those of the tables");
        checks.good(NAME, detail);
    }
}

fn listed<'a>(hubs: impl Iterator<Item = &'a String>) -> Option<String> {
    let hubs: Vec<&str> = hubs.map(String::as_str).collect();
    (!hubs.is_empty()).then(|| hubs.join(", "))
}
