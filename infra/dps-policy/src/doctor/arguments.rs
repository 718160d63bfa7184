//! The words of the command line, and the keys of the environment.

use std::path::PathBuf;

use reqwest::Url;

use crate::source::Source;
use crate::webhook;

/// Check a deployment from outside: keys, policy, decisions, telemetry, hubs
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// Where the webhook is, without /api/allocate
    #[arg(value_name = "URL", value_parser = webhook::url)]
    pub(super) url: Url,

    /// Folder, `tables` or `tables@REVISION` [default: what the settings name]
    pub(super) source: Option<Source>,

    /// Folder of allocation requests, *.json [default: one for each enrollment]
    #[arg(long, value_name = "FOLDER")]
    pub(super) requests: Option<PathBuf>,

    /// DPS whose linked hubs are compared with the tables, by the Azure CLI
    #[arg(long, value_name = "NAME", value_parser = dps_name)]
    pub(super) dps: Option<String>,

    /// How long to retry while the webhook starts or has other tables
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    pub(super) wait: u64,

    /// Print JSON: each check with its verdict, and what to do
    #[arg(long)]
    pub(super) json: bool,
}

/// Letters, digits and hyphens, by the naming rules of Azure:
/// <https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftdevices>.
fn dps_name(text: &str) -> Result<String, &'static str> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let rule = "write the name of the DPS alone, which has letters, digits and - only";
    let named = !text.is_empty() && text.chars().all(is_name);
    named.then(|| text.to_owned()).ok_or(rule)
}

const AFTER_HELP: &str = "\
ALLOCATE_KEY in the environment is a key of `allocate`. OPERATOR_KEY, a key of
`policy`, is optional: with it the webhook says more. They are sent in a header
and never printed. Nothing is changed, but the decisions are in the log of the
webhook, under the registration ids of the requests.

Examples:
  dps-policy doctor http://localhost:7071 infra/policy
  ALLOCATE_KEY=.. dps-policy doctor https://APP.azurewebsites.net tables
  dps-policy doctor --dps my-dps --wait 120 https://APP.azurewebsites.net tables

Exit codes: 0 nothing is wrong, 1 something is, 2 wrong arguments.";
