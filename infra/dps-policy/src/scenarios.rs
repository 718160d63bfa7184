//! `test`: scenario files, decided as the webhook does, next to what they expect.

mod files;
mod format;
mod report;

use std::path::PathBuf;

use anyhow::Context as _;
use clap::ValueEnum;
use dps_fleet::scenario::Subject;

use crate::checked::Checked;
use crate::exit::Exit;
use crate::output;
use crate::source::Source;
use files::ScenarioFile;
use report::Report;

/// Test tables: decide the cases of *.test.toml files, compare
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// Folder, `tables` or `tables@REVISION` [default: what the settings name]
    source: Option<Source>,

    /// Scenario files [default: *.test.toml in the folder and in its tests folder]
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,

    /// How to report
    #[arg(long, value_enum, default_value_t = Format::Human, hide_possible_values = true)]
    format: Format,

    /// Print JSON: the same as --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,

    /// Folder to write the request of each case to, for explain and curl
    #[arg(long, value_name = "FOLDER")]
    requests: Option<PathBuf>,
}

/// How to report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line for each failure, and a summary.
    Human,
    /// Test Anything Protocol, version 14.
    Tap,
    /// XML of `JUnit`.
    Junit,
    /// Annotations of GitHub Actions.
    Github,
    /// Issues of Azure Pipelines.
    AzureDevops,
    /// One document.
    Json,
}

const AFTER_HELP: &str = "\
Formats: human, tap, junit (XML), github and azure-devops (annotations at the
line of the case), json.

Examples:
  dps-policy test infra/policy
  dps-policy test infra/policy more.test.toml --format github
  dps-policy test --format junit infra/policy >results.xml
  dps-policy test --requests target/requests infra/policy

Exit codes: 0 all as expected, 1 a case failed or the tables have errors, 2 the
tables or a scenario file cannot be read.";

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let format = if arguments.json {
        Format::Json
    } else {
        arguments.format
    };
    if let Some(Source::Folder(path)) = &arguments.source
        && files::is_scenario(path)
    {
        let path = path.display();
        anyhow::bail!("`{path}` is a scenario file; name the tables before it: test FOLDER {path}");
    }
    let checked = Checked::read_as_in_use(arguments.source).await?;
    let files = files::find(&checked.source, &arguments.files)?;
    let report = report(&checked, &files)?;
    if let Some(folder) = &arguments.requests {
        files::write_requests(folder, &report.suites)
            .with_context(|| format!("`{}` cannot be written", folder.display()))?;
    }
    match format {
        Format::Human => output::print(&format::human(&report))?,
        Format::Tap => output::print_plain(&format::tap(&report))?,
        Format::Junit => output::print_plain(&format::junit(&report))?,
        Format::Github => output::print_plain(&format::github(&report))?,
        Format::AzureDevops => output::print_plain(&format::azure_devops(&report))?,
        Format::Json => output::print_json(&report)?,
    }
    Ok(if report.counts.broken > 0 {
        Exit::Failed
    } else if report.counts.failed > 0 || report.revision.is_none() {
        Exit::Findings
    } else {
        Exit::Success
    })
}

/// Decides all cases; tables with errors decide nothing.
fn report(checked: &Checked, files: &[ScenarioFile]) -> anyhow::Result<Report> {
    let mut suites = Vec::new();
    if let Some(policy) = &checked.policy {
        let subject = Subject::new(policy, &checked.tables);
        for file in files {
            let text = file.read()?;
            let read_file = |path: &str| file.read_beside(path);
            suites.push(subject.test(&file.shown(), &text, &read_file));
        }
    }
    Ok(Report::new(checked, suites))
}
