//! Where telemetry goes, by the environment variables that OpenTelemetry and Azure define.

mod connection_string;
mod otlp;
mod values;

use std::ops::RangeInclusive;
use std::time::Duration;

use dps_settings::{Environment, Faulty, Setting};

use crate::sampler::{self, Sampler};
use crate::words::word;
use values::{pairs, platform_text, text};

pub(crate) use connection_string::ConnectionString;
pub(crate) use otlp::{Otlp, Protocol};

/// Where telemetry goes. The default: nowhere.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    pub(crate) sampler: Sampler,
    pub(crate) traces: Option<Otlp>,
    pub(crate) metrics: Option<Otlp>,
    pub(crate) application_insights: Option<ConnectionString>,
    pub(crate) metric_interval: Duration,
    /// The description of the process in all telemetry.
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

/// Names the process to the Functions host that has started it; only the host sets it.
const WORKER_ID: &str = "FUNCTIONS_CUSTOMHANDLER_WORKER_ID";

/// The specification's default, in milliseconds; what is left is sent at the end.
const DEFAULT_METRIC_INTERVAL: u64 = 60_000;

/// The same under a Functions host, which kills without a signal: what is left then is lost.
const DEFAULT_METRIC_INTERVAL_UNDER_HOST: u64 = 10_000;

/// Below 100 ms collecting costs more than answering requests; above an hour it is of no use.
const METRIC_INTERVALS: RangeInclusive<u64> = 100..=3_600_000;

/// Where telemetry goes, for people; `nowhere` where it goes nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destinations {
    /// Traces.
    pub traces: String,
    /// Metrics.
    pub metrics: String,
}

impl Settings {
    /// What the variables mean.
    pub const SETTINGS: &[Setting] = &[
        Setting::new(
            &[
                "OTEL_EXPORTER_OTLP_ENDPOINT",
                "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
                "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
            ],
            "Where traces and metrics go by OTLP.",
        ),
        Setting::new(
            &[
                "OTEL_EXPORTER_OTLP_PROTOCOL",
                "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
                "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL",
            ],
            "`http/protobuf` or `grpc`.",
        )
        .with_default("http/protobuf"),
        Setting::new(
            &[
                "OTEL_EXPORTER_OTLP_HEADERS",
                "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
                "OTEL_EXPORTER_OTLP_METRICS_HEADERS",
            ],
            "`name=value` pairs between commas, usually a key of the collector; with them the \
                   endpoint must be https or on this machine.",
        ),
        Setting::new(
            &[
                "OTEL_EXPORTER_OTLP_TIMEOUT",
                "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
                "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT",
            ],
            "Milliseconds that an export may take, 1 to 60000.",
        )
        .with_default("10000"),
        Setting::new(
            &[APPLICATION_INSIGHTS],
            "The Application Insights resource that traces and metrics go to, by \
                   instrumentation key.",
        ),
        Setting::new(
            &[SAMPLER],
            "The standard samplers: `always_on`, `always_off`, `traceidratio`, each also after \
                   `parentbased_`. Refusals and failures are exported whatever the sampler says.",
        )
        .with_default("parentbased_always_on"),
        Setting::new(&[SAMPLER_ARG], "The ratio of `traceidratio`, from 0 to 1.")
            .with_default("1.0"),
        Setting::new(
            &[METRIC_INTERVAL],
            "Milliseconds between two exports of metrics, 100 to 3600000; 10000 without this \
                   setting under a Functions host, which kills without a signal. Nothing is sent \
                   if nothing has changed.",
        )
        .with_default("60000"),
        Setting::new(
            &[SERVICE],
            "The name of the service in all telemetry; without it that of the function app.",
        ),
        Setting::new(
            &[RESOURCE],
            "More about the process: `name=value` pairs between commas, percent-encoded.",
        ),
        Setting::new(&[DISABLED], "`true`: no telemetry is sent.").with_default("false"),
    ];

    /// What platforms set.
    pub const FROM_PLATFORM: &[Setting] = &[Setting::new(
        &[SITE_NAME, INSTANCE_ID],
        "App Service and Functions: names of the function app and of the machine.",
    )];

    /// Reads the settings.
    ///
    /// <https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/>,
    /// <https://opentelemetry.io/docs/specs/otel/protocol/exporter/>.
    ///
    /// # Errors
    /// [`Faulty`] if one is wrong.
    pub fn read(environment: &mut Environment) -> Result<Self, Faulty> {
        // The specification: whatever is not `true` is false.
        if text(environment, DISABLED)?.is_some_and(|it| it.eq_ignore_ascii_case("true")) {
            return Ok(Self::default());
        }
        let default_interval = if environment.is_set(WORKER_ID) {
            DEFAULT_METRIC_INTERVAL_UNDER_HOST
        } else {
            DEFAULT_METRIC_INTERVAL
        };
        let sampler = sampler(environment);
        let traces = otlp::read(environment, "TRACES");
        let metrics = otlp::read(environment, "METRICS");
        let application_insights = environment.parse(APPLICATION_INSIGHTS, ConnectionString::parse);
        let metric_interval =
            environment.whole_number(METRIC_INTERVAL, default_interval, METRIC_INTERVALS);
        let resource = pairs(environment, RESOURCE);
        let service = text(environment, SERVICE);
        let site = platform_text(environment, SITE_NAME);
        Ok(Self {
            sampler: sampler?,
            traces: traces?,
            metrics: metrics?,
            application_insights: application_insights?,
            metric_interval: Duration::from_millis(metric_interval?),
            resource: resource?,
            service: service?.or(site),
            instance: platform_text(environment, INSTANCE_ID),
        })
    }

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
            format!("{origin} (OTLP, {})", word(otlp.protocol))
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

fn sampler(environment: &mut Environment) -> Result<Sampler, Faulty> {
    let ratio = environment.parse(SAMPLER_ARG, |text| {
        let ratio = text.trim().parse().ok();
        let ratio = ratio.filter(|it| (0.0..=1.0).contains(it));
        ratio.ok_or("write a ratio from 0 to 1, such as 0.25")
    });
    let name = text(environment, SAMPLER)?.unwrap_or(sampler::DEFAULT.to_owned());
    Sampler::named(&name, ratio?.unwrap_or(1.0)).ok_or_else(|| {
        let rule = "write always_on, always_off or traceidratio, each also after parentbased_";
        environment.wrong(SAMPLER, rule)
    })
}

#[cfg(test)]
mod tests;
