//! One cell: any spelling that says the same value becomes one canonical text.
//!
//! Storage Explorer, the portal, `az` and spreadsheets store what they like; see `TABLES.md`.

use std::borrow::Cow;

use super::json;
use crate::geo;
use crate::hub_name::HubName;
use crate::id::{self, IdError, TenantId};
use crate::instant::instant;
use crate::nearest::did_you_mean;
use crate::rollout::Steps;
use crate::schema::{Kind, MAX_LISTED_HUBS};

/// Why a cell's text is not a value of its kind.
#[derive(Debug)]
pub(super) struct CellError {
    /// The rule that the text breaks.
    pub(super) rule: String,
    /// What to write instead.
    pub(super) help: Cow<'static, str>,
}

impl CellError {
    fn new(rule: impl Into<String>, help: impl Into<Cow<'static, str>>) -> Self {
        Self {
            rule: rule.into(),
            help: help.into(),
        }
    }
}

/// The canonical form of a cell.
///
/// # Errors
/// [`CellError`] when the text is not a value of that kind.
pub(super) fn canonical(kind: Kind, text: &str) -> Result<String, CellError> {
    match kind {
        Kind::Text | Kind::Expression => Ok(text.to_owned()),
        Kind::Name => name(text),
        Kind::Names => each(text, name),
        Kind::Scope if text == "*" => Ok(text.to_owned()),
        Kind::Id | Kind::Scope => id(text),
        Kind::Pattern => pattern(text),
        Kind::Patterns => each(text, pattern),
        Kind::Host => host(text),
        Kind::Hosts => hosts(text),
        Kind::HubsOrPools => each(text, hub_or_pool),
        Kind::Location => {
            if let Some(Err(error)) = geo::coordinates(text) {
                return Err(CellError::new(format!("`{text}` {error}"), error.help()));
            }
            Ok(geo::canonical(text))
        }
        Kind::Object => json::object(text).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            let rule = format!("not a JSON object, at line {line} column {column} of it");
            CellError::new(rule, "write an object such as {\"site\": \"berlin\"}")
        }),
        Kind::Integer(min, max) => {
            let value = integer(text).filter(|value| (min..=max).contains(value));
            value.map(|value| value.to_string()).ok_or_else(|| {
                let rule = format!("`{text}` is not a whole number from {min} to {max}");
                let help = "write digits only, or leave the cell empty for the default";
                CellError::new(rule, help)
            })
        }
        Kind::Choice(words) => {
            let word = words.iter().find(|word| word.eq_ignore_ascii_case(text));
            word.map(|word| (*word).to_owned()).ok_or_else(|| {
                let rule = format!("`{text}` is not one of {}", words.join(", "));
                let meant = did_you_mean(text, words.iter().copied());
                CellError::new(rule, format!("{meant}write one of these words"))
            })
        }
        Kind::Flag => flag(text).map(|flag| flag.to_string()),
        Kind::Instant => instant(text).map(|it| it.to_string()).ok_or_else(|| {
            let rule = format!("`{text}` is not a point in time");
            CellError::new(rule, "write 2026-12-01 or 2026-12-01T00:00Z")
        }),
        Kind::Steps => Steps::parse(text)
            .map(|steps| steps.to_string())
            .map_err(|error| {
                let help = "write steps such as 2026-12-01=1% 2026-12-08=10%";
                CellError::new(error.to_string(), help)
            }),
    }
}

/// The canonical forms of the items of a list.
fn each(
    text: &str,
    canonical: impl Fn(&str) -> Result<String, CellError>,
) -> Result<String, CellError> {
    let items = list(text)?;
    let items: Result<Vec<String>, CellError> = items.iter().map(|item| canonical(item)).collect();
    Ok(items?.join(";"))
}

/// The items of a canonical list.
pub(crate) fn items(canonical: &str) -> impl Iterator<Item = &str> {
    canonical.split(';').filter(|item| !item.is_empty())
}

fn list(text: &str) -> Result<Vec<String>, CellError> {
    let items: Vec<String> = if text.starts_with('[') {
        serde_json::from_str(text).map_err(|_not_strings| {
            CellError::new("not a JSON array of strings", "write a;b or [\"a\", \"b\"]")
        })?
    } else {
        let items = text.split([';', ',']).map(str::trim);
        let items = items.filter(|item| !item.is_empty());
        items.map(str::to_owned).collect()
    };
    if items.is_empty() {
        let help = "name something, or leave the cell empty for the default";
        return Err(CellError::new("the list is empty", help));
    }
    Ok(items)
}

fn name(text: &str) -> Result<String, CellError> {
    let text = text.trim();
    if text.is_empty() || text.contains([';', ',']) || text.chars().any(char::is_control) {
        let rule = format!("`{}` is not a name", text.escape_debug());
        return Err(CellError::new(rule, "write a word without `;` and `,`"));
    }
    Ok(text.to_lowercase())
}

fn host(text: &str) -> Result<String, CellError> {
    match HubName::parse(text) {
        Ok(hub) => Ok(hub.as_str().to_owned()),
        Err(error) => Err(not_a_hub(text, error)),
    }
}

fn hosts(text: &str) -> Result<String, CellError> {
    let hosts = each(text, host)?;
    let listed = items(&hosts).count();
    if listed > MAX_LISTED_HUBS {
        let rule = format!("the list has {listed} hubs; {MAX_LISTED_HUBS} are allowed");
        let help = "name the hub that is meant, and few in its place";
        return Err(CellError::new(rule, help));
    }
    Ok(hosts)
}

fn not_a_hub(host: &str, error: IdError) -> CellError {
    if error == IdError::ServiceName {
        let rule = format!("`{host}` is a host name for back ends, which no device can use");
        return CellError::new(rule, "remove `.service`");
    }
    let help = "write the host name of the hub, such as contoso-weu-1.azure-devices.net";
    CellError::new(format!("`{host}` is not a host name: {error}"), help)
}

/// A name that is a host name means that hub; any other is a pool.
fn hub_or_pool(text: &str) -> Result<String, CellError> {
    let name = name(text)?;
    match HubName::parse(&name) {
        Ok(hub) => Ok(hub.as_str().to_owned()),
        Err(error @ IdError::ServiceName) => Err(not_a_hub(&name, error)),
        Err(_a_pool) => Ok(name),
    }
}

fn id(text: &str) -> Result<String, CellError> {
    let id = TenantId::parse(text).map_err(|error| {
        let rule = format!("`{}` is not an id: {error}", text.escape_debug());
        CellError::new(
            rule,
            "write at most 128 letters, digits, `-`, `.`, `_` and `:`",
        )
    })?;
    Ok(id.as_str().to_owned())
}

fn pattern(text: &str) -> Result<String, CellError> {
    let text = text.trim();
    // `*` matches anything, so only the alphabet can be checked.
    let stand_in = text.replace('*', "0");
    let checked = id::check_id(stand_in.trim_end_matches(['.', '_', ':']));
    checked.map_err(|error| {
        let rule = format!("`{}` is not an id or pattern: {error}", text.escape_debug());
        CellError::new(rule, "write an id in which `*` stands for any characters")
    })?;
    Ok(text.to_ascii_lowercase())
}

/// A whole number, also as the double that some tools make of it (`5.0`).
fn integer(text: &str) -> Option<u32> {
    let whole = match text.split_once('.') {
        Some((whole, fraction)) if fraction.bytes().all(|digit| digit == b'0') => whole,
        Some(_) => return None,
        None => text,
    };
    whole.parse().ok()
}

fn flag(text: &str) -> Result<bool, CellError> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "1" => Ok(true),
        "false" | "no" | "0" => Ok(false),
        _ => {
            let rule = format!("`{text}` is neither true nor false");
            Err(CellError::new(rule, "write true or false"))
        }
    }
}
