//! One JSON object on one line of ASCII.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

/// Makes `line` the line with its end; every character that is not printable ASCII is written as
/// `\u` and digits.
///
/// # Errors
/// When the value cannot be JSON.
pub(crate) fn json_line(value: &impl Serialize, line: &mut Vec<u8>) -> serde_json::Result<()> {
    line.clear();
    value.serialize(&mut Serializer::new(&mut *line))?;
    if !line
        .iter()
        .fold(true, |plain, byte| plain & is_plain(*byte))
    {
        line.clear();
        value.serialize(&mut Serializer::with_formatter(&mut *line, Ascii))?;
    }
    line.push(b'\n');
    Ok(())
}

/// Printable ASCII.
fn is_plain(byte: u8) -> bool {
    (0x20..0x7f).contains(&byte)
}

/// Some readers end lines at U+0085 and U+2028, and terminals obey or hide other characters.
struct Ascii;

impl Formatter for Ascii {
    fn write_string_fragment<W>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + Write,
    {
        for character in fragment.chars() {
            match u8::try_from(character) {
                Ok(byte) if is_plain(byte) => writer.write_all(&[byte])?,
                _ => {
                    for unit in character.encode_utf16(&mut [0; 2]) {
                        write!(writer, "\\u{unit:04x}")?;
                    }
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn the_line_is_json_in_printable_ascii_whatever_it_holds() {
        let texts = [
            "",
            "a",
            "\"",
            "\\",
            "a\nb\r\u{0}\u{7f}\u{1b}",
            "ü\u{85}\u{2028}\u{202e}\u{200b}😀",
        ];
        for text in texts {
            let value = json!({ text: [text, 7, { "a": text }], "b": {} });
            let mut line = Vec::new();
            json_line(&value, &mut line).unwrap();
            let line = String::from_utf8(line).unwrap();
            let json = line.strip_suffix('\n').unwrap();
            assert!(
                json.bytes().all(|byte| (0x20..0x7f).contains(&byte)),
                "{json}"
            );
            assert_eq!(serde_json::from_str::<Value>(json).unwrap(), value);
        }
    }
}
