//! Text in lines of a width.

/// Where a word that is too long for its column is broken: behind one of these.
const BREAKS: [char; 8] = ['/', '-', '.', '_', ',', ';', ':', '='];

/// The text in pieces of at most `width` characters, at least one.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for mut word in text.split(' ') {
        if !line.is_empty() {
            let room = width.saturating_sub(line.chars().count() + 1);
            if word.chars().count() <= room {
                line.push(' ');
            } else {
                lines.push(std::mem::take(&mut line));
            }
        }
        while word.chars().count() > width {
            let (piece, rest) = word.split_at(break_of(word, width));
            lines.push(piece.to_owned());
            word = rest;
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

/// The byte before which a word of more than `width` characters is broken, never 0.
fn break_of(word: &str, width: usize) -> usize {
    let fitting = || word.char_indices().take(width.max(1));
    let end = |(start, character): (usize, char)| start + character.len_utf8();
    let nice = fitting()
        .filter(|(_, character)| BREAKS.contains(character))
        .last();
    nice.or_else(|| fitting().last()).map_or(word.len(), end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_wrap(text: &str, width: usize, expected: &[&str]) {
        assert_eq!(wrap(text, width), expected);
    }

    #[test]
    fn text_wraps_at_blanks_and_long_words_at_marks() {
        check_wrap("", 8, &[""]);
        check_wrap("one two", 8, &["one two"]);
        check_wrap("one two six", 8, &["one two", "six"]);
        check_wrap("a contoso-weu-1", 10, &["a", "contoso-", "weu-1"]);
        check_wrap("contoso-weu-1", 13, &["contoso-weu-1"]);
        check_wrap("abcdefghij kl", 4, &["abcd", "efgh", "ij", "kl"]);
        check_wrap("äöü-äöü", 4, &["äöü-", "äöü"]);
        check_wrap("ab", 0, &["a", "b", ""]);
    }
}
