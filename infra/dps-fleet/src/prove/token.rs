//! The words, texts and signs of an expression.

/// A word, a text or a sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Name(String),
    /// The text between quotes, with its escapes undone.
    Text(String),
    /// A sign, or a number.
    Other(String),
}

impl Token {
    pub(super) fn is(&self, sign: &str) -> bool {
        matches!(self, Self::Other(other) if other == sign)
    }

    pub(super) fn is_name(&self, name: &str) -> bool {
        matches!(self, Self::Name(other) if other == name)
    }
}

/// Signs of two characters.
const PAIRS: [&str; 6] = ["==", "!=", "<=", ">=", "&&", "||"];

/// The tokens of an expression; `None` if it has what is not understood here: comments, texts in
/// three quotes, bytes, unusual escapes.
pub(super) fn tokens(expression: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = expression.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, after) = if let Some((text, after)) = text(rest)? {
            (Token::Text(text), after)
        } else if first.is_alphabetic() || first == '_' {
            let (name, after) = word(rest);
            // `b".."` and the like.
            if after.starts_with(['"', '\'']) {
                return None;
            }
            (Token::Name(name.to_owned()), after)
        } else if first.is_ascii_digit() {
            let (number, after) = word(rest);
            (Token::Other(number.to_owned()), after)
        } else {
            if rest.starts_with("//") {
                return None;
            }
            let pair = PAIRS.iter().find(|pair| rest.starts_with(**pair));
            let length = pair.map_or(first.len_utf8(), |pair| pair.len());
            let (sign, after) = rest.split_at_checked(length)?;
            (Token::Other(sign.to_owned()), after)
        };
        tokens.push(token);
        rest = after.trim_start();
    }
    Some(tokens)
}

fn word(rest: &str) -> (&str, &str) {
    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
    rest.split_at(end.unwrap_or(rest.len()))
}

/// The text that stands at the beginning, and what follows it; the outer `None` if it is not
/// understood.
#[expect(
    clippy::option_option,
    reason = "no text here, and a text that is not understood"
)]
fn text(rest: &str) -> Option<Option<(String, &str)>> {
    let raw = rest.strip_prefix(['r', 'R']);
    let raw = raw.filter(|it| it.starts_with(['"', '\'']));
    let quoted = raw.unwrap_or(rest);
    let Some(quote) = quoted.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
        return Some(None);
    };
    let inner = quoted.get(1..)?;
    if inner.starts_with([quote; 2].iter().collect::<String>().as_str()) {
        return None;
    }
    let mut text = String::new();
    let mut chars = inner.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            c if c == quote => return Some(Some((text, inner.get(at + 1..)?))),
            '\\' if raw.is_none() => match chars.next()?.1 {
                same @ ('\\' | '"' | '\'' | '?' | '`') => text.push(same),
                _ => return None,
            },
            c => text.push(c),
        }
    }
    None
}

/// Whether what stands before a comparison is not part of it.
pub(super) fn begins(before: &[Token]) -> bool {
    let is_free = |it: &Token| {
        ["(", "[", "{", "&&", "||", "?", ":", ","]
            .iter()
            .any(|s| it.is(s))
    };
    before.last().is_none_or(is_free)
}

/// Whether what stands behind a comparison is not part of it.
pub(super) fn ends(after: &[Token]) -> bool {
    let is_free = |it: &Token| {
        [")", "]", "}", "&&", "||", "?", ":", ","]
            .iter()
            .any(|s| it.is(s))
    };
    after.first().is_none_or(is_free)
}
