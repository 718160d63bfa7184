//! One JSON object on one line, written member by member.

use std::fmt::Display;
use std::io::Write as _;

use serde::Serialize;

/// A line that is being written.
///
/// A few times cheaper than a serializer over a structure: most members are ids without escapes.
#[derive(Debug)]
pub(crate) struct JsonLine(Vec<u8>);

/// Long enough for a decision about ten linked hubs, so that the line allocates once.
const USUAL: usize = 1024;

impl JsonLine {
    /// A line whose first member says what it is.
    pub(crate) fn new(log: &'static str) -> Self {
        let mut line = Vec::with_capacity(USUAL);
        line.extend_from_slice(b"{\"log\":");
        let mut line = Self(line);
        line.quoted(log);
        line
    }

    pub(crate) fn text(&mut self, name: &'static str, text: &str) {
        self.name(name);
        self.quoted(text);
    }

    pub(crate) fn optional(&mut self, name: &'static str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    /// A value whose text needs no escapes, as it is.
    pub(crate) fn plain(&mut self, name: &'static str, value: impl Display) {
        self.name(name);
        // Memory takes whatever is written.
        let _infallible = write!(self.0, "{value}");
    }

    /// A value whose text needs no escapes, in quotes.
    pub(crate) fn plain_text(&mut self, name: &'static str, value: impl Display) {
        self.name(name);
        let _infallible = write!(self.0, "\"{value}\"");
    }

    pub(crate) fn list<'t>(&mut self, name: &'static str, texts: impl Iterator<Item = &'t str>) {
        self.name(name);
        self.0.push(b'[');
        for text in texts {
            self.quoted(text);
            self.0.push(b',');
        }
        self.close(b']');
    }

    /// A member that is an object itself.
    pub(crate) fn object(&mut self, name: &'static str, members: impl FnOnce(&mut Self)) {
        self.name(name);
        self.0.push(b'{');
        members(self);
        self.close(b'}');
    }

    pub(crate) fn value(&mut self, name: &'static str, value: &impl Serialize) {
        self.name(name);
        let json = serde_json::to_string(value);
        self.ascii(&json.unwrap_or_else(|_error| "null".to_owned()));
    }

    /// The whole line with its end.
    pub(crate) fn end(mut self) -> Vec<u8> {
        self.0.extend_from_slice(b"}\n");
        self.0
    }

    fn name(&mut self, name: &'static str) {
        if !matches!(self.0.last(), Some(b'{' | b'[')) {
            self.0.push(b',');
        }
        self.0.push(b'"');
        self.0.extend_from_slice(name.as_bytes());
        self.0.extend_from_slice(b"\":");
    }

    /// Replaces the comma after the last item.
    fn close(&mut self, bracket: u8) {
        if self.0.last() == Some(&b',') {
            self.0.pop();
        }
        self.0.push(bracket);
    }

    fn quoted(&mut self, text: &str) {
        let plain = text
            .bytes()
            .fold(true, |plain, byte| plain & is_plain(byte));
        if plain {
            self.0.push(b'"');
            self.0.extend_from_slice(text.as_bytes());
            self.0.push(b'"');
        } else {
            // A text always becomes JSON.
            self.ascii(&serde_json::to_string(text).unwrap_or_default());
        }
    }

    /// JSON whose texts may hold any character: some readers end lines at U+0085 and U+2028.
    fn ascii(&mut self, json: &str) {
        for character in json.chars() {
            if character.is_ascii() {
                self.0.push(u8::try_from(character).unwrap_or(b'?'));
            } else {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    let _infallible = write!(self.0, "\\u{unit:04x}");
                }
            }
        }
    }
}

/// Whether JSON takes the byte as it is (RFC 8259, section 7), in ASCII.
fn is_plain(byte: u8) -> bool {
    (0x20..0x7f).contains(&byte) && byte != b'"' && byte != b'\\'
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn the_line_is_json_whatever_it_holds() {
        let texts = [
            "",
            "a",
            "\"",
            "\\",
            "a\nb\r\u{0}\u{7f}",
            "ü\u{85}\u{2028}😀",
        ];
        for text in texts {
            let mut line = JsonLine::new("test");
            line.text("text", text);
            line.optional("none", None);
            line.list("list", [text, text].into_iter());
            line.list("empty", [].into_iter());
            line.object("object", |line| line.optional("some", Some(text)));
            line.object("nothing", |line| line.optional("none", None));
            line.plain("number", 7);
            line.plain_text("word", 7);
            line.value("value", &json!({"a": [text]}));
            let line = String::from_utf8(line.end()).unwrap();
            let expected = json!({
                "log": "test", "text": text, "list": [text, text], "empty": [],
                "object": {"some": text}, "nothing": {}, "number": 7, "word": "7",
                "value": {"a": [text]},
            });
            assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), expected);
            let ends = ['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'];
            assert_eq!(line.find(ends), Some(line.len() - 1), "{line:?}");
        }
    }
}
