//! Untrusted text in messages: hidden characters are escaped, long texts are cut.

/// Maximum number of characters of one quotation.
pub(crate) const QUOTED: usize = 100;

/// Maximum number of characters of a message, whose quotations may be ambiguous.
const TEXT: usize = 1_000;

/// Maximum number of characters of a key: a longer one is not an id.
const KEY: usize = 128;

/// Whether a terminal or an editor obeys the character or does not show it: control characters,
/// line separators, direction marks, characters without a width.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'
                | '\u{1160}'
                | '\u{17b4}'
                | '\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// The text with hidden characters escaped, such as `\n` and `\u{202e}`.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        push(&mut shown, c);
    }
    shown
}

/// A message with its quotations, which are in backticks, cut.
pub(crate) fn message(text: &str) -> String {
    let mut shown = String::with_capacity(text.len().min(TEXT));
    let (mut quoted, mut length, mut in_quotation) = (false, 0, 0);
    for c in text.chars() {
        if length >= TEXT {
            shown.push('…');
            break;
        }
        if c == '`' {
            quoted = !quoted;
            in_quotation = 0;
        } else if quoted && in_quotation > QUOTED {
            continue;
        } else if quoted && in_quotation == QUOTED {
            shown.push('…');
            in_quotation += 1;
            continue;
        }
        let before = shown.len();
        push(&mut shown, c);
        let written = if shown.len() - before == c.len_utf8() {
            1
        } else {
            shown.len() - before
        };
        length += written;
        if quoted && c != '`' {
            in_quotation = (in_quotation + written).min(QUOTED);
        }
    }
    shown
}

/// A key of a row, cut at the length of the longest id.
#[must_use]
pub fn cut_key(text: &str) -> String {
    cut(text, KEY)
}

/// A name of a column.
pub(crate) fn name(text: &str) -> String {
    cut(text, QUOTED)
}

fn cut(text: &str, max: usize) -> String {
    let mut shown = escaped(&text.chars().take(max).collect::<String>());
    if text.chars().nth(max).is_some() {
        shown.push('…');
    }
    shown
}

fn push(shown: &mut String, c: char) {
    if is_hidden(c) {
        shown.extend(c.escape_default());
    } else {
        shown.push(c);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(message(text), expected);
    }

    #[test]
    fn quotations_are_cut_and_nothing_in_them_is_obeyed() {
        let long = "k".repeat(QUOTED);
        check("", "");
        check("`a` is not a number", "`a` is not a number");
        check(&format!("`{long}` is"), &format!("`{long}` is"));
        check(&format!("`{long}k` is"), &format!("`{long}…` is"));
        check(
            &format!("`{long}{long}` and `{long}b`"),
            &format!("`{long}…` and `{long}…`"),
        );
        check(
            "`a\u{0}b\nc\u{1b}[2J\u{7f}`",
            "`a\\u{0}b\\nc\\u{1b}[2J\\u{7f}`",
        );
        check("`ü\u{202e}é\u{200b}`", "`ü\\u{202e}é\\u{200b}`");
        check(
            &format!("`{}`", "\u{2066}".repeat(100)),
            &format!("`{}…`", "\\u{2066}".repeat(13)),
        );
    }

    #[test]
    fn a_quotation_mark_in_a_cell_does_not_let_it_grow() {
        for cell in [
            "`".repeat(100_000),
            "a`b".repeat(100_000),
            format!("`{}", "x".repeat(100_000)),
        ] {
            let shown = message(&format!("`{cell}` is not a number"));
            assert!(shown.chars().count() <= TEXT + 20, "{}", shown.len());
        }
    }

    #[test]
    fn keys_and_names_are_cut() {
        assert_eq!(cut_key(&"k".repeat(KEY)), "k".repeat(KEY));
        assert_eq!(cut_key(&"k".repeat(1_000)), format!("{}…", "k".repeat(KEY)));
        assert_eq!(
            name(&"\u{2028}".repeat(1_000)),
            format!("{}…", "\\u{2028}".repeat(QUOTED))
        );
    }

    #[test]
    fn hidden_characters_are_known() {
        for c in "\0\t\n\r\u{7f}\u{85}\u{9b}\u{ad}\u{200b}\u{200c}\u{200d}\u{200e}\u{200f}\u{2028}\u{2029}\u{202a}\
                  \u{202b}\u{202c}\u{202d}\u{202e}\u{2060}\u{2066}\u{2067}\u{2068}\u{2069}\u{feff}\u{e0041}".chars() {
            assert!(is_hidden(c), "{}", c.escape_unicode());
        }
        for c in " aé\u{301}ß漢🦀…`\"=".chars() {
            assert!(!is_hidden(c), "{}", c.escape_unicode());
        }
    }
}
