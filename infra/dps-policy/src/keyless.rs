//! Addresses in messages, without the keys that are written in them.

use clap::Error;
use clap::error::ContextValue;

use crate::webhook::is_address;

/// What clap has to say, without the keys in the words that it quotes.
pub(crate) fn error(mut error: Error) -> Error {
    let quoted = error.context().filter_map(|(kind, value)| match value {
        ContextValue::String(word) => Some((kind, ContextValue::String(word_without(word)))),
        _ => None,
    });
    for (kind, value) in quoted.collect::<Vec<_>>() {
        error.insert(kind, value);
    }
    error
}

/// A message without the keys in the addresses that it quotes in backticks.
pub(crate) fn message(text: &str) -> String {
    let parts = text.split('`').map(|part| {
        if is_address(part) {
            word_without(part)
        } else {
            part.to_owned()
        }
    });
    parts.collect::<Vec<_>>().join("`")
}

/// A word without its query, its fragment and its user with a password.
fn word_without(word: &str) -> String {
    let (word, end) = match word.split_once(['?', '#']) {
        Some((before, _)) => (before, ".."),
        None => (word, ""),
    };
    let user = word.rsplit_once('@').filter(|(user, _)| user.contains(':'));
    match user {
        Some((user, host)) => {
            let scheme = user.split_inclusive("://").next();
            let scheme = scheme.filter(|it| it.ends_with("://")).unwrap_or_default();
            format!("{scheme}..@{host}{end}")
        }
        None => format!("{word}{end}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lose_what_can_be_a_key() {
        for (word, shown) in [
            (
                "https://a.example/api/allocate?code=x",
                "https://a.example/api/allocate..",
            ),
            ("https://a.example/#x", "https://a.example/.."),
            ("https://user:x@a.example?x", "https://..@a.example.."),
            ("https://x@a.example", "https://..@a.example"),
            ("user:x@a.example", "..@a.example"),
            ("tables@0123456", "tables@0123456"),
            ("infra/policy", "infra/policy"),
        ] {
            assert_eq!(word_without(word), shown);
        }
    }

    #[test]
    fn messages_lose_keys_of_quoted_addresses_alone() {
        let text = "`https://a.example?x` cannot be read: who is `a?b`?";
        let shown = "`https://a.example..` cannot be read: who is `a?b`?";
        assert_eq!(message(text), shown);
    }
}
