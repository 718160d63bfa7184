//! Values of settings that several of them have.

use dps_settings::{Environment, Faulty};
use percent_encoding::percent_decode_str;

/// The value without space around it; none if nothing is left.
pub(super) fn text(environment: &mut Environment, name: &str) -> Result<Option<String>, Faulty> {
    Ok(environment.text(name)?.as_deref().and_then(trimmed))
}

pub(super) fn platform_text(environment: &mut Environment, name: &str) -> Option<String> {
    trimmed(&environment.raw(name)?.to_string_lossy())
}

fn trimmed(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// `name=value,name=value`, values percent-encoded.
pub(super) fn pairs(
    environment: &mut Environment,
    name: &str,
) -> Result<Vec<(String, String)>, Faulty> {
    let text = text(environment, name)?.unwrap_or_default();
    let items = text
        .split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty());
    let pairs: Option<Vec<_>> = items.map(pair).collect();
    pairs.ok_or_else(|| {
        let rule = "write name=value pairs between commas, values percent-encoded";
        environment.wrong(name, rule)
    })
}

fn pair(item: &str) -> Option<(String, String)> {
    let (name, value) = item.split_once('=')?;
    let value = percent_decode_str(value.trim()).decode_utf8().ok()?;
    Some((name.trim().to_owned(), value.into_owned())).filter(|(name, _)| !name.is_empty())
}
