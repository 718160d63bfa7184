//! `<script root>/<function>/function.json`: what one folder declares.
//!
//! Section 1 of the reference; `HostFunctionMetadataProvider.cs`, `FunctionDescriptorProvider.cs`.

use std::collections::BTreeSet;
use std::path::Path;
use std::{fs, io};

use serde::Deserialize;

use crate::comments::without_comments;
use crate::envelope::Bindings;
use crate::key::Level;

/// HTTP trigger as its folder declares it.
#[derive(Debug)]
pub(crate) struct HttpTrigger {
    pub(crate) route: Option<String>,
    /// In upper case; `None`: every method.
    pub(crate) methods: Vec<String>,
    pub(crate) level: Level,
    pub(crate) bindings: Bindings,
    /// One HTTP trigger in, one HTTP output out, nothing else.
    pub(crate) http_only: bool,
}

/// What function.json declares.
#[derive(Debug)]
pub(crate) enum Declaration {
    Http(HttpTrigger),
    /// Another trigger, by its name.
    Other(String),
}

/// Why the host leaves a function out; it logs that the function is in error and goes on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FunctionError {
    #[error("`{0}` is not a valid function name, use a letter, then letters, digits, `_` or `-`")]
    Name(String),
    #[error("function.json cannot be read: {0}")]
    Read(io::Error),
    #[error("function.json is not valid: {0}")]
    Syntax(serde_json::Error),
    #[error("at least one binding must be declared")]
    NoBinding,
    #[error(
        "the binding name `{0}` is invalid, use a letter, then letters and digits, or `$return`"
    )]
    BindingName(String),
    #[error("`$return` bindings must specify a direction of `out`")]
    Return,
    #[error("binding `{0}` must specify a type")]
    NoType(String),
    #[error("`{0}` is not a valid binding direction, use in, out or inout")]
    Direction(String),
    #[error("multiple bindings with name `{0}` discovered, binding names must be unique")]
    Repeated(String),
    #[error("multiple trigger bindings defined, a function can only have one")]
    Triggers,
    #[error("no trigger binding specified, a function must have one")]
    NoTrigger,
    #[error("`scriptFile` is set to `{0}`, a file that does not exist")]
    ScriptFile(String),
    #[error("`authLevel` is `{0}`, it must be {rule}", rule = Level::RULE)]
    Level(String),
    #[error("route `{0}` conflicts with the built in routes below admin and runtime")]
    Reserved(String),
    #[error("the route conflicts with the route of function `{0}`")]
    Conflict(String),
    #[error("a route cannot be empty or whitespace")]
    EmptyRoute,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FunctionJson {
    #[serde(default)]
    bindings: Vec<Binding>,
    script_file: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Binding {
    #[serde(default)]
    name: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    direction: Option<String>,
    auth_level: Option<String>,
    methods: Option<Vec<String>>,
    route: Option<String>,
}

/// Reads a folder; `None`: it has no function.json, so it is not a function.
pub(crate) fn read(folder: &Path, name: &str) -> Result<Option<Declaration>, FunctionError> {
    let text = match fs::read_to_string(folder.join("function.json")) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(FunctionError::Read(error)),
    };
    if !valid_name(name) {
        return Err(FunctionError::Name(name.to_owned()));
    }
    let json: FunctionJson =
        serde_json::from_reader(without_comments(&text)).map_err(FunctionError::Syntax)?;
    if let Some(script) = json
        .script_file
        .filter(|script| !folder.join(script).is_file())
    {
        return Err(FunctionError::ScriptFile(script));
    }
    declaration(&json.bindings).map(Some)
}

/// `^[A-Za-z][A-Za-z0-9_-]{0,127}$`, but not `host`.
fn valid_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name
            .chars()
            .all(|char| char.is_ascii_alphanumeric() || "_-".contains(char))
        && name.len() <= 128
        && !name.eq_ignore_ascii_case("host")
}

fn declaration(bindings: &[Binding]) -> Result<Declaration, FunctionError> {
    if bindings.is_empty() {
        return Err(FunctionError::NoBinding);
    }
    let mut names = BTreeSet::new();
    let (mut inputs, mut outputs) = (Vec::new(), Vec::new());
    for binding in bindings {
        let kind = binding.kind()?;
        if !names.insert(binding.name.to_lowercase()) {
            return Err(FunctionError::Repeated(binding.name.clone()));
        }
        if binding.is_output()? {
            outputs.push((kind, binding));
        } else {
            inputs.push((kind, binding));
        }
    }
    let is_trigger = |(kind, _): &&(&str, &Binding)| kind.to_lowercase().ends_with("trigger");
    let triggers: Vec<_> = inputs.iter().filter(is_trigger).collect();
    let mut https = (outputs.iter()).filter(|(kind, _)| kind.eq_ignore_ascii_case("http"));
    let output = https.next().map(|(_, binding)| binding.name.clone());
    match triggers.as_slice() {
        [] => Err(FunctionError::NoTrigger),
        [(kind, binding)] if kind.eq_ignore_ascii_case("httpTrigger") => {
            let http_only = inputs.len() == 1 && outputs.len() == 1 && output.is_some();
            (binding.http_trigger(output, http_only)).map(Declaration::Http)
        }
        [(kind, _)] => Ok(Declaration::Other((*kind).to_owned())),
        _ => Err(FunctionError::Triggers),
    }
}

impl Binding {
    fn kind(&self) -> Result<&str, FunctionError> {
        let plain = self
            .name
            .starts_with(|first: char| first.is_ascii_alphabetic())
            && self.name.chars().all(|char| char.is_ascii_alphanumeric())
            && self.name.len() <= 128;
        if !plain && self.name != "$return" {
            return Err(FunctionError::BindingName(self.name.clone()));
        }
        self.kind
            .as_deref()
            .ok_or_else(|| FunctionError::NoType(self.name.clone()))
    }

    /// `in` when nothing is said; `inout` counts as both in the host, as an output here.
    fn is_output(&self) -> Result<bool, FunctionError> {
        let direction = self.direction.as_deref().unwrap_or("in");
        let output = match direction.to_lowercase().as_str() {
            "in" => false,
            "out" | "inout" => true,
            _ => return Err(FunctionError::Direction(direction.to_owned())),
        };
        if output || self.name != "$return" {
            Ok(output)
        } else {
            Err(FunctionError::Return)
        }
    }

    fn http_trigger(
        &self,
        output: Option<String>,
        http_only: bool,
    ) -> Result<HttpTrigger, FunctionError> {
        let level = self.auth_level.as_deref().unwrap_or("function");
        Ok(HttpTrigger {
            route: self.route.clone().filter(|route| !route.trim().is_empty()),
            methods: self
                .methods
                .iter()
                .flatten()
                .map(|method| method.to_uppercase())
                .collect(),
            level: Level::parse(level).ok_or_else(|| FunctionError::Level(level.to_owned()))?,
            bindings: Bindings {
                trigger: self.name.clone(),
                output,
            },
            http_only,
        })
    }
}
