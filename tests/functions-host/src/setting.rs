//! host.json as the host sees it: flat, with names in any case and values as text.
//!
//! The .NET host reads configuration as paths (`customHandler:description:arguments:0`), lays a
//! configuration profile under host.json and the environment's `AzureFunctionsJobHost__a__b` over
//! it. Section 1 of the reference; `HostJsonFileConfigurationSource.cs`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::environment::Environment;
use crate::host_json::HostJsonError;
use crate::time_span::TimeSpan;

/// Prefix of the environment variables that override host.json.
const OVERRIDE: &str = "azurefunctionsjobhost__";

/// Values of host.json by lower-case path.
#[derive(Debug)]
pub(crate) struct Settings(BTreeMap<String, String>);

impl Settings {
    pub(crate) fn new(host_json: &Value, environment: &Environment) -> Result<Self, HostJsonError> {
        let mut file = BTreeMap::new();
        flatten("", host_json, &mut file);
        for (name, value) in environment.iter() {
            if let Some(path) = name.to_lowercase().strip_prefix(OVERRIDE) {
                file.insert(path.replace("__", ":"), value.to_owned());
            }
        }
        let mut settings = profile(file.get("configurationprofile"))?;
        settings.extend(file);
        Ok(Self(settings))
    }

    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.0.get(&path.to_lowercase()).map(String::as_str)
    }

    /// Paths of the elements of an array, in order.
    pub(crate) fn elements(&self, path: &str) -> Vec<String> {
        let prefix = format!("{}:", path.to_lowercase());
        let indices: BTreeSet<u32> = (self.0.keys())
            .filter_map(|key| key.strip_prefix(&prefix)?.split(':').next()?.parse().ok())
            .collect();
        indices
            .into_iter()
            .map(|index| format!("{prefix}{index}"))
            .collect()
    }

    pub(crate) fn boolean(&self, path: &str, default: bool) -> Result<bool, HostJsonError> {
        match self.text(path) {
            None => Ok(default),
            Some(text) if text.eq_ignore_ascii_case("true") => Ok(true),
            Some(text) if text.eq_ignore_ascii_case("false") => Ok(false),
            Some(text) => Err(HostJsonError::value(path, text, "true or false")),
        }
    }

    pub(crate) fn span(&self, path: &str) -> Result<Option<TimeSpan>, HostJsonError> {
        let rule = "a time span such as 00:00:30";
        let parse =
            |text| TimeSpan::parse(text).ok_or_else(|| HostJsonError::value(path, text, rule));
        self.text(path).map(parse).transpose()
    }
}

fn flatten(path: &str, value: &Value, into: &mut BTreeMap<String, String>) {
    let below = |name: &str| match path {
        "" => name.to_lowercase(),
        path => format!("{path}:{}", name.to_lowercase()),
    };
    match value {
        Value::Object(fields) => {
            fields
                .iter()
                .for_each(|(name, value)| flatten(&below(name), value, into));
        }
        Value::Array(elements) => (elements.iter().enumerate())
            .for_each(|(index, value)| flatten(&below(&index.to_string()), value, into)),
        Value::Null => drop(into.insert(path.into(), String::new())),
        Value::String(text) => drop(into.insert(path.into(), text.clone())),
        other => drop(into.insert(path.into(), other.to_string())),
    }
}

/// What a configuration profile sets (`HostConfigurationProfile.cs`).
fn profile(name: Option<&String>) -> Result<BTreeMap<String, String>, HostJsonError> {
    match name
        .map(|name| name.to_lowercase())
        .unwrap_or_default()
        .as_str()
    {
        "" | "default" => Ok(BTreeMap::new()),
        "mcp-custom-handler" | "web-app-custom-handler" => Ok(BTreeMap::from(
            [
                ("customhandler:enableproxyinghttprequest", "true"),
                ("extensions:http:routeprefix", ""),
                ("customhandler:http:routes:0:route", "{*route}"),
            ]
            .map(|(path, value)| (path.to_owned(), value.to_owned())),
        )),
        other => {
            let rule = "default, mcp-custom-handler or web-app-custom-handler";
            Err(HostJsonError::value("configurationProfile", other, rule))
        }
    }
}
