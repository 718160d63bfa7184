//! Host names of IoT hubs. A hub has its classic one and, since 2026, a second one that only devices use.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Domains of hubs, by cloud.
const DOMAINS: [&str; 3] = ["azure-devices.net", "azure-devices.us", "azure-devices.cn"];

/// Why a text names no hub.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not the host name of a hub: write `<hub>.azure-devices.net` or `<hub>.device.azure-devices.net` (or `.us`, `.cn`)"
)]
pub(crate) struct HubNameError(String);

/// The host name of a hub for devices, as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct HubName(String);

impl HubName {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// What identifies the hub whichever of its host names is written: its classic one, in lower case.
    pub(crate) fn key(&self) -> String {
        self.0.to_ascii_lowercase().replacen(".device.", ".", 1)
    }

    /// Whether both are written alike, but for case.
    pub(crate) fn is_written(&self, text: &str) -> bool {
        self.0.eq_ignore_ascii_case(text)
    }
}

impl TryFrom<String> for HubName {
    type Error = HubNameError;

    fn try_from(text: String) -> Result<Self, HubNameError> {
        let lower = text.to_ascii_lowercase();
        let hub = lower.split_once('.').and_then(|(hub, rest)| {
            let domain = rest.strip_prefix("device.").unwrap_or(rest);
            DOMAINS.contains(&domain).then_some(hub)
        });
        match hub {
            Some(hub) if is_label(hub) => Ok(Self(text)),
            _ => Err(HubNameError(text)),
        }
    }
}

impl From<HubName> for String {
    fn from(name: HubName) -> Self {
        name.0
    }
}

impl fmt::Display for HubName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A label of a domain name, in lower case.
fn is_label(text: &str) -> bool {
    let inside = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !text.is_empty()
        && text.len() <= 63
        && text.chars().all(inside)
        && !text.starts_with('-')
        && !text.ends_with('-')
}
