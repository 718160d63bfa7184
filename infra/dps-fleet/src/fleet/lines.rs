//! Cuts a fleet into pieces of whole lines.

use std::io::{self, ErrorKind, Read};

/// Bytes of a piece: large enough that handing it over costs nothing, small enough for many cores.
const PIECE: usize = 256 * 1024;

/// Longest line, in bytes; DPS accepts far less.
const LONGEST: usize = 2 * 1024 * 1024;

/// How a fleet is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// At the ends of lines.
    Lines,
    /// At the ends of lines that are not within quotes.
    QuotedLines,
    /// Between the entries of a JSON array, each of which becomes one line.
    Entries,
}

/// A piece of a fleet.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Whole lines, and the number of the first.
    Lines(Vec<u8>, u64),
    /// A line that is too long, by its number.
    TooLong(u64),
}

/// Pieces of whole lines.
pub(super) struct Pieces<R> {
    source: R,
    cut: Cut,
    /// What was read and not handed over.
    rest: Vec<u8>,
    /// The number of the first line of `rest`, from 1.
    line: u64,
    at_end: bool,
    /// Within a line that is too long.
    skipping: bool,
    entries: Entries,
}

impl<R: Read> Pieces<R> {
    pub(super) fn new(source: R, cut: Cut, first_line: u64) -> Self {
        Self {
            source,
            cut,
            rest: Vec::new(),
            line: first_line,
            at_end: false,
            skipping: false,
            entries: Entries::default(),
        }
    }

    fn piece(&mut self) -> io::Result<Option<Piece>> {
        loop {
            let end = self.end_of_lines();
            if end > 0 && (self.rest.len() >= PIECE || self.at_end) {
                return Ok(Some(self.hand_over(end)));
            }
            if self.at_end {
                let end = self.rest.len();
                if end > 0 && !self.skipping {
                    return Ok(Some(self.hand_over(end)));
                }
                return self.entries.end().map(|()| None);
            }
            if self.rest.len() > LONGEST {
                let line = self.line;
                self.line += memchr::memchr_iter(b'\n', &self.rest).count() as u64;
                self.rest.clear();
                if !std::mem::replace(&mut self.skipping, true) {
                    return Ok(Some(Piece::TooLong(line)));
                }
            }
            self.fill()?;
            if self.skipping
                && let Some(at) = memchr::memchr(b'\n', &self.rest)
            {
                self.rest.drain(..=at);
                self.line += 1;
                self.skipping = false;
            }
        }
    }

    /// Where the last whole line ends; 0: there is none.
    fn end_of_lines(&self) -> usize {
        if self.skipping {
            return 0;
        }
        let mut end = memchr::memrchr(b'\n', &self.rest).map_or(0, |at| at + 1);
        if self.cut != Cut::QuotedLines {
            return end;
        }
        // A line break within quotes does not end the row.
        let quotes = |text: &[u8]| memchr::memchr_iter(b'"', text).count();
        let mut before = quotes(self.rest.get(..end).unwrap_or_default());
        while before % 2 == 1 && end > 0 {
            let shorter = self.rest.get(..end - 1).unwrap_or_default();
            let shorter = memchr::memrchr(b'\n', shorter).map_or(0, |at| at + 1);
            before -= quotes(self.rest.get(shorter..end).unwrap_or_default());
            end = shorter;
        }
        end
    }

    fn hand_over(&mut self, end: usize) -> Piece {
        let rest = self.rest.split_off(end.min(self.rest.len()));
        let lines = std::mem::replace(&mut self.rest, rest);
        let first = self.line;
        self.line += memchr::memchr_iter(b'\n', &lines).count() as u64;
        Piece::Lines(lines, first)
    }

    fn fill(&mut self) -> io::Result<()> {
        let mut buffer = vec![0; PIECE];
        let read = loop {
            match self.source.read(&mut buffer) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        self.at_end = read == 0;
        let bytes = buffer.get(..read).unwrap_or_default();
        match self.cut {
            Cut::Lines | Cut::QuotedLines => self.rest.extend_from_slice(bytes),
            Cut::Entries => self.entries.add(bytes, &mut self.rest),
        }
        Ok(())
    }
}

impl<R: Read> Iterator for Pieces<R> {
    type Item = io::Result<Piece>;

    fn next(&mut self) -> Option<Self::Item> {
        let piece = self.piece();
        if piece.is_err() {
            self.at_end = true;
            self.rest.clear();
        }
        piece.transpose()
    }
}

/// Puts each entry of a JSON array on a line of its own.
#[derive(Debug, Default)]
struct Entries {
    depth: usize,
    in_text: bool,
    escaped: bool,
}

impl Entries {
    /// # Errors
    /// Once, where the array has no end.
    fn end(&mut self) -> io::Result<()> {
        match std::mem::take(&mut self.depth) {
            0 => Ok(()),
            _ => Err(io::Error::new(
                ErrorKind::UnexpectedEof,
                "the file ends before its JSON array does",
            )),
        }
    }

    fn add(&mut self, bytes: &[u8], lines: &mut Vec<u8>) {
        for byte in bytes {
            if self.in_text {
                lines.push(*byte);
                match byte {
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = true,
                    b'"' => self.in_text = false,
                    _ => {}
                }
                continue;
            }
            match byte {
                b'[' | b'{' => {
                    if self.depth > 0 {
                        lines.push(*byte);
                    }
                    self.depth += 1;
                }
                b']' | b'}' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth > 0 {
                        lines.push(*byte);
                    }
                }
                // Between two entries.
                b',' if self.depth <= 1 => lines.push(b'\n'),
                b'\n' | b'\r' | b' ' | b'\t' => {}
                _ => {
                    self.in_text = *byte == b'"';
                    lines.push(*byte);
                }
            }
        }
    }
}
