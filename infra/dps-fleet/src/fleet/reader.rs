//! Reads a fleet in batches.

use std::fmt;
use std::io::{Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::batch::{Batch, Content, Lines};
use super::columns::Columns;
use super::fault::{FleetError, LineFault};
use super::form::Form;
use super::lines::{Cut, Piece, Pieces};

/// Bytes that show what a fleet is.
const BEGINNING: u64 = 64 * 1024;

/// A fleet that is being read.
pub struct FleetReader {
    form: Form,
    columns: Arc<Columns>,
    pieces: Pieces<Box<dyn Read + Send>>,
    file: Arc<str>,
    number: u64,
    /// Bytes of the file so far, as its owner counts them.
    bytes: Arc<AtomicU64>,
    reported: u64,
}

impl fmt::Debug for FleetReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FleetReader")
            .field("form", &self.form)
            .finish_non_exhaustive()
    }
}

impl FleetReader {
    /// Recognizes the form of a fleet by its beginning; `file` is what it is called, `bytes` how
    /// much of it was read.
    ///
    /// # Errors
    /// [`FleetError`].
    pub fn new(
        file: &str,
        mut source: Box<dyn Read + Send>,
        bytes: Arc<AtomicU64>,
    ) -> Result<Self, FleetError> {
        let mut beginning = Vec::new();
        source
            .by_ref()
            .take(BEGINNING)
            .read_to_end(&mut beginning)?;
        let mark = beginning.starts_with(b"\xef\xbb\xbf");
        beginning.drain(..if mark { 3 } else { 0 });
        let form = Form::of(&beginning)?;
        let (cut, skip) = match &form {
            Form::Csv(csv) => (Cut::QuotedLines, csv.header),
            Form::JsonLines => (Cut::Lines, 0),
            Form::JsonArray => (Cut::Entries, 0),
        };
        let lines_before = beginning.iter().take(skip).filter(|it| **it == b'\n');
        let first_line = 1 + lines_before.count() as u64;
        let columns = match &form {
            Form::Csv(csv) => Arc::new(csv.columns.clone()),
            Form::JsonLines | Form::JsonArray => Arc::default(),
        };
        let mut beginning = Cursor::new(beginning);
        beginning.set_position(skip as u64);
        let source: Box<dyn Read + Send> = Box::new(beginning.chain(source));
        Ok(Self {
            form,
            columns,
            pieces: Pieces::new(source, cut, first_line),
            file: file.into(),
            number: 0,
            bytes,
            reported: 0,
        })
    }

    /// What the file is called.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// What the fleet is.
    #[must_use]
    pub fn form(&self) -> &Form {
        &self.form
    }
}

impl Iterator for FleetReader {
    type Item = Result<Batch, FleetError>;

    fn next(&mut self) -> Option<Self::Item> {
        let piece = match self.pieces.next()? {
            Ok(piece) => piece,
            Err(error) => {
                let file = self.file.as_ref().to_owned();
                return Some(Err(FleetError::Broken(file, error)));
            }
        };
        let content = match (piece, &self.form) {
            (Piece::TooLong(line), _) => Content::TooLong(LineFault::new(
                line,
                "it has more than 2 MiB, or a quote in it is not closed".to_owned(),
            )),
            (Piece::Lines(text, first), Form::Csv(_)) => {
                Content::Csv(Arc::clone(&self.columns), Lines { text, first })
            }
            (Piece::Lines(text, first), Form::JsonLines | Form::JsonArray) => {
                Content::Json(Lines { text, first })
            }
        };
        let read = self.bytes.load(Ordering::Relaxed);
        let bytes = read - self.reported;
        self.reported = read;
        let number = self.number;
        self.number += 1;
        Some(Ok(Batch {
            number,
            bytes,
            file: Arc::clone(&self.file),
            content,
            revealed: None,
        }))
    }
}
