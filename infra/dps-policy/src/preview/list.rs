//! Writes each device that changes as a row of a CSV file.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::Context as _;
use dps_fleet::preview::Changed;

/// A CSV file that is being written.
pub(super) struct List {
    name: String,
    rows: csv::Writer<Box<dyn Write>>,
    failed: Option<csv::Error>,
}

const COLUMNS: [&str; 7] = [
    "registrationId",
    "change",
    "tenant",
    "from",
    "to",
    "reason",
    "row",
];

impl List {
    /// # Errors
    /// When the file cannot be written.
    pub(super) fn create(path: &Path) -> anyhow::Result<Self> {
        let (name, file): (_, Box<dyn Write>) = if path == Path::new("-") {
            ("stdout".to_owned(), Box::new(io::stdout()))
        } else {
            let name = format!("`{}`", path.display());
            let file = File::create(path).with_context(|| format!("{name} cannot be written"))?;
            (name, Box::new(file))
        };
        let mut rows = csv::Writer::from_writer(Box::new(BufWriter::new(file)) as Box<dyn Write>);
        let failed = rows.write_record(COLUMNS).err();
        Ok(Self { name, rows, failed })
    }

    pub(super) fn write(&mut self, changed: &[Changed]) {
        for it in changed {
            if self.failed.is_some() {
                return;
            }
            let text = |text: &Option<String>| text.clone().unwrap_or_default();
            let (tenant, row) = (text(&it.tenant), text(&it.row));
            let cells = [
                &it.id,
                it.change.as_str(),
                &tenant,
                &it.from,
                &it.to,
                it.reason,
                &row,
            ];
            self.failed = self.rows.write_record(cells).err();
        }
    }

    /// # Errors
    /// When the file could not be written; not when its reader has gone.
    pub(super) fn finish(mut self) -> anyhow::Result<()> {
        let flushed = self.rows.flush().map_err(csv::Error::from);
        let written = self.failed.map_or(flushed, Err);
        match written {
            Err(error) if is_closed_pipe(&error) => Ok(()),
            written => written.with_context(|| format!("{} cannot be written", self.name)),
        }
    }
}

fn is_closed_pipe(error: &csv::Error) -> bool {
    matches!(error.kind(), csv::ErrorKind::Io(error) if error.kind() == io::ErrorKind::BrokenPipe)
}
