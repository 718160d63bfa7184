//! stdout for answers, stderr for messages.

use std::fmt::{Display, Write as _};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::FileTypeExt as _;
use std::path::Path;

use anyhow::Context as _;
use dps_allocation::shown::{escaped, is_hidden};
use dps_settings::wrapped;
use serde::Serialize;

use crate::keyless;

/// Columns for pipes, and for terminals that do not report their width.
const DEFAULT_WIDTH: usize = 100;

/// Width of the help texts, so that any terminal can show them.
pub(crate) const HELP_WIDTH: usize = 80;

/// Narrower terminals wrap the lines themselves.
const MIN_WIDTH: usize = 60;

/// Columns of the terminal.
pub(crate) fn width() -> usize {
    columns_of(io::stdout()).map_or(DEFAULT_WIDTH, |width| width.max(MIN_WIDTH))
}

/// Columns for lines of text. On a pipe, lines are not wrapped, so that they can be searched.
pub(crate) fn line_width() -> usize {
    columns_of(io::stdout()).map_or(usize::MAX, |width| width.max(MIN_WIDTH))
}

fn columns_of(stream: impl AsFd) -> Option<usize> {
    let (width, _) = terminal_size::terminal_size_of(stream)?;
    Some(width.0.into())
}

/// Prints an answer; with colours only on a terminal and without `NO_COLOR`.
///
/// # Errors
/// When stdout cannot be written; not when its reader has gone, as `head` does.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        // The control characters are ours; those of others were escaped where the text was made.
        if is_hidden(c) && !c.is_control() {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    write(anstream::stdout().lock(), shown.as_bytes())
}

/// Prints an answer for programs: without colours, hidden characters written out by its author.
///
/// # Errors
/// As [`print()`].
pub(crate) fn print_plain(text: &str) -> anyhow::Result<()> {
    write(io::stdout().lock(), text.as_bytes())
}

/// Prints a document for programs and people: indented, with a line break at its end.
///
/// # Errors
/// When stdout cannot be written.
pub(crate) fn print_json(document: &impl Serialize) -> anyhow::Result<()> {
    let json = serde_json::to_string_pretty(document).context("the answer cannot be JSON")?;
    let json = in_json(&json) + "\n";
    write(io::stdout().lock(), json.as_bytes())
}

/// Prints an answer: for programs if they ask for `--json`, or else for people.
///
/// # Errors
/// As [`print()`] and [`print_json`].
pub(crate) fn answer(
    json: bool,
    document: &impl Serialize,
    text: impl FnOnce() -> String,
) -> anyhow::Result<()> {
    if json {
        print_json(document)
    } else {
        print(&text())
    }
}

/// The document with hidden characters as escapes, which mean the same: it may be read on a
/// terminal.
fn in_json(document: &str) -> String {
    let mut shown = String::with_capacity(document.len());
    for c in document.chars() {
        // Its layout has line breaks; those inside of strings are escapes already.
        if c != '\n' && is_hidden(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _infallible = write!(shown, "\\u{unit:04x}");
            }
        } else {
            shown.push(c);
        }
    }
    shown
}

/// `dps-policy: message: cause`, on one line of stderr.
pub(crate) fn complain(error: &anyhow::Error) {
    note(&chain(error));
}

/// `dps-policy: message`, on one line of stderr; on a terminal its lines break between words.
pub(crate) fn note(message: &str) {
    let width = columns_of(io::stderr()).unwrap_or(usize::MAX);
    let line = format!("dps-policy: {}", one_line(&keyless::message(message)));
    anstream::eprintln!("{}", wrapped(&line, width, 0, "  "));
}

/// Whether a file can be written, before something long is done for it; it is not changed.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn check_writable(path: &Path) -> anyhow::Result<()> {
    let there = fs::metadata(path);
    if there.as_ref().is_ok_and(|it| it.file_type().is_fifo()) {
        // Its reader would take the check for the whole.
        return Ok(());
    }
    let opened = OpenOptions::new().create(true).append(true).open(path);
    opened.with_context(|| format!("`{}` cannot be written", path.display()))?;
    if there.is_err() {
        // It is written later, or not at all. A link to it stays.
        let _removed = fs::canonicalize(path).and_then(fs::remove_file);
    }
    Ok(())
}

/// Lines of the terminal; `None` for pipes, and if the terminal does not report its height.
pub(crate) fn height() -> Option<usize> {
    let size = terminal_size::terminal_size_of(io::stdout());
    size.map(|(_, height)| usize::from(height.0))
}

/// `1 error`, `2 errors`
pub(crate) fn counted(count: impl Display, what: &str) -> String {
    let count = count.to_string();
    let plural = if count == "1" { "" } else { "s" };
    format!("{count} {what}{plural}")
}

/// `1 line is`, `2 lines are`
pub(crate) fn counted_as(count: u64, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}

/// `the table A`, `the tables A, B`
pub(crate) fn the_tables(names: &[String]) -> String {
    let plural = if names.len() == 1 { "" } else { "s" };
    format!("the table{plural} {}", names.join(", "))
}

/// The text with hidden characters written out: tables may hold anything, and a terminal would obey
/// some.
pub(crate) fn one_line(text: &str) -> String {
    escaped(text)
}

/// The message with its causes, without those that it already contains.
pub(crate) fn chain(error: &anyhow::Error) -> String {
    let mut chain = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !chain.contains(&cause) {
            chain.push_str(": ");
            chain.push_str(&cause);
        }
    }
    chain
}

fn write(mut stdout: impl Write, bytes: &[u8]) -> anyhow::Result<()> {
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.context("stdout cannot be written"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_table_is_singular() {
        let names = ["A".to_owned(), "B".to_owned()];
        assert_eq!(the_tables(&names[..1]), "the table A");
        assert_eq!(the_tables(&names), "the tables A, B");
    }

    #[test]
    fn control_characters_are_written_out() {
        assert_eq!(
            one_line("a\nb\u{1b}[31m\u{9b}ü"),
            "a\\nb\\u{1b}[31m\\u{9b}ü"
        );
    }

    #[test]
    fn characters_that_change_the_look_of_a_line_are_written_out() {
        assert_eq!(
            one_line("a\u{202e}b\u{200b}\u{2028}\u{feff}é"),
            "a\\u{202e}b\\u{200b}\\u{2028}\\u{feff}é"
        );
        let document = serde_json::json!({ "a\u{2066}": "\n\u{7f}\u{9b}\u{202e}\u{e0041}é🦀" });
        let shown = in_json(&serde_json::to_string_pretty(&document).unwrap());
        assert!(!shown.chars().any(|c| c != '\n' && is_hidden(c)), "{shown}");
        assert!(shown.contains("\\udb40\\udc41é🦀"), "{shown}");
        let read: serde_json::Value = serde_json::from_str(&shown).unwrap();
        assert_eq!(read, document);
    }

    #[test]
    fn a_cause_is_not_repeated() {
        let cause = || io::Error::other("no such file");
        let error = anyhow::Error::new(cause()).context("`x` cannot be read");
        assert_eq!(chain(&error), "`x` cannot be read: no such file");
        let error = anyhow::Error::new(cause()).context("`x`: no such file; name another");
        assert_eq!(chain(&error), "`x`: no such file; name another");
    }
}
