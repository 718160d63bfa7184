//! Functions of an app: from folders with function.json, or from the routes of host.json.
//!
//! Section 1 of the reference. A function in error is logged and left out, as the host does; the
//! rest of the app runs. Functions with other triggers are refused: this host has only HTTP.

use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::envelope::Bindings;
use crate::environment::Environment;
use crate::function_json::{self, Declaration, FunctionError, HttpTrigger};
use crate::host_json::{HostJson, HttpRoute};
use crate::key::Level;
use crate::log::{self, Log};
use crate::route::{Template, TemplateError};

/// One HTTP function.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) level: Level,
    /// Below the route prefix, as written.
    pub(crate) route: String,
    /// In upper case; `None`: every method.
    pub(crate) methods: Vec<String>,
    pub(crate) disabled: bool,
    pub(crate) bindings: Bindings,
    /// The flags of host.json apply to it; other functions always get the envelope.
    pub(crate) http_only: bool,
    template: Template,
}

/// Why the host does not start with these functions.
#[derive(Debug, thiserror::Error)]
pub enum FunctionsError {
    /// The script root cannot be listed.
    #[error("the script root cannot be listed: {0}")]
    Read(io::Error),
    /// Functions both in folders and in host.json.
    #[error("both function.json files and `customHandler.http.routes` found, remove one of them")]
    BothSources,
    /// A function, and its trigger.
    #[error("function `{0}` has the trigger `{1}`, which this host does not know: use httpTrigger")]
    Trigger(String, String),
    /// A function whose route template the router refuses.
    #[error("route of function `{0}`: {1}")]
    Route(String, TemplateError),
}

/// Reads the functions of a script root, in the order in which their routes are tried.
pub(crate) fn read(
    root: &Path,
    host_json: &HostJson,
    environment: &Environment,
    log: &Log,
) -> Result<Vec<Function>, FunctionsError> {
    let mut functions: Vec<Function> = Vec::new();
    for (name, trigger) in declared(root, host_json, log)? {
        let trigger = trigger.and_then(|trigger| check_route(&name, trigger, &functions));
        match trigger {
            Err(error) => in_error(log, &name, &error),
            Ok(trigger) => {
                let route = trigger.route.unwrap_or_else(|| name.clone());
                let template = Template::parse(&host_json.route_prefix, &route)
                    .map_err(|error| FunctionsError::Route(name.clone(), error))?;
                functions.push(Function {
                    disabled: environment.disables(&name),
                    level: trigger.level,
                    bindings: trigger.bindings,
                    http_only: trigger.http_only,
                    methods: trigger.methods,
                    name,
                    route,
                    template,
                });
            }
        }
    }
    Ok(functions)
}

/// The first function whose route and methods fit.
pub(crate) fn find<'a>(
    functions: impl IntoIterator<Item = &'a Function>,
    method: &str,
    path: &str,
) -> Option<&'a Function> {
    functions.into_iter().find(|function| {
        let methods = &function.methods;
        (methods.is_empty() || methods.iter().any(|one| one.eq_ignore_ascii_case(method)))
            && function.template.matches(path)
    })
}

type Declared<T> = (String, Result<T, FunctionError>);

fn declared(
    root: &Path,
    host_json: &HostJson,
    log: &Log,
) -> Result<Vec<Declared<HttpTrigger>>, FunctionsError> {
    let folders = from_folders(root)?;
    if host_json.routes.is_empty() {
        let http_only = |(name, declaration)| match declaration {
            Ok(Declaration::Http(trigger)) => Ok((name, Ok(trigger))),
            Ok(Declaration::Other(trigger)) => Err(FunctionsError::Trigger(name, trigger)),
            Err(error) => Ok((name, Err(error))),
        };
        return folders.into_iter().map(http_only).collect();
    }
    for (name, declaration) in &folders {
        match declaration {
            Ok(_) => return Err(FunctionsError::BothSources),
            Err(error) => in_error(log, name, error),
        }
    }
    Ok(from_routes(&host_json.routes))
}

/// Immediate child folders only, by name: the host takes the order of the file system.
fn from_folders(root: &Path) -> Result<Vec<Declared<Declaration>>, FunctionsError> {
    let entries: Result<Vec<_>, _> = fs::read_dir(root).and_then(Iterator::collect);
    let paths = entries.map_err(FunctionsError::Read)?;
    let mut folders: Vec<_> = paths.iter().map(fs::DirEntry::path).collect();
    folders.sort();
    let function = |folder: &PathBuf| {
        let name = folder.file_name()?.to_string_lossy().into_owned();
        let declaration = function_json::read(folder, &name).transpose()?;
        Some((name, declaration))
    };
    Ok(folders
        .iter()
        .filter(|path| path.is_dir())
        .filter_map(function)
        .collect())
}

/// Named by position, so keys belong to positions; every method is taken.
fn from_routes(routes: &[HttpRoute]) -> Vec<Declared<HttpTrigger>> {
    let function = |(route, number): (&HttpRoute, u32)| {
        let trigger = if route.template.trim().is_empty() {
            Err(FunctionError::EmptyRoute)
        } else {
            let template = Some(route.template.clone());
            Ok(HttpTrigger {
                route: template,
                methods: Vec::new(),
                level: route.level,
                bindings: Bindings {
                    trigger: "req".into(),
                    output: Some("res".into()),
                },
                http_only: true,
            })
        };
        (format!("http-handler{number}"), trigger)
    };
    routes.iter().zip(1..).map(function).collect()
}

fn check_route(
    name: &str,
    trigger: HttpTrigger,
    others: &[Function],
) -> Result<HttpTrigger, FunctionError> {
    let normal = |route: &str| route.trim_matches('/').to_lowercase();
    let route = normal(trigger.route.as_deref().unwrap_or(name));
    if route.starts_with("admin") || route.starts_with("runtime") {
        return Err(FunctionError::Reserved(route));
    }
    let shares_method = |other: &&Function| {
        trigger.methods.is_empty()
            || other.methods.is_empty()
            || other
                .methods
                .iter()
                .any(|method| trigger.methods.contains(method))
    };
    let same_route = |other: &&Function| normal(&other.route) == route;
    match others.iter().filter(same_route).find(shares_method) {
        Some(other) => Err(FunctionError::Conflict(other.name.clone())),
        None => Ok(trigger),
    }
}

fn in_error(log: &Log, name: &str, error: &FunctionError) {
    log.error(
        log::STARTUP,
        format!("The '{name}' function is in error: {error}"),
    );
}
