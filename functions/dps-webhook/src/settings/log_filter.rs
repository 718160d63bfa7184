//! `RUST_LOG`: what is logged.
//!
//! Of its own instead of the parser of [`Targets`]: that one takes a word that is no level for the
//! name of a target, so that `inof` would log nothing at all.

use tracing_subscriber::filter::{LevelFilter, Targets};

/// What holds where nothing is set.
const DEFAULT: LevelFilter = LevelFilter::INFO;

const LEVELS: &str = "off, error, warn, info, debug or trace";

pub(super) fn default() -> Targets {
    Targets::new().with_default(DEFAULT)
}

/// A level, `target=level`, or several of them between commas; the errors are one for each that is
/// neither.
pub(super) fn parse(text: &str) -> Result<Targets, Vec<String>> {
    let mut targets = Targets::new();
    let mut wrong = Vec::new();
    for directive in text.split(',').map(str::trim) {
        match parse_directive(directive) {
            Ok((None, level)) => targets = targets.with_default(level),
            Ok((Some(target), level)) => targets = targets.with_target(target, level),
            Err(rule) => wrong.push(format!("`{directive}` {rule}")),
        }
    }
    if wrong.is_empty() {
        Ok(targets)
    } else {
        Err(wrong)
    }
}

fn parse_directive(directive: &str) -> Result<(Option<&str>, LevelFilter), String> {
    let (target, level) = match directive.split_once('=') {
        None => (None, directive),
        Some((target, level)) => (Some(target.trim_end()), level.trim_start()),
    };
    if !target.is_none_or(is_target) {
        return Err(
            "names no target: write a name such as dps_webhook, without brackets".to_owned(),
        );
    }
    // An empty level would be `error`.
    let parsed = level.parse().ok().filter(|_| !level.is_empty());
    parsed
        .map(|level| (target, level))
        .ok_or_else(|| match target {
            None => format!("is not a level: write {LEVELS}, or target=level"),
            Some(_) => format!("has no level behind the `=`: write {LEVELS}"),
        })
}

fn is_target(text: &str) -> bool {
    let is_part =
        |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | ':' | '.' | '-');
    !text.is_empty() && text.chars().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(parse(text).unwrap().to_string(), expected, "{text}");
    }

    #[track_caller]
    fn wrong(text: &str, directives: &[&str]) {
        let told = parse(text).unwrap_err();
        assert_eq!(told.len(), directives.len(), "{told:?}");
        for (told, directive) in told.iter().zip(directives) {
            assert!(told.starts_with(&format!("`{directive}` ")), "{told}");
        }
    }

    #[test]
    fn levels_and_targets_are_understood() {
        assert_eq!(default().to_string(), "info");
        check("info", "info");
        check("INFO", "info");
        check("off", "off");
        check("4", "debug");
        check("info,decision=off", "decision=off,info");
        check(
            " info , dps_webhook::refresh = debug ",
            "dps_webhook::refresh=debug,info",
        );
        check(
            "off,decision=info,dps_webhook=info",
            "dps_webhook=info,decision=info,off",
        );
    }

    #[test]
    fn anything_else_is_wrong_and_silences_nothing() {
        wrong("inof", &["inof"]);
        wrong("information", &["information"]);
        wrong("dps_webhook", &["dps_webhook"]);
        wrong("loud=very", &["loud=very"]);
        wrong("decision=", &["decision="]);
        wrong("=info", &["=info"]);
        wrong("info,", &[""]);
        wrong(",", &["", ""]);
        wrong("info;decision=off", &["info;decision=off"]);
        wrong("[span]=debug", &["[span]=debug"]);
        wrong("dps_webhook[{id}]=debug", &["dps_webhook[{id}]=debug"]);
        wrong("inof,decision=fo,debug", &["inof", "decision=fo"]);
        wrong("6", &["6"]);
        wrong("a=b=info", &["a=b=info"]);
    }
}
