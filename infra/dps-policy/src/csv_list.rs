//! A CSV file that is written row by row; its reader may go.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::Context as _;

/// A CSV file that is being written.
pub(crate) struct CsvList {
    name: String,
    rows: csv::Writer<Box<dyn Write>>,
    failed: Option<csv::Error>,
}

impl CsvList {
    /// `-` is stdout.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn create(path: &Path, columns: &[&str]) -> anyhow::Result<Self> {
        let (name, file): (_, Box<dyn Write>) = if path == Path::new("-") {
            ("stdout".to_owned(), Box::new(io::stdout()))
        } else {
            let name = format!("`{}`", path.display());
            let file = File::create(path).with_context(|| format!("{name} cannot be written"))?;
            (name, Box::new(file))
        };
        let mut rows = csv::Writer::from_writer(Box::new(BufWriter::new(file)) as Box<dyn Write>);
        let failed = rows.write_record(columns).err();
        Ok(Self { name, rows, failed })
    }

    /// Writes a row, unless one before it could not be written.
    pub(crate) fn write<const N: usize>(&mut self, cells: [&str; N]) {
        if self.failed.is_none() {
            self.failed = self.rows.write_record(cells).err();
        }
    }

    /// # Errors
    /// When the file could not be written; not when its reader has gone.
    pub(crate) fn finish(mut self) -> anyhow::Result<()> {
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
