//! Where telemetry goes, by the environment variables that OpenTelemetry and Azure define.

mod connection_string;
mod otlp;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use reqwest::Url;

use crate::sampler::{self, Sampler};

pub(crate) use connection_string::ConnectionString;
pub(crate) use otlp::{Otlp, Protocol};

/// Where telemetry goes. The default: nowhere.
#[derive(Clone, Debug)]
pub struct Settings {
    pub(crate) sampler: Sampler,
    pub(crate) traces: Option<Otlp>,
    pub(crate) metrics: Option<Otlp>,
    pub(crate) application_insights: Option<ConnectionString>,
    pub(crate) metric_interval: Duration,
    /// What is said about the process in all telemetry.
    pub(crate) resource: Vec<(String, String)>,
    pub(crate) service: Option<String>,
    pub(crate) instance: Option<String>,
}

const DISABLED: &str = "OTEL_SDK_DISABLED";
const SAMPLER: &str = "OTEL_TRACES_SAMPLER";
const SAMPLER_ARG: &str = "OTEL_TRACES_SAMPLER_ARG";
const METRIC_INTERVAL: &str = "OTEL_METRIC_EXPORT_INTERVAL";
const RESOURCE: &str = "OTEL_RESOURCE_ATTRIBUTES";
const SERVICE: &str = "OTEL_SERVICE_NAME";
const APPLICATION_INSIGHTS: &str = "APPLICATIONINSIGHTS_CONNECTION_STRING";
/// Name of the function app; App Service and Functions set it.
const SITE_NAME: &str = "WEBSITE_SITE_NAME";
/// The machine's id; App Service and Functions set it.
const INSTANCE_ID: &str = "WEBSITE_INSTANCE_ID";

/// Names the process to the Functions host that has started it; nobody else sets it.
const WORKER_ID: &str = "FUNCTIONS_CUSTOMHANDLER_WORKER_ID";

/// The specification's default, in milliseconds; what is left is sent at the end.
const DEFAULT_METRIC_INTERVAL: u64 = 60_000;

/// The same under a Functions host, which kills without a signal: what is left then is lost.
const DEFAULT_METRIC_INTERVAL_UNDER_HOST: u64 = 10_000;

/// Below 100 ms collecting costs more than answering requests; above an hour nobody looks.
const METRIC_INTERVALS: RangeInclusive<u64> = 100..=3_600_000;

/// Where telemetry goes, for people; `nowhere` where it goes nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destinations {
    /// Traces.
    pub traces: String,
    /// Metrics.
    pub metrics: String,
}

/// The variables, and what is wrong with those that were read.
struct Variables<'a> {
    set: &'a BTreeMap<OsString, OsString>,
    wrong: Vec<String>,
}

impl Settings {
    /// Reads the variables, of which an empty one counts as not set.
    ///
    /// <https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/>,
    /// <https://opentelemetry.io/docs/specs/otel/protocol/exporter/>.
    ///
    /// # Errors
    /// A line for each wrong one, with its name and without its value where that may be secret.
    pub fn read(variables: &BTreeMap<OsString, OsString>) -> Result<Self, Vec<String>> {
        let mut variables = Variables {
            set: variables,
            wrong: Vec::new(),
        };
        if variables.flag(DISABLED) {
            return variables.finish(Self::default());
        }
        let default_interval = match variables.text(WORKER_ID) {
            Some(_) => DEFAULT_METRIC_INTERVAL_UNDER_HOST,
            None => DEFAULT_METRIC_INTERVAL,
        };
        let settings = Self {
            sampler: variables.sampler(),
            traces: otlp::read(&mut variables, "TRACES"),
            metrics: otlp::read(&mut variables, "METRICS"),
            application_insights: variables.connection_string(),
            metric_interval: variables.milliseconds(
                METRIC_INTERVAL,
                default_interval,
                METRIC_INTERVALS,
            ),
            resource: variables.pairs(RESOURCE),
            service: variables
                .text(SERVICE)
                .or_else(|| variables.text(SITE_NAME)),
            instance: variables.text(INSTANCE_ID),
        };
        variables.finish(settings)
    }
}

impl Settings {
    /// Where traces and metrics go, for people: without paths, since those may hold keys.
    #[must_use]
    pub fn destinations(&self) -> Destinations {
        Destinations {
            traces: self.destinations_of(self.traces.as_ref()),
            metrics: self.destinations_of(self.metrics.as_ref()),
        }
    }

    fn destinations_of(&self, otlp: Option<&Otlp>) -> String {
        let otlp = otlp.map(|otlp| {
            let origin = otlp.endpoint.origin().ascii_serialization();
            format!("{origin} (OTLP, {})", otlp.protocol.as_str())
        });
        let insights = self.application_insights.as_ref();
        let insights = insights.map(|it| format!("{} (Application Insights)", it.origin));
        let all: Vec<String> = otlp.into_iter().chain(insights).collect();
        if all.is_empty() {
            "nowhere".to_owned()
        } else {
            all.join(", ")
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            sampler: Sampler::ALWAYS_ON,
            traces: None,
            metrics: None,
            application_insights: None,
            metric_interval: Duration::from_millis(DEFAULT_METRIC_INTERVAL),
            resource: Vec::new(),
            service: None,
            instance: None,
        }
    }
}

impl Variables<'_> {
    fn finish(self, settings: Settings) -> Result<Settings, Vec<String>> {
        if self.wrong.is_empty() {
            Ok(settings)
        } else {
            Err(self.wrong)
        }
    }

    fn text(&self, name: &str) -> Option<String> {
        let value = self.set.get(OsStr::new(name))?;
        Some(value.to_string_lossy().trim().to_owned()).filter(|text| !text.is_empty())
    }

    fn wrong(&mut self, name: &str, rule: &str) {
        self.wrong.push(format!("{name}: {rule}"));
    }

    /// The specification: whatever is not `true` is false.
    fn flag(&mut self, name: &str) -> bool {
        self.text(name)
            .is_some_and(|text| text.eq_ignore_ascii_case("true"))
    }

    fn milliseconds(&mut self, name: &str, default: u64, range: RangeInclusive<u64>) -> Duration {
        let value = self.text(name).map(|text| text.parse().ok());
        let value = value.map(|value| value.filter(|value| range.contains(value)));
        if value == Some(None) {
            let (least, most) = (range.start(), range.end());
            self.wrong(
                name,
                &format!("write milliseconds, a whole number from {least} to {most}"),
            );
        }
        Duration::from_millis(value.flatten().unwrap_or(default))
    }

    fn sampler(&mut self) -> Sampler {
        let ratio = self.text(SAMPLER_ARG).map(|text| text.parse::<f64>().ok());
        let ratio = ratio.map(|ratio| ratio.filter(|ratio| (0.0..=1.0).contains(ratio)));
        if ratio == Some(None) {
            self.wrong(SAMPLER_ARG, "write a ratio from 0 to 1, such as 0.25");
        }
        let name = self.text(SAMPLER).unwrap_or(sampler::DEFAULT.to_owned());
        let sampler = Sampler::named(&name, ratio.flatten().unwrap_or(1.0));
        if sampler.is_none() {
            let rule = "write always_on, always_off or traceidratio, each also after parentbased_";
            self.wrong(SAMPLER, rule);
        }
        sampler.unwrap_or(Sampler::ALWAYS_ON)
    }

    fn connection_string(&mut self) -> Option<ConnectionString> {
        let text = self.text(APPLICATION_INSIGHTS)?;
        match ConnectionString::parse(&text) {
            Ok(parsed) => Some(parsed),
            Err(rule) => {
                self.wrong(APPLICATION_INSIGHTS, rule);
                None
            }
        }
    }

    /// `name=value,name=value`, values percent-encoded.
    fn pairs(&mut self, name: &str) -> Vec<(String, String)> {
        let text = self.text(name).unwrap_or_default();
        let items = text
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty());
        let pairs: Option<Vec<_>> = items.map(pair).collect();
        if pairs.is_none() {
            self.wrong(
                name,
                "write name=value pairs between commas, values percent-encoded",
            );
        }
        pairs.unwrap_or_default()
    }
}

/// Whether what is sent to the URL stays on this machine.
pub(crate) fn is_on_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse();
    host == "localhost" || address.is_ok_and(|it: IpAddr| it.is_loopback())
}

fn pair(item: &str) -> Option<(String, String)> {
    let (name, value) = item.split_once('=')?;
    let value = percent_decode_str(value.trim()).decode_utf8().ok()?;
    Some((name.trim().to_owned(), value.into_owned())).filter(|(name, _)| !name.is_empty())
}

#[cfg(test)]
mod tests;
