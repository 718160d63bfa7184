//! The description of the process in all telemetry.

use opentelemetry::KeyValue;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::resource::TelemetryResourceDetector;
use opentelemetry_sdk::trace::{IdGenerator as _, RandomIdGenerator};

use crate::fields;
use crate::settings::Settings;

/// The service name, if nothing sets it.
const DEFAULT_SERVICE: &str = "dps-webhook";

/// The last one wins: `OTEL_RESOURCE_ATTRIBUTES` overrides what is found out, and
/// `OTEL_SERVICE_NAME` overrides both.
pub(crate) fn of(settings: &Settings) -> Resource {
    let instance = settings.instance.clone();
    // Tells counters of several instances apart that have the same attributes otherwise.
    let instance =
        instance.unwrap_or_else(|| RandomIdGenerator::default().new_trace_id().to_string());
    let named = settings.resource.iter();
    let named = named.map(|(name, value)| KeyValue::new(name.clone(), value.clone()));
    let service = settings.service.clone();
    Resource::builder_empty()
        .with_detector(Box::new(TelemetryResourceDetector))
        .with_attributes([
            KeyValue::new(fields::SERVICE_NAME, DEFAULT_SERVICE),
            KeyValue::new(fields::SERVICE_VERSION, env!("CARGO_PKG_VERSION")),
            KeyValue::new(fields::SERVICE_INSTANCE_ID, instance),
        ])
        .with_attributes(named)
        .with_attributes(service.map(|it| KeyValue::new(fields::SERVICE_NAME, it)))
        .build()
}
