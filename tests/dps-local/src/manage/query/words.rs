//! The words of a query.

/// Why a query cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum QueryError {
    #[error("a query cannot have `{0}`")]
    Character(char),
    #[error("a text of the query does not end: `'` is missing")]
    Text,
    #[error("the condition of the query ends too early")]
    End,
    #[error("the condition of the query has `{0}` where it cannot be")]
    Unexpected(String),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Word {
    /// A keyword, or the path of a member.
    Name(String),
    Text(String),
    Number(f64),
    Sign(&'static str),
}

/// Longer ones first.
const SIGNS: [&str; 10] = ["<=", ">=", "!=", "<>", "=", "<", ">", "(", ")", "*"];

pub(super) fn words(text: &str) -> Result<Vec<Word>, QueryError> {
    let mut rest = text.trim();
    let mut words = Vec::new();
    while let Some(first) = rest.chars().next() {
        let (word, after) = word(first, rest)?;
        words.push(word);
        rest = after.trim_start();
    }
    Ok(words)
}

fn word(first: char, text: &str) -> Result<(Word, &str), QueryError> {
    if let Some(sign) = SIGNS.into_iter().find(|sign| text.starts_with(sign)) {
        return Ok((Word::Sign(sign), text.split_at(sign.len()).1));
    }
    if first == '\'' {
        let (quoted, after) = text
            .split_at(1)
            .1
            .split_once('\'')
            .ok_or(QueryError::Text)?;
        return Ok((Word::Text(quoted.to_owned()), after));
    }
    let inside = |c: char| c.is_alphanumeric() || "_.-$".contains(c);
    let end = text.find(|c| !inside(c)).unwrap_or(text.len());
    let (name, after) = text.split_at(end);
    match name.parse() {
        _ if name.is_empty() => Err(QueryError::Character(first)),
        Ok(number) if first.is_ascii_digit() || first == '-' => Ok((Word::Number(number), after)),
        _ => Ok((Word::Name(name.to_owned()), after)),
    }
}
