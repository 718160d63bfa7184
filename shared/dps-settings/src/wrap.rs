//! Text in lines.

/// The text in lines of `width` columns that break between words; the first begins at column `at`,
/// the others with `indent`. A word that is too long stays whole: it can be copied.
#[must_use]
pub fn wrapped(text: &str, width: usize, at: usize, indent: &str) -> String {
    let mut wrapped = String::with_capacity(text.len());
    let mut column = at;
    for word in text.split(' ') {
        let length = word.chars().count();
        if !wrapped.is_empty() {
            if column.saturating_add(1 + length) > width {
                wrapped.push('\n');
                wrapped.push_str(indent);
                column = indent.len();
            } else {
                wrapped.push(' ');
                column += 1;
            }
        }
        wrapped.push_str(word);
        column += length;
    }
    wrapped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrapped("one two", 7, 0, "  "), "one two");
        assert_eq!(wrapped("one two", 7, 1, "  "), "one\n  two");
        let stamp = "at 2026-11-21T15:00:47Z it";
        assert_eq!(wrapped(stamp, 10, 0, ""), stamp.replace(' ', "\n"));
        assert_eq!(wrapped("", 7, 0, ""), "");
    }
}
