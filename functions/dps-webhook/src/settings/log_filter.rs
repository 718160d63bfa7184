//! `RUST_LOG`: what is logged.
//!
//! The parser of [`Targets`] understands a word that is not a level as the name of a target, so
//! that `inof` would silence the log.

use dps_settings::{Environment, Faulty};
use tracing_subscriber::filter::{LevelFilter, Targets};

/// What is logged if nothing is set.
const DEFAULT: LevelFilter = LevelFilter::INFO;

const LEVELS: &str = "off, error, warn, info, debug or trace";

/// Reads a level, `target=level`, or several of them between commas.
pub(super) fn read(environment: &mut Environment, name: &str) -> Result<Targets, Faulty> {
    let Some(text) = environment.text(name)? else {
        return Ok(Targets::new().with_default(DEFAULT));
    };
    let mut targets = Ok(Targets::new());
    for directive in text.split(',').map(str::trim) {
        match parse_directive(directive) {
            Ok((None, level)) => targets = targets.map(|it| it.with_default(level)),
            Ok((Some(target), level)) => targets = targets.map(|it| it.with_target(target, level)),
            Err(rule) => targets = Err(environment.wrong(name, format!("`{directive}` {rule}"))),
        }
    }
    targets
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
    use dps_settings::WrongSettings;

    use super::*;

    fn parse(text: &str) -> Result<Targets, WrongSettings> {
        let environment = Environment::new([("LOG".into(), text.into())]);
        environment.read(|it| read(it, "LOG"))
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(parse(text).unwrap().to_string(), expected, "{text}");
    }

    #[track_caller]
    fn wrong(text: &str, directives: &[&str]) {
        let wrong = parse(text).unwrap_err();
        let faults = wrong.faults();
        assert_eq!(faults.len(), directives.len(), "{faults:?}");
        for (fault, directive) in faults.iter().zip(directives) {
            assert!(
                fault.starts_with(&format!("LOG: `{directive}` ")),
                "{fault}"
            );
        }
    }

    #[test]
    fn levels_and_targets_are_understood() {
        check("", "info");
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
        wrong(",", &[""]);
        wrong("info;decision=off", &["info;decision=off"]);
        wrong("[span]=debug", &["[span]=debug"]);
        wrong("dps_webhook[{id}]=debug", &["dps_webhook[{id}]=debug"]);
        wrong("inof,decision=fo,debug", &["inof", "decision=fo"]);
        wrong("6", &["6"]);
        wrong("a=b=info", &["a=b=info"]);
    }
}
