//! What people read on a terminal: events and decisions in one format, within its width.

use std::fmt::{self, Write as _};
use std::os::fd::AsFd;

use dps_allocation::shown::is_hidden;
use dps_allocation::{DecisionRecord, RevisionPrefix};
use dps_settings::wrapped;
use jiff::Timestamp;
use rustix::termios::tcgetwinsize;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// A terminal, by the width that it has when the program starts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terminal {
    width: usize,
}

/// Columns of a terminal that does not report its width.
const DEFAULT_WIDTH: usize = 80;

/// Columns below which no line could be read.
const MIN_WIDTH: usize = 40;

/// Columns before the text of a line, for time and level; continued lines are indented by as many.
const INDENT: usize = 16;

/// How a revision is introduced, in events and in decisions.
const REVISIONS: [&str; 2] = ["dps.policy_revision=", "revision="];

impl Terminal {
    pub(crate) fn of(stdout: &impl AsFd) -> Self {
        let columns = tcgetwinsize(stdout).map_or(0, |size| usize::from(size.ws_col));
        Self {
            width: if columns == 0 {
                DEFAULT_WIDTH
            } else {
                columns.max(MIN_WIDTH)
            },
        }
    }

    /// The line of a decision, which is logged as JSON elsewhere.
    pub(crate) fn decision(self, record: &DecisionRecord<'_>) -> Vec<u8> {
        let outcome = &record.outcome;
        let mut words = match (&record.registration_id, &record.hub) {
            (Some(device), Some(hub)) => format!("{device} {outcome} to {hub}"),
            (Some(device), None) => format!("{device} {outcome}"),
            (None, _) => format!("a request {outcome}"),
        };
        let device = record.device.as_ref();
        let device = device.and_then(|device| serde_json::to_string(device).ok());
        let members = [
            ("reason", Some(record.reason.clone())),
            ("status", record.status.map(|it| it.to_string().into())),
            ("detail", record.detail.clone()),
            ("tenant", record.tenant.clone()),
            ("rollout", record.rollout.clone()),
            (
                "device",
                device.map(|json| json.trim_matches('"').to_owned().into()),
            ),
            ("revision", record.revision.clone()),
            ("decisionId", record.decision_id.clone()),
        ];
        for (member, value) in members {
            if let Some(value) = value {
                let _infallible = write!(words, " {member}={value}");
            }
        }
        let level = if outcome == "assigned" {
            Level::INFO
        } else {
            Level::WARN
        };
        self.line(Timestamp::now(), level, &words, true)
            .into_bytes()
    }

    /// One entry, on one or more lines; words stay whole.
    fn line(self, now: Timestamp, level: Level, text: &str, colours: bool) -> String {
        let text = printable(text);
        let mut line = now.strftime("%H:%M:%SZ ").to_string();
        if colours {
            let colour = match level {
                Level::ERROR => 31,
                Level::WARN => 33,
                Level::INFO => 32,
                _ => 34,
            };
            let _infallible = write!(line, "\u{1b}[{colour}m{level:<5}\u{1b}[0m ");
        } else {
            let _infallible = write!(line, "{level:<5} ");
        }
        let words: Vec<_> = text.split_whitespace().map(short).collect();
        let indent = " ".repeat(INDENT);
        line.push_str(&wrapped(&words.join(" "), self.width, INDENT, &indent));
        line.push('\n');
        line
    }
}

/// Shortens a revision to the digits that people read.
fn short(word: &str) -> &str {
    let name = REVISIONS.iter().find(|name| word.starts_with(**name));
    let short = name.and_then(|name| word.get(..name.len() + RevisionPrefix::SHORT));
    short.unwrap_or(word)
}

/// Replaces control characters: devices choose their ids and hosts.
fn printable(text: &str) -> String {
    let printable = |it: char| {
        if is_hidden(it) && it != '\n' {
            '\u{fffd}'
        } else {
            it
        }
    };
    text.chars().map(printable).collect()
}

impl<S, N> FormatEvent<S, N> for Terminal
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut text = String::new();
        let level = *event.metadata().level();
        if level > Level::INFO {
            write!(text, "{}: ", event.metadata().target())?;
        }
        context.format_fields(Writer::new(&mut text), event)?;
        let colours = writer.has_ansi_escapes();
        writer.write_str(&self.line(Timestamp::now(), level, &text, colours))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(width: usize, text: &str) -> String {
        let now = "2026-11-25T12:04:05Z".parse().unwrap();
        Terminal { width }.line(now, Level::INFO, text, false)
    }

    #[test]
    fn an_entry_fits_the_terminal_and_words_stay_whole() {
        let text = "policy installed revision=7765cd0a39a9 warnings=2 source=`Azure Tables` \
                    because=everything that was found to be wrong has been repaired since";
        for width in [40, 60, 80, 132] {
            let lines = at(width, text);
            assert!(
                lines.lines().all(|line| line.chars().count() <= width),
                "{width}: {lines}"
            );
            let words: Vec<&str> = lines.split_whitespace().skip(2).collect();
            assert_eq!(words, text.split_whitespace().collect::<Vec<_>>());
        }
        assert_eq!(at(80, "listening"), "12:04:05Z INFO  listening\n");
        assert_eq!(
            at(40, "one two three four five six"),
            "12:04:05Z INFO  one two three four five\n                six\n"
        );
    }

    #[test]
    fn a_word_that_is_too_long_has_a_line_of_its_own() {
        let url = format!("https://{}.example", "x".repeat(80));
        assert_eq!(
            at(80, &format!("telemetry to {url} fails")),
            format!(
                "12:04:05Z INFO  telemetry to\n{0:16}{url}\n{0:16}fails\n",
                ""
            )
        );
    }

    #[track_caller]
    fn check(json: &str, expected: &str) {
        let record: DecisionRecord<'_> = serde_json::from_str(json).unwrap();
        let line = String::from_utf8(Terminal { width: 200 }.decision(&record)).unwrap();
        assert!(line.ends_with(&format!(" {expected}\n")), "{line}");
    }

    #[test]
    fn a_decision_is_shown_in_words() {
        check(
            r#"{"log":"decision","time":"2026-11-25T12:04:05Z","registrationId":"pump-1","hub":"weu.azure-devices.net",
               "outcome":"assigned","reason":"weighted","status":200,"tenant":"acme",
               "evidence":[],"linkedHubs":["a"],"revision":"7765cd0a39a9ffffffff"}"#,
            "pump-1 assigned to weu.azure-devices.net reason=weighted status=200 tenant=acme \
             revision=7765cd0a39a9",
        );
        check(
            r#"{"log":"decision","time":"2026-11-25T12:04:05Z","registrationId":"pump-1","outcome":"refused","status":404,
               "reason":"unknownEnrollment","detail":"no row for it","decisionId":"1"}"#,
            "pump-1 refused reason=unknownEnrollment status=404 detail=no row for it decisionId=1",
        );
        check(
            r#"{"log":"decision","time":"2026-11-25T12:04:05Z","outcome":"refused","status":400,"reason":"malformedRequest"}"#,
            "a request refused reason=malformedRequest status=400",
        );
    }

    #[test]
    fn a_device_cannot_control_the_terminal() {
        let shown = at(80, "pump\u{1b}[2J\u{7}\u{9b}31m\rx");
        assert!(
            !shown.contains(['\u{1b}', '\u{7}', '\u{9b}', '\r']),
            "{shown:?}"
        );
    }
}
