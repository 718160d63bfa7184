//! OTLP: where one of the signals goes, and how.

use std::collections::HashMap;
use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use dps_settings::{Environment, Faulty, is_this_machine};
use http::{HeaderName, HeaderValue};
use reqwest::Url;
use strum::{EnumString, IntoStaticStr};

use super::values::{pairs, text};

/// Where a signal goes by OTLP.
#[derive(Clone)]
pub(crate) struct Otlp {
    pub(crate) protocol: Protocol,
    /// With the path of the signal.
    pub(crate) endpoint: Url,
    /// Often an API key.
    pub(crate) headers: HashMap<String, String>,
    pub(crate) timeout: Duration,
}

/// As the variable has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumString, IntoStaticStr)]
pub(crate) enum Protocol {
    #[default]
    #[strum(serialize = "http/protobuf")]
    HttpProtobuf,
    #[strum(serialize = "grpc")]
    Grpc,
}

/// The specification's default, in milliseconds.
const DEFAULT_TIMEOUT: u64 = 10_000;

/// More than a minute of telemetry does not fit into the queues anyway.
const TIMEOUTS: RangeInclusive<u64> = 1..=60_000;

/// Reads `OTEL_EXPORTER_OTLP_*` for `TRACES` or `METRICS`; none: no endpoint is set.
pub(super) fn read(environment: &mut Environment, signal: &str) -> Result<Option<Otlp>, Faulty> {
    let name = either(environment, signal, "ENDPOINT");
    let is_own = name.contains(signal);
    let Some(endpoint) = text(environment, &name)? else {
        return Ok(None);
    };
    let protocol = protocol(environment, signal);
    let headers = headers(environment, signal);
    let timeout = either(environment, signal, "TIMEOUT");
    let timeout = environment.whole_number(&timeout, DEFAULT_TIMEOUT, TIMEOUTS);
    let base = Url::parse(&endpoint).ok().filter(is_plain).ok_or_else(|| {
        let rule = "write a URL such as http://127.0.0.1:4318, without a user, query or fragment";
        environment.wrong(&name, rule)
    });
    let (base, protocol, headers) = (base?, protocol?, headers?);
    if !headers.is_empty()
        && base.scheme() == "http"
        && !base.host_str().is_some_and(is_this_machine)
    {
        let of_headers = either(environment, signal, "HEADERS");
        let rule = format!(
            "{of_headers} would go to another machine without encryption; write an https URL, or \
             send to a collector on this machine (http://127.0.0.1:4318), or leave the headers out"
        );
        return Err(environment.wrong(&name, rule));
    }
    Ok(Some(Otlp {
        endpoint: match protocol {
            Protocol::HttpProtobuf if is_own => base,
            Protocol::HttpProtobuf => with_path(base, &format!("v1/{}", signal.to_lowercase())),
            Protocol::Grpc if signal == "TRACES" => with_path(base, &service("trace", "Trace")),
            Protocol::Grpc => with_path(base, &service("metrics", "Metrics")),
        },
        protocol,
        headers,
        timeout: Duration::from_millis(timeout?),
    }))
}

/// The variable of the signal where it is set, else the one for all signals.
fn either(environment: &mut Environment, signal: &str, what: &str) -> String {
    let own = format!("OTEL_EXPORTER_OTLP_{signal}_{what}");
    if let Ok(None) = text(environment, &own) {
        format!("OTEL_EXPORTER_OTLP_{what}")
    } else {
        own
    }
}

fn protocol(environment: &mut Environment, signal: &str) -> Result<Protocol, Faulty> {
    let name = either(environment, signal, "PROTOCOL");
    let protocol = environment.parse(&name, |text| {
        let parsed = text.trim().parse();
        parsed.map_err(|_unknown| "write http/protobuf or grpc")
    })?;
    Ok(protocol.unwrap_or_default())
}

fn headers(environment: &mut Environment, signal: &str) -> Result<HashMap<String, String>, Faulty> {
    let name = either(environment, signal, "HEADERS");
    let headers = pairs(environment, &name)?;
    let fits = |(name, value): &(String, String)| {
        name.parse::<HeaderName>().is_ok() && value.parse::<HeaderValue>().is_ok()
    };
    if !headers.iter().all(fits) {
        return Err(environment.wrong(&name, "a name or value may not stand in a header"));
    }
    Ok(headers.into_iter().collect())
}

fn is_plain(url: &Url) -> bool {
    let is_web = matches!(url.scheme(), "http" | "https") && url.has_host();
    let has_user = !url.username().is_empty() || url.password().is_some();
    is_web && !has_user && url.query().is_none() && url.fragment().is_none()
}

fn with_path(mut base: Url, path: &str) -> Url {
    let path = format!("{}/{path}", base.path().trim_end_matches('/'));
    base.set_path(&path);
    base
}

/// The path of a service's only method.
///
/// <https://opentelemetry.io/docs/specs/otlp/#otlpgrpc>
fn service(package: &str, name: &str) -> String {
    format!("opentelemetry.proto.collector.{package}.v1.{name}Service/Export")
}

/// Names of headers only: the values are secrets.
impl fmt::Debug for Otlp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Otlp")
            .field("protocol", &self.protocol)
            .field("endpoint", &self.endpoint.as_str())
            .field("headers", &self.headers.keys())
            .field("timeout", &self.timeout)
            .finish()
    }
}
