//! Environment variables, read one by one, with everything that is wrong about them.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::ops::RangeInclusive;
use std::path::PathBuf;

use dps_allocation::IdKey;
use dps_policy_store::StoreSettings;
use dps_telemetry::Settings as TelemetrySettings;
use tracing_subscriber::filter::Targets;

use super::log_filter;
use crate::keys::{Key, Keys};
use crate::logged::LoggedIds;

const LISTEN_ADDRESS: &str = "LISTEN_ADDRESS";
const ALLOCATE_KEYS: [&str; 2] = ["ALLOCATE_KEY_1", "ALLOCATE_KEY_2"];
const OPERATOR_KEYS: [&str; 2] = ["OPERATOR_KEY_1", "OPERATOR_KEY_2"];
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>
const LAMBDA: [&str; 4] = [
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
];
const LOG_ID_KEY: &str = "LOG_ID_KEY";
const RUST_LOG: &str = "RUST_LOG";

/// The variables that are set, and what is wrong with those that were read.
pub(super) struct Variables {
    pub(super) set: BTreeMap<OsString, OsString>,
    pub(super) wrong: Vec<String>,
}

impl Variables {
    pub(super) fn new(environment: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let set = environment
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .collect();
        Self {
            set,
            wrong: Vec::new(),
        }
    }

    pub(super) fn store(&mut self) -> StoreSettings {
        StoreSettings::read(&self.set).unwrap_or_else(|wrong| {
            self.wrong.extend(wrong);
            StoreSettings::Folder(PathBuf::new())
        })
    }

    pub(super) fn telemetry(&mut self) -> TelemetrySettings {
        TelemetrySettings::read(&self.set).unwrap_or_else(|wrong| {
            self.wrong.extend(wrong);
            TelemetrySettings::default()
        })
    }

    /// What the runtime of Lambda takes from the environment by itself.
    pub(super) fn lambda(&mut self) {
        let missing = LAMBDA.map(OsStr::new);
        let missing = missing.iter().filter(|it| !self.set.contains_key(**it));
        self.wrong.extend(missing.map(|name| {
            let rule = "missing; AWS Lambda sets it, elsewhere run dps-webhook";
            format!("{}: {rule}", name.display())
        }));
    }

    pub(super) fn listen_address(&mut self) -> IpAddr {
        let default = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let Some(text) = self.set.get(OsStr::new(LISTEN_ADDRESS)) else {
            return default;
        };
        let address = text.to_str().and_then(|text| text.parse().ok());
        address.unwrap_or_else(|| {
            let rule = "is not an address such as `0.0.0.0` or `::`";
            self.wrong
                .push(format!("{LISTEN_ADDRESS}: `{}` {rule}", text.display()));
            default
        })
    }

    /// The keys of callers; none where none is set, unless they are `needed`, for a reason.
    pub(super) fn keys(&mut self, needed: Option<&str>) -> Option<Keys> {
        let before = self.wrong.len();
        let keys = Keys {
            allocate: self.keys_of(ALLOCATE_KEYS),
            operator: self.keys_of(OPERATOR_KEYS),
        };
        if self.wrong.len() > before {
            return None;
        }
        let [first, _] = ALLOCATE_KEYS;
        let any = !keys.allocate.is_empty() || !keys.operator.is_empty();
        if keys.allocate.is_empty() && (any || needed.is_some()) {
            let why = needed.unwrap_or("keys of operators are set");
            self.wrong.push(format!(
                "{first}: missing; {why}, so callers of allocate need a key"
            ));
        }
        if keys.allocate.iter().any(|key| keys.operator.contains(key)) {
            let [operator, _] = OPERATOR_KEYS;
            self.wrong.push(format!(
                "{operator}: a key of allocate must not open explain and policy too"
            ));
        }
        any.then_some(keys)
    }

    fn keys_of(&mut self, names: [&str; 2]) -> Vec<Key> {
        let mut keys = Vec::new();
        for name in names {
            let Some(text) = self.set.get(OsStr::new(name)) else {
                continue;
            };
            match Key::parse(&text.to_string_lossy()) {
                Ok(key) => keys.push(key),
                Err(rule) => self.wrong.push(format!("{name}: {rule}")),
            }
        }
        keys
    }

    pub(super) fn integer<T>(&mut self, name: &str, default: T, range: RangeInclusive<T>) -> T
    where
        T: std::str::FromStr + PartialOrd + fmt::Display,
    {
        let Some(text) = self.set.get(OsStr::new(name)) else {
            return default;
        };
        let value = text.to_str().and_then(|text| text.parse().ok());
        value
            .filter(|value| range.contains(value))
            .unwrap_or_else(|| {
                let (least, most) = (range.start(), range.end());
                let rule = format!("is not a whole number from {least} to {most}");
                self.wrong
                    .push(format!("{name}: `{}` {rule}", text.display()));
                default
            })
    }

    pub(super) fn ids(&mut self) -> LoggedIds {
        let text = self.set.get(OsStr::new(LOG_ID_KEY));
        let key = text.and_then(|text| {
            let key = IdKey::parse(&text.to_string_lossy());
            key.map_err(|rule| self.wrong.push(format!("{LOG_ID_KEY}: {rule}")))
                .ok()
        });
        LoggedIds::new(key)
    }

    pub(super) fn log(&mut self) -> Targets {
        let Some(text) = self.set.get(OsStr::new(RUST_LOG)) else {
            return log_filter::default();
        };
        log_filter::parse(&text.to_string_lossy()).unwrap_or_else(|wrong| {
            let wrong = wrong.iter().map(|wrong| format!("{RUST_LOG}: {wrong}"));
            self.wrong.extend(wrong);
            log_filter::default()
        })
    }
}
