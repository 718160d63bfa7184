//! Settings: what is taken, and what is said about the rest.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::Path;
use std::time::Duration;

use dps_webhook::{Settings, WrongSettings};

fn read(variables: &[(&str, &str)]) -> Result<Settings, WrongSettings> {
    Settings::read(
        variables
            .iter()
            .map(|(name, value)| (name.into(), value.into())),
    )
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
        assert_eq!(settings.port, 7071);
        assert_eq!(settings.log.to_string(), "info");
    }
}

#[test]
fn every_variable_is_taken() {
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
    assert_eq!(settings.port, 45678);
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
    for seconds in ["0", "-1", "1.5", "15s", "86401", " 15"] {
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
            "RUST_LOG: `loud=very` is not a level or a list such as `info,dps_webhook=debug`: \
           error parsing level filter: expected one of \"off\", \
           \"error\", \"warn\", \"info\", \"debug\", \"trace\", or a number 0-5",
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
    let error = Settings::read([("ALLOCATE_DEADLINE_MS".into(), value)]).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("ALLOCATE_DEADLINE_MS: `\u{fffd}`"),
        "{error}"
    );
}
