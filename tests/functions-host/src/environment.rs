//! Environment of the host, which the handler inherits. Sections 2 and 7 of the reference.
//!
//! In Azure these are the app settings. On a laptop `func start` adds the `Values` of
//! `local.settings.json` where the process environment has no such variable. To .NET a variable
//! with an empty value is not set, so the handler does not get it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{fmt, fs, io};

use serde::Deserialize;

use crate::comments::without_comments;

/// Which stack runs the functions; `custom` for a custom handler.
pub(crate) const WORKER_RUNTIME: &str = "FUNCTIONS_WORKER_RUNTIME";

/// What `func start` sets for its host, and the handler inherits: the names as seen, of no use to a
/// handler.
const CORE_TOOLS: [(&str, &str); 5] = [
    ("ASPNETCORE_SUPPRESSSTATUSMESSAGES", "true"),
    ("AzureFunctionsJobHost__SequentialRestart", "true"),
    (
        "AzureFunctionsJobHost__logging__logLevel__Function",
        "Information",
    ),
    ("Logging__LogLevel__Microsoft.Hosting.Lifetime", "None"),
    ("PYTHON_ENABLE_DEBUG_LOGGING", "1"),
];

/// Environment variables of the host and of the handler.
pub(crate) struct Environment(BTreeMap<String, String>);

/// Names only: values may be secrets.
impl fmt::Debug for Environment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.0.keys()).finish()
    }
}

/// Why the settings of a laptop could not be used.
#[derive(Debug, thiserror::Error)]
pub enum LocalSettingsError {
    /// The file exists and cannot be read.
    #[error("`{0}` cannot be read: {1}")]
    Read(PathBuf, io::Error),
    /// The file is not the JSON that `func` writes.
    #[error("`{0}` is not valid, `Values` must be an object of strings: {1}")]
    Syntax(PathBuf, serde_json::Error),
    /// `IsEncrypted` is true, and the key is the Core Tools' own.
    #[error("`{0}` is encrypted, decrypt it with `func settings decrypt`")]
    Encrypted(PathBuf),
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct LocalSettings {
    is_encrypted: bool,
    values: BTreeMap<String, String>,
}

impl Environment {
    /// Environment of a host in Azure, where the plan's configuration names the stack.
    pub(crate) fn of_azure(settings: &BTreeMap<String, String>) -> Self {
        let mut variables = process_and(settings);
        variables
            .entry(WORKER_RUNTIME.into())
            .or_insert_with(|| "custom".into());
        Self::of(variables)
    }

    /// Environment of `func start`: local.settings.json fills what is not set.
    pub(crate) fn of_laptop(
        settings: &BTreeMap<String, String>,
        script_root: &Path,
        port: u16,
    ) -> Result<Self, LocalSettingsError> {
        let mut variables = local_settings(script_root)?;
        variables.extend(process_and(settings));
        variables.insert("AZURE_FUNCTIONS_ENVIRONMENT".into(), "Development".into());
        variables.insert("FUNCTIONS_CORETOOLS_ENVIRONMENT".into(), "true".into());
        variables.insert("WEBSITE_HOSTNAME".into(), format!("localhost:{port}"));
        let root = script_root.display().to_string();
        variables.insert("AzureWebJobsScriptRoot".into(), root);
        for (name, value) in CORE_TOOLS {
            variables
                .entry(name.to_owned())
                .or_insert_with(|| value.to_owned());
        }
        Ok(Self::of(variables))
    }

    fn of(mut variables: BTreeMap<String, String>) -> Self {
        variables.retain(|_, value| !value.is_empty());
        Self(variables)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Adds the variables that the host makes for its handler.
    pub(crate) fn with<const N: usize>(&self, added: [(&str, String); N]) -> Self {
        let mut variables = self.0.clone();
        variables.extend(added.map(|(name, value)| (name.to_owned(), value)));
        Self(variables)
    }

    /// Replaces `%NAME%` by its value; a name that is not set stays, or goes if `strict`.
    pub(crate) fn expand(&self, text: &str, strict: bool) -> String {
        let (mut expanded, mut rest) = (String::new(), text);
        while let Some((before, after)) = rest.split_once('%') {
            expanded.push_str(before);
            let (name, tail) = after.split_once('%').unwrap_or_default();
            let value = self
                .get(name)
                .or((strict && !name.is_empty()).then_some(""));
            expanded.push_str(value.unwrap_or("%"));
            rest = if value.is_some() { tail } else { after };
        }
        expanded + rest
    }

    /// Whether `AzureWebJobs.<function>.Disabled` (or with `_`, for Linux) is true.
    pub(crate) fn disables(&self, function: &str) -> bool {
        ['.', '_'].iter().any(|dot| {
            let name = format!("AzureWebJobs{dot}{function}{dot}Disabled");
            self.get(&name)
                .is_some_and(|value| value == "1" || value.eq_ignore_ascii_case("true"))
        })
    }
}

fn process_and(settings: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let text = |(name, value): (OsString, OsString)| {
        Some((name.into_string().ok()?, value.into_string().ok()?))
    };
    let mut variables: BTreeMap<_, _> = std::env::vars_os().filter_map(text).collect();
    variables.extend(settings.clone());
    variables
}

fn local_settings(script_root: &Path) -> Result<BTreeMap<String, String>, LocalSettingsError> {
    let path = script_root.join("local.settings.json");
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(source) => return Err(LocalSettingsError::Read(path, source)),
    };
    match serde_json::from_reader::<_, LocalSettings>(without_comments(&text)) {
        Ok(settings) if settings.is_encrypted => Err(LocalSettingsError::Encrypted(path)),
        Ok(settings) => Ok(settings.values),
        Err(source) => Err(LocalSettingsError::Syntax(path, source)),
    }
}
