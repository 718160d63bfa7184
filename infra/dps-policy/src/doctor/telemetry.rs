//! Whether the webhook's traces and metrics arrive, as far as the webhook knows.

use jiff::Timestamp;
use serde::Deserialize;
use tokio::time::{Instant, sleep};

use super::finding::Checks;
use super::health::PAUSE;
use crate::output::counted;
use crate::webhook::{Client, Keys, Route};

/// The exports to one destination.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Delivery {
    destination: String,
    last_success: Option<Timestamp>,
    failing_since: Option<Timestamp>,
    problem: Option<String>,
    dropped_spans: u64,
}

const NAME: &str = "telemetry";

/// Asks until a time while nothing was exported so far; only operators may ask.
pub(super) async fn check(checks: &mut Checks, client: &Client, keys: &Keys, until: Instant) {
    let key = keys.operator.as_ref();
    loop {
        let Ok(answer) = client.call(Route::Policy, key).await else {
            // The check before this one says so.
            return;
        };
        let deliveries = answer.body.get("telemetry").cloned();
        let deliveries: Option<Vec<Delivery>> =
            deliveries.and_then(|it| serde_json::from_value(it).ok());
        let Some(deliveries) = deliveries else {
            return;
        };
        let waits = deliveries
            .iter()
            .any(|it| it.last_success.is_none() && it.failing_since.is_none());
        if !waits || Instant::now() >= until {
            return examine(checks, &deliveries, Timestamp::now());
        }
        sleep(PAUSE).await;
    }
}

fn examine(checks: &mut Checks, deliveries: &[Delivery], now: Timestamp) {
    if deliveries.is_empty() {
        let help = "set OTEL_EXPORTER_OTLP_ENDPOINT or APPLICATIONINSIGHTS_CONNECTION_STRING";
        return checks.not_checked(NAME, "nothing is exported: no destination is set", help);
    }
    let seconds = |since: Timestamp| now.duration_since(since).as_secs().max(0);
    for delivery in deliveries {
        let to = &delivery.destination;
        let lost = match delivery.dropped_spans {
            0 => String::new(),
            spans => format!("; {} lost since the start", counted(spans, "span")),
        };
        match (delivery.failing_since, delivery.last_success) {
            (Some(since), _) => {
                let problem = delivery.problem.as_deref().unwrap_or("unknown problem");
                let detail = format!("{to} fails since {} s: {problem}{lost}", seconds(since));
                checks.bad(NAME, detail, help(problem));
            }
            (None, Some(at)) if delivery.dropped_spans > 0 => {
                let detail = format!("{to} accepted an export {} s ago{lost}", seconds(at));
                let help =
                    "see whether it is slow or was away; the metric dps.spans.dropped says when";
                checks.not_checked(NAME, detail, help);
            }
            (None, Some(at)) => {
                let detail = format!("{to} accepted an export {} s ago", seconds(at));
                checks.good(NAME, detail);
            }
            (None, None) => {
                let help = "spans leave within a second, metrics within a minute of the first \
                            decision; ask again with --wait 90";
                checks.not_checked(NAME, format!("{to} was sent nothing so far"), help);
            }
        }
    }
}

fn help(problem: &str) -> &'static str {
    match problem {
        "status 401" | "status 403" => {
            "check the key in OTEL_EXPORTER_OTLP_HEADERS or in the connection string"
        }
        "status 404" => "check the path of the endpoint, and whether it accepts this protocol",
        _ => "check the endpoint and the network to it; the log of the webhook says more",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Verdict;

    #[test]
    fn each_destination_is_judged() {
        let now: Timestamp = "2026-11-26T12:00:30Z".parse().unwrap();
        let check = |deliveries: &str, verdict: Verdict, detail: &str| {
            let mut checks = Checks::default();
            examine(
                &mut checks,
                &serde_json::from_str::<Vec<Delivery>>(deliveries).unwrap(),
                now,
            );
            let found = checks.into_vec().pop().unwrap();
            assert_eq!((found.verdict, &*found.detail), (verdict, detail));
            assert_eq!(found.help.is_none(), verdict == Verdict::Good, "{found:?}");
        };
        let to = |members: &str| format!("[{{\"destination\":\"OTLP traces\",{members}}}]");
        check(
            "[]",
            Verdict::NotChecked,
            "nothing is exported: no destination is set",
        );
        check(
            &to(r#""lastSuccess":"2026-11-26T12:00:27Z","failingSince":null,"droppedSpans":0"#),
            Verdict::Good,
            "OTLP traces accepted an export 3 s ago",
        );
        check(
            &to(r#""lastSuccess":"2026-11-26T12:00:27Z","failingSince":null,"droppedSpans":1"#),
            Verdict::NotChecked,
            "OTLP traces accepted an export 3 s ago; 1 span lost since the start",
        );
        check(
            &to(r#""lastSuccess":null,"failingSince":null,"droppedSpans":0"#),
            Verdict::NotChecked,
            "OTLP traces was sent nothing so far",
        );
        check(
            &to(
                r#""lastSuccess":null,"failingSince":"2026-11-26T12:00:00Z","problem":"status 401","droppedSpans":2"#,
            ),
            Verdict::Bad,
            "OTLP traces fails since 30 s: status 401; 2 spans lost since the start",
        );
    }
}
