//! The connection string of an Application Insights resource.

use std::fmt;

use dps_settings::is_this_machine;
use reqwest::Url;
use uuid::fmt::Hyphenated;

/// The endpoint of a connection string that names none.
const DEFAULT_ENDPOINT: &str = "https://dc.services.visualstudio.com";

/// A complete connection string.
///
/// <https://learn.microsoft.com/azure/azure-monitor/app/connection-strings>
#[derive(Clone)]
pub(crate) struct ConnectionString {
    pub(crate) text: String,
    /// Where it sends to, without a path: for people.
    pub(crate) origin: String,
    /// The ingestion endpoint, if it has no TLS: only a local stand-in.
    pub(crate) local: Option<Url>,
}

impl ConnectionString {
    /// The error is the rule that is broken.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let parts = text
            .split(';')
            .map(str::trim)
            .filter(|part| !part.is_empty());
        let pairs: Option<Vec<_>> = parts.map(|part| part.split_once('=')).collect();
        let pairs = pairs.ok_or("write name=value parts between semicolons")?;
        let value = |name: &str| {
            let mut found = pairs
                .iter()
                .filter(|(it, _)| it.trim().eq_ignore_ascii_case(name));
            found.next().map(|(_, value)| value.trim())
        };
        let key = value("InstrumentationKey").map(str::parse::<Hyphenated>);
        if !matches!(key, Some(Ok(_))) {
            return Err("the part InstrumentationKey is missing, or is not a GUID");
        }
        if value("Authorization").is_some_and(|it| !it.eq_ignore_ascii_case("ikey")) {
            return Err("only Authorization=ikey is understood");
        }
        let endpoint = value("IngestionEndpoint").map(Url::parse).transpose();
        let endpoint = endpoint.map_err(|_cause| "the part IngestionEndpoint is not a URL")?;
        let origin = match (&endpoint, value("EndpointSuffix")) {
            (Some(endpoint), _) => endpoint.origin().ascii_serialization(),
            (None, Some(suffix)) => match value("Location") {
                Some(location) => format!("https://{location}.dc.{suffix}"),
                None => format!("https://dc.{suffix}"),
            },
            (None, None) => DEFAULT_ENDPOINT.to_owned(),
        };
        let plain = endpoint.filter(|url| url.scheme() != "https");
        let is_local = |url: &Url| url.host_str().is_some_and(is_this_machine);
        let may_be_plain = |url: &Url| url.scheme() == "http" && is_local(url);
        if !plain.as_ref().is_none_or(may_be_plain) {
            return Err("IngestionEndpoint must be https, or http on 127.0.0.1");
        }
        // As short as it can be: the exporter takes no semicolon at the end.
        let parts = pairs
            .iter()
            .map(|(name, value)| format!("{}={}", name.trim(), value.trim()));
        Ok(Self {
            text: parts.collect::<Vec<_>>().join(";"),
            origin,
            local: plain,
        })
    }
}

/// The key lets anybody write.
impl fmt::Debug for ConnectionString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionString").finish_non_exhaustive()
    }
}
