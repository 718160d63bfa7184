//! What is around the parts of a page.

use std::fmt::Write as _;

use super::style::CSS;
use super::text::{escape, grouped};

/// A whole page; `main` is HTML.
pub(crate) fn document(title: &str, main: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{}</title>\n<style>{CSS}</style>\n</head>\n<body>\n<main>\n{main}</main>\n</body>\n\
         </html>\n",
        escape(title)
    )
}

/// A part of a page; `None` if there is nothing in it.
pub(crate) fn section(page: &mut String, heading: &str, content: &str) {
    if !content.is_empty() {
        let _infallible = write!(page, "<section>\n<h2>{heading}</h2>\n{content}</section>\n");
    }
}

/// A number with what it counts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Number {
    /// Its name in `--json`.
    pub(crate) name: &'static str,
    /// What one is called, and what any other number of them.
    pub(crate) words: [&'static str; 2],
    pub(crate) count: u64,
    /// Whether it is an alarm when it is not 0.
    pub(crate) is_bad: bool,
}

/// Lines of a fleet, as words of a number.
pub(crate) const NOT_DEVICES: [&str; 2] =
    ["line that is not a device", "lines that are not devices"];

/// Ids of a fleet, as words of a number.
pub(crate) const CAME_BEFORE: [&str; 2] = ["id that came before", "ids that came before"];

/// Numbers side by side.
pub(crate) fn numbers(page: &mut String, numbers: impl IntoIterator<Item = Number>) {
    page.push_str("<dl>\n");
    for it in numbers {
        let class = if it.is_bad && it.count > 0 {
            " class=\"bad\""
        } else {
            ""
        };
        let Number { name, words, .. } = it;
        let [one, several] = words;
        let words = if it.count == 1 { one } else { several };
        let count = grouped(it.count);
        let _infallible = writeln!(
            page,
            "<div{class}><dt>{words}</dt><dd data-number=\"{name}\">{count}</dd></div>"
        );
    }
    page.push_str("</dl>\n");
}
