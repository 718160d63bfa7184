//! Settings: what is taken, and what is said about the rest.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::Path;
use std::time::Duration;

use dps_settings::{Environment, WrongSettings};
use dps_webhook::{Settings, settings_page};

fn environment(variables: &[(&str, &str)]) -> Environment {
    let variables = variables.iter();
    Environment::new(variables.map(|(name, value)| (name.into(), value.into())))
}

fn read(variables: &[(&str, &str)]) -> Result<Settings, WrongSettings> {
    environment(variables).read(Settings::read)
}

fn store(settings: &Settings) -> String {
    settings.store.open().unwrap().to_string()
}

#[test]
fn without_variables_the_defaults_hold() {
    for variables in [
        &[][..],
        &[("POLICY_DIR", ""), ("RUST_LOG", ""), ("PolicyTables", "")],
    ] {
        let settings = read(variables).unwrap();
        assert_eq!(store(&settings), "CSV folder `infra/policy`");
        assert_eq!(settings.cache_dir, None);
        assert_eq!(settings.refresh, Duration::from_secs(15));
        assert_eq!(settings.deadline, Duration::from_secs(2));
        assert_eq!(settings.listen.to_string(), "127.0.0.1:7071");
        assert_eq!(settings.log.to_string(), "info");
    }
}

#[test]
fn every_variable_is_read() {
    let settings = read(&[
        ("POLICY_DIR", "/etc/dps policy"),
        ("POLICY_CACHE_DIR", "/var/cache/dps"),
        ("POLICY_REFRESH_SECONDS", "1"),
        ("ALLOCATE_DEADLINE_MS", "250"),
        ("FUNCTIONS_CUSTOMHANDLER_PORT", "45678"),
        ("RUST_LOG", "warn,dps_webhook=debug"),
        ("PolicyTablesX", "of somebody else"),
    ])
    .unwrap();
    assert_eq!(store(&settings), "CSV folder `/etc/dps policy`");
    assert_eq!(settings.cache_dir.unwrap(), Path::new("/var/cache/dps"));
    assert_eq!(settings.refresh, Duration::from_secs(1));
    assert_eq!(settings.deadline, Duration::from_millis(250));
    assert_eq!(settings.listen.port(), 45678);
    assert_eq!(settings.log.to_string(), "dps_webhook=debug,warn");
}

#[track_caller]
fn wrong(variables: &[(&str, &str)], expected: &[&str]) {
    let message = read(variables).unwrap_err().to_string();
    let (first, rest) = message.split_once('\n').unwrap();
    assert_eq!(first, "wrong settings:");
    assert_eq!(
        rest.lines().map(str::trim_start).collect::<Vec<_>>(),
        expected
    );
}

#[test]
fn what_is_wrong_is_said_with_the_rule() {
    for seconds in ["0", "-1", "1.5", "15s", "86401", "1 5"] {
        let message =
            format!("POLICY_REFRESH_SECONDS: `{seconds}` is not a whole number from 1 to 86400");
        wrong(&[("POLICY_REFRESH_SECONDS", seconds)], &[&message]);
    }
    wrong(
        &[("ALLOCATE_DEADLINE_MS", "9")],
        &["ALLOCATE_DEADLINE_MS: `9` is not a whole number from 10 to 230000"],
    );
    wrong(
        &[("FUNCTIONS_CUSTOMHANDLER_PORT", "65536")],
        &["FUNCTIONS_CUSTOMHANDLER_PORT: `65536` is not a whole number from 0 to 65535"],
    );
    wrong(
        &[("RUST_LOG", "loud=very")],
        &[
            "RUST_LOG: `loud=very` has no level behind the `=`: write off, error, warn, info, \
             debug or trace",
        ],
    );
    wrong(
        &[("RUST_LOG", "inof,decision=off")],
        &[
            "RUST_LOG: `inof` is not a level: write off, error, warn, info, debug or trace, \
             or target=level",
        ],
    );
}

#[test]
fn a_connection_names_the_tables_in_azure() {
    let settings = read(&[
        ("PolicyTables", "UseDevelopmentStorage=true"),
        ("POLICY_TABLE_PREFIX", "Test"),
        ("PolicyTables__create", "true"),
        ("POLICY_DIR", "/not/read"),
    ])
    .unwrap();
    let url = "http://127.0.0.1:10002/devstoreaccount1";
    assert_eq!(
        store(&settings),
        format!("Azure Tables `{url}`, prefix `Test`")
    );
    assert!(settings.store.creates_tables());
}

const KEY: &str = "0123456789abcdef0123456789abcdef";
const OTHER_KEY: &str = "fedcba9876543210fedcba9876543210";

#[test]
fn a_server_that_other_machines_reach_asks_for_keys() {
    for address in ["127.0.0.1", "127.8.8.8", "::1"] {
        let settings = read(&[("LISTEN_ADDRESS", address)]).unwrap();
        assert!(settings.keys.is_none(), "{address}");
    }
    for address in ["0.0.0.0", "::", "10.0.0.4"] {
        let variables = [("LISTEN_ADDRESS", address), ("ALLOCATE_KEY_2", KEY)];
        let settings = read(&variables).unwrap();
        assert_eq!(settings.listen.ip().to_string(), address);
        let keys = settings.keys.unwrap();
        assert_eq!((keys.allocate.len(), keys.operator.len()), (1, 0));
        wrong(
            &[("LISTEN_ADDRESS", address)],
            &[
                "ALLOCATE_KEY_1: missing; LISTEN_ADDRESS lets other machines call, \
               so callers of allocate need a key",
            ],
        );
    }
    wrong(
        &[("LISTEN_ADDRESS", "localhost")],
        &["LISTEN_ADDRESS: `localhost` is not an address such as `0.0.0.0` or `::`"],
    );
}

#[test]
fn what_is_wrong_with_keys_is_said_without_them() {
    wrong(
        &[
            ("ALLOCATE_KEY_1", "short"),
            ("OPERATOR_KEY_2", "a key with spaces in it, long enough"),
        ],
        &[
            "ALLOCATE_KEY_1: a key has at least 32 characters out of A-Z, a-z, 0-9, `-` and `_`",
            "OPERATOR_KEY_2: a key has at least 32 characters out of A-Z, a-z, 0-9, `-` and `_`",
        ],
    );
    wrong(
        &[("OPERATOR_KEY_1", KEY)],
        &["ALLOCATE_KEY_1: missing; keys of operators are set, so callers of allocate need a key"],
    );
    wrong(
        &[
            ("ALLOCATE_KEY_1", OTHER_KEY),
            ("ALLOCATE_KEY_2", KEY),
            ("OPERATOR_KEY_1", KEY),
        ],
        &["OPERATOR_KEY_1: a key of allocate must not open explain and policy too"],
    );
}

#[test]
fn the_key_of_logged_ids_is_long_and_never_shown() {
    read(&[("LOG_ID_KEY", "")]).unwrap();
    let settings = read(&[("LOG_ID_KEY", KEY)]).unwrap();
    assert!(!format!("{settings:?}").contains(KEY));
    for short in ["0123456789abcdef", "abababababababababababababababababab"] {
        wrong(
            &[("LOG_ID_KEY", short)],
            &[
                "LOG_ID_KEY: a key has at least 32 characters, 8 of them different; make one \
                 with `openssl rand -hex 32`",
            ],
        );
    }
}

#[test]
fn on_lambda_keys_are_needed() {
    const OF_LAMBDA: [(&str, &str); 4] = [
        ("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001"),
        ("AWS_LAMBDA_FUNCTION_NAME", "dps-webhook"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
    ];
    let read = |variables: &[(&str, &str)]| environment(variables).read(Settings::read_on_lambda);
    let message = read(&OF_LAMBDA).unwrap_err().to_string();
    assert!(
        message.contains("ALLOCATE_KEY_1: missing; no Functions host asks"),
        "{message}"
    );
    let keys = [("ALLOCATE_KEY_1", KEY), ("OPERATOR_KEY_1", OTHER_KEY)];
    let settings = read(&[&OF_LAMBDA[..], &keys].concat()).unwrap();
    let read_keys = settings.keys.unwrap();
    assert_eq!((read_keys.allocate.len(), read_keys.operator.len()), (1, 1));
    assert!(!format!("{read_keys:?}").contains(KEY));
    let message = read(&keys).unwrap_err().to_string();
    for (name, _) in OF_LAMBDA {
        assert!(
            message.contains(&format!("\n  {name}: missing; AWS Lambda sets it")),
            "{message}"
        );
    }
}

#[test]
fn everything_wrong_is_reported_at_once() {
    let variables = [
        ("POLICY_REFRESH_SECONDS", "soon"),
        ("ALLOCATE_DEADLINE_MS", "never"),
        ("FUNCTIONS_CUSTOMHANDLER_PORT", "http"),
        ("RUST_LOG", "loud=very"),
        ("PolicyTables", "AccountKey=secret"),
        ("POLICY_TABLE_PREFIX", "-"),
    ];
    let message = read(&variables).unwrap_err().to_string();
    for (name, _) in variables {
        assert!(
            message.contains(&format!("\n  {name}: ")),
            "{name}: {message}"
        );
    }
    assert!(!message.contains("secret"), "{message}");
}

#[test]
fn a_value_that_is_no_text_is_wrong() {
    let value = OsString::from_vec(vec![0xff]);
    let environment = Environment::new([("ALLOCATE_DEADLINE_MS".into(), value)]);
    let error = environment.read(Settings::read).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("ALLOCATE_DEADLINE_MS: `\u{fffd}`"),
        "{error}"
    );
}

const PAGE: &str = include_str!("../../../SETTINGS.md");

#[test]
fn the_page_of_settings_is_what_the_code_says() {
    let (_, generated) = PAGE.split_once("functions/SETTINGS.md -->\n").unwrap();
    assert!(
        generated == settings_page(),
        "functions/SETTINGS.md is old; a comment in it says how to generate it"
    );
}

/// Whatever stores, identities and telemetry are set.
#[test]
fn every_variable_that_is_read_is_on_the_page() {
    let uri = (
        "PolicyTables__tableServiceUri",
        "https://a.table.core.windows.net",
    );
    let otlp = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318");
    for variables in [
        &[][..],
        &[uri, otlp, ("PolicyTables__credential", "clientsecret")],
        &[uri, otlp, ("PolicyTables__credential", "awsrole")],
    ] {
        let mut names = BTreeSet::new();
        for read in [Settings::read, Settings::read_on_lambda] {
            let mut environment = environment(variables);
            let _complete_or_not = read(&mut environment);
            names.extend(environment.names_read().clone());
        }
        let missing: Vec<_> = names
            .iter()
            .filter(|name| !PAGE.contains(&format!("`{name}`")))
            .collect();
        assert!(missing.is_empty() && names.len() > 20, "{missing:?}");
    }
}
