//! The log on a terminal, and elsewhere: what people and programs read.

use serde_json::json;

use crate::running::Process;
use crate::webhook::{good_request, request};

/// The lines without colours.
fn plain(log: &str) -> Vec<String> {
    let lines = log.lines().map(|line| {
        let mut parts = line.split('\u{1b}');
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |line, part| {
            line + part.split_once('m').map_or("", |(_, rest)| rest)
        })
    });
    lines.map(|line| line.trim_end().to_owned()).collect()
}

#[test]
fn a_terminal_shows_events_and_decisions_in_one_format_within_80_columns() {
    let process = Process::start_on_a_terminal(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9"),
        ("POLICY_REFRESH_SECONDS", "1"),
    ]);
    process.allocate(&good_request().to_string());
    process.allocate(&request("nobody", json!(null)).to_string());
    process.signal("TERM");
    let (code, log, _) = process.end();
    assert_eq!(code, Some(0), "{log}");
    assert!(log.contains("\u{1b}[32mINFO"), "colours: {log}");
    let lines = plain(&log);
    let (_, lines) = lines.split_at(lines.iter().position(|it| it.contains("INFO")).unwrap());
    for line in lines {
        assert!(line.chars().count() <= 80, "{line}");
        let continued = line.starts_with(&" ".repeat(16));
        let is_entry = line.get(8..10) == Some("Z ");
        assert!(continued || is_entry, "{line}: {log}");
    }
    let text = lines.join(" ");
    let words: Vec<&str> = text.split_whitespace().collect();
    let words = words.join(" ");
    for expected in [
        "INFO telemetry traces=http://127.0.0.1:9 (OTLP, http/protobuf)",
        "INFO listening address=http://127.0.0.1:",
        "INFO pump-1 assigned to Weu.azure-devices.net reason=weighted status=200",
        "WARN pump-1 refused reason=unknownEnrollment status=404",
        "INFO stopping",
    ] {
        assert!(words.contains(expected), "{expected}: {words}");
    }
    assert!(!log.contains('{'), "{log}");
}

/// What the first lines of a log say about telemetry.
#[track_caller]
fn check(variables: &[(&str, &str)], expected: &str) {
    let process = Process::start(variables);
    process.signal("TERM");
    let (_, log, stderr) = process.end();
    let lines: Vec<&str> = log
        .lines()
        .filter(|it| it.contains(" telemetry traces="))
        .collect();
    assert_eq!(lines.len(), 1, "{log}{stderr}");
    assert!(lines[0].ends_with(expected), "{log}");
    assert!(!log.contains("secret"), "{log}");
}

#[test]
fn a_start_tells_where_telemetry_is_sent() {
    check(&[], " telemetry traces=nowhere metrics=nowhere");
    check(
        &[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9/secret"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=secret"),
        ],
        "traces=http://127.0.0.1:9 (OTLP, http/protobuf) \
         metrics=http://127.0.0.1:9 (OTLP, http/protobuf)",
    );
    check(
        &[(
            "APPLICATIONINSIGHTS_CONNECTION_STRING",
            "InstrumentationKey=00000000-0000-0000-0000-00000000005e;\
             IngestionEndpoint=http://127.0.0.1:9/",
        )],
        "traces=http://127.0.0.1:9 (Application Insights) \
         metrics=http://127.0.0.1:9 (Application Insights)",
    );
}
