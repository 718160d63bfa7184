//! JSON as .NET's readers take it: with comments, and with a byte order mark.

use std::io::Read;

use json_comments::{CommentSettings, StripComments};

/// The text without `//` and `/* */` comments; places in it stay the same.
pub(crate) fn without_comments(text: &str) -> impl Read {
    let text = text.trim_start_matches('\u{feff}');
    StripComments::with_settings(CommentSettings::c_style(), text.as_bytes())
}
