//! `diff`: how two sources differ, row by row.

use dps_allocation::tables::{self, RowChange, Tables};
use serde::Serialize;

use crate::exit::Exit;
use crate::source::{self, Read, Source};
use crate::{changes, output};

/// Compare row by row: what TO adds (+), removes (-), changes (~)
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// Folder, `tables` or `tables@REVISION`
    from: Source,

    /// Folder, `tables` or `tables@REVISION`
    to: Source,

    /// Print JSON: from, to, changes
    #[arg(long)]
    json: bool,
}

const AFTER_HELP: &str = "\
Notes are compared; spelling and the order of rows and columns are not. The
tables may have errors. devices is compared between two folders only.

Examples:
  dps-policy diff infra/policy my-policy
  dps-policy diff tables infra/policy
  dps-policy diff --json tables@0123456789ab tables | jq '.changes[].row'

Exit codes: 0 no difference, 1 rows differ, 2 the tables cannot be read.";

/// What `diff --json` answers.
#[derive(Serialize)]
struct Difference<'a> {
    from: String,
    to: String,
    changes: &'a [RowChange],
}

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let Arguments { from, to, json } = arguments;
    let (before, after) = (read(&from).await?, read(&to).await?);
    let folders = [&from, &to]
        .iter()
        .all(|it| matches!(it, Source::Folder(_)));
    let mut changes = tables::diff(&before, &after);
    changes.retain(|row| folders || row.table.is_in_revision());
    let document = Difference {
        from: from.to_string(),
        to: to.to_string(),
        changes: &changes,
    };
    output::answer(json, &document, || changes::text(&changes))?;
    Ok(Exit::of(changes.is_empty()))
}

/// Refuses broken files: rows that could not be read would count as removed.
async fn read(source: &Source) -> anyhow::Result<Tables> {
    let Read { tables, findings } = source::read(source).await?;
    if let Some(first) = findings.first() {
        anyhow::bail!("`{source}` cannot be compared (see check): {first}");
    }
    Ok(tables)
}
