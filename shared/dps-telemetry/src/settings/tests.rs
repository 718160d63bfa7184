//! Which variables are understood, and what is said about wrong ones.

use super::*;

fn read(variables: &[(&str, &str)]) -> Result<Settings, String> {
    let variables = variables
        .iter()
        .map(|(name, value)| (name.into(), value.into()));
    let read = Environment::new(variables).read(Settings::read);
    read.map_err(|wrong| wrong.faults().join("\n"))
}

/// The endpoints of traces and of metrics.
#[track_caller]
fn check(variables: &[(&str, &str)], traces: &str, metrics: &str) {
    let settings = read(variables).unwrap();
    let endpoint = |otlp: &Option<Otlp>| {
        otlp.as_ref()
            .map_or("-".to_owned(), |otlp| otlp.endpoint.to_string())
    };
    let endpoints = (endpoint(&settings.traces), endpoint(&settings.metrics));
    assert_eq!(
        endpoints,
        (traces.to_owned(), metrics.to_owned()),
        "{variables:?}"
    );
}

#[track_caller]
fn wrong(name: &str, value: &str, rule: &str) {
    let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318");
    let error = read(&[endpoint, (name, value)]).unwrap_err();
    assert!(error.starts_with(name) && error.contains(rule), "{error}");
    assert!(!error.contains(value), "{error}");
}

const BASE: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

#[test]
fn endpoints_are_those_of_the_specification() {
    check(&[], "-", "-");
    check(
        &[(BASE, "http://localhost:4318")],
        "http://localhost:4318/v1/traces",
        "http://localhost:4318/v1/metrics",
    );
    check(
        &[(BASE, "https://otlp.example/otlp/")],
        "https://otlp.example/otlp/v1/traces",
        "https://otlp.example/otlp/v1/metrics",
    );
    let own = (
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        "http://localhost:1/in",
    );
    check(&[own], "http://localhost:1/in", "-");
    check(
        &[own, (BASE, "http://localhost:2")],
        "http://localhost:1/in",
        "http://localhost:2/v1/metrics",
    );
    check(
        &[
            (BASE, "http://localhost:4317"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ],
        "http://localhost:4317/opentelemetry.proto.collector.trace.v1.TraceService/Export",
        "http://localhost:4317/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
    );
    check(
        &[
            (BASE, "http://localhost:4318"),
            ("OTEL_SDK_DISABLED", "true"),
        ],
        "-",
        "-",
    );
}

#[test]
fn a_signal_has_its_own_settings() {
    let settings = read(&[
        (BASE, "http://localhost:4318"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "2500"),
        ("OTEL_EXPORTER_OTLP_METRICS_TIMEOUT", "100"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-key=a%20b, x-other=1"),
        ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc"),
    ]);
    let settings = settings.unwrap();
    let (traces, metrics) = (settings.traces.unwrap(), settings.metrics.unwrap());
    assert_eq!(traces.timeout, Duration::from_millis(2500));
    assert_eq!(metrics.timeout, Duration::from_millis(100));
    assert_eq!(traces.headers["x-key"], "a b");
    assert_eq!(
        (traces.protocol, metrics.protocol),
        (Protocol::Grpc, Protocol::HttpProtobuf)
    );
    let shown = format!("{traces:?}");
    assert!(shown.contains("x-key") && !shown.contains("a b"), "{shown}");
}

#[test]
fn wrong_settings_are_named_without_their_values() {
    wrong(
        "OTEL_EXPORTER_OTLP_PROTOCOL",
        "http/json",
        "http/protobuf or grpc",
    );
    wrong(
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        "localhost:4318",
        "write a URL",
    );
    wrong(
        "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
        "http://me:secret@host",
        "without a user",
    );
    wrong("OTEL_EXPORTER_OTLP_HEADERS", "secret", "name=value");
    wrong(
        "OTEL_EXPORTER_OTLP_HEADERS",
        "a b=secret",
        "may not stand in a header",
    );
    wrong("OTEL_TRACES_SAMPLER", "jaeger_remote", "traceidratio");
    wrong("OTEL_TRACES_SAMPLER_ARG", "1.5", "from 0 to 1");
    wrong("OTEL_RESOURCE_ATTRIBUTES", "deployment", "name=value");
    let key = "InstrumentationKey=00000000-0000-0000-0000-000000000001";
    for (value, rule) in [
        ("InstrumentationKey=1", "is not a GUID"),
        ("00000000-0000-0000-0000-000000000001", "name=value"),
        (&format!("{key};IngestionEndpoint=nowhere"), "is not a URL"),
        (
            &format!("{key};IngestionEndpoint=http://example.com"),
            "must be https",
        ),
        (&format!("{key};Authorization=aad"), "Authorization=ikey"),
    ] {
        wrong("APPLICATIONINSIGHTS_CONNECTION_STRING", value, rule);
    }
}

#[test]
fn a_number_has_a_range() {
    for (name, value, range) in [
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "-7", "1 to 60000"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "99", "100 to 3600000"),
    ] {
        let error = read(&[(BASE, "http://localhost:4318"), (name, value)]).unwrap_err();
        assert_eq!(
            error,
            format!("{name}: `{value}` is not a whole number from {range}")
        );
    }
}

#[test]
fn a_connection_string_is_never_shown() {
    let key = "InstrumentationKey=00000000-0000-0000-0000-000000000001;";
    let settings = read(&[("APPLICATIONINSIGHTS_CONNECTION_STRING", key)]).unwrap();
    assert!(settings.application_insights.is_some());
    assert!(!format!("{settings:?}").contains("00000001"));
}

/// The interval of metrics, in milliseconds.
#[track_caller]
fn check_interval(variables: &[(&str, &str)], milliseconds: u64) {
    let interval = read(variables).unwrap().metric_interval;
    assert_eq!(
        interval,
        Duration::from_millis(milliseconds),
        "{variables:?}"
    );
}

#[test]
fn under_a_host_that_kills_metrics_leave_more_often() {
    let host = ("FUNCTIONS_CUSTOMHANDLER_WORKER_ID", "1");
    let own = ("OTEL_METRIC_EXPORT_INTERVAL", "2500");
    check_interval(&[], 60_000);
    check_interval(&[host], 10_000);
    check_interval(&[own], 2_500);
    check_interval(&[host, own], 2_500);
    check_interval(&[("FUNCTIONS_CUSTOMHANDLER_PORT", "8080")], 60_000);
}

#[track_caller]
fn check_destinations(variables: &[(&str, &str)], traces: &str, metrics: &str) {
    let shown = read(variables).unwrap().destinations();
    assert_eq!(
        (&*shown.traces, &*shown.metrics),
        (traces, metrics),
        "{variables:?}"
    );
}

#[test]
fn destinations_are_told_without_keys() {
    let key = "InstrumentationKey=00000000-0000-0000-0000-000000000001";
    let insights = "APPLICATIONINSIGHTS_CONNECTION_STRING";
    check_destinations(&[], "nowhere", "nowhere");
    check_destinations(
        &[(BASE, "http://localhost:4318")],
        "http://localhost:4318 (OTLP, http/protobuf)",
        "http://localhost:4318 (OTLP, http/protobuf)",
    );
    check_destinations(
        &[
            (
                "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
                "https://otlp.example/key/v1",
            ),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=secret"),
        ],
        "https://otlp.example (OTLP, grpc)",
        "nowhere",
    );
    let regional = format!("{key};IngestionEndpoint=https://weu.in.example.com/path/");
    for (connection, origin) in [
        (&*regional, "https://weu.in.example.com"),
        (key, "https://dc.services.visualstudio.com"),
        (
            &*format!("{key};EndpointSuffix=example.cn"),
            "https://dc.example.cn",
        ),
    ] {
        let shown = format!("{origin} (Application Insights)");
        check_destinations(&[(insights, connection)], &shown, &shown);
    }
    check_destinations(
        &[(BASE, "http://localhost:4318"), (insights, &regional)],
        "http://localhost:4318 (OTLP, http/protobuf), \
         https://weu.in.example.com (Application Insights)",
        "http://localhost:4318 (OTLP, http/protobuf), \
         https://weu.in.example.com (Application Insights)",
    );
    check_destinations(
        &[
            (BASE, "http://localhost:4318"),
            ("OTEL_SDK_DISABLED", "true"),
        ],
        "nowhere",
        "nowhere",
    );
}

/// Whether headers may go to the endpoint.
#[track_caller]
fn check_headers(endpoint: &str, protocol: &str, allowed: bool) {
    for (name, headers) in [
        (BASE, "OTEL_EXPORTER_OTLP_HEADERS"),
        (BASE, "OTEL_EXPORTER_OTLP_METRICS_HEADERS"),
        (
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
            "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
        ),
    ] {
        let protocol = ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol);
        read(&[(name, endpoint), protocol]).unwrap();
        let read = read(&[(name, endpoint), protocol, (headers, "api-key=secret")]);
        assert_eq!(read.is_ok(), allowed, "{name}={endpoint}");
        if let Err(error) = read {
            assert!(error.starts_with(&format!("{name}: {headers} ")), "{error}");
            assert!(error.contains("https"), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }
}

#[test]
fn headers_do_not_leave_the_machine_without_encryption() {
    for protocol in ["http/protobuf", "grpc"] {
        check_headers("https://otlp.example", protocol, true);
        check_headers("http://localhost:4318", protocol, true);
        check_headers("http://LOCALHOST", protocol, true);
        check_headers("http://127.0.0.1:4318", protocol, true);
        check_headers("http://127.9.9.9:4318", protocol, true);
        check_headers("http://[::1]:4318", protocol, true);
        check_headers("http://otlp.example:4318", protocol, false);
        check_headers("http://localhost.example", protocol, false);
        check_headers("http://10.0.0.4:4318", protocol, false);
        check_headers("http://0.0.0.0:4318", protocol, false);
        check_headers("http://[2001:db8::1]:4318", protocol, false);
        check_headers("HTTP://collector", protocol, false);
    }
}
