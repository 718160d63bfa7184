//! The credentials of a role.

use reqwest::Url;

/// The credentials that AWS gives a function in its environment.
#[derive(Clone)]
pub(crate) struct AwsRole {
    pub(crate) region: String,
    /// Where the token service of the region is.
    pub(crate) endpoint: Url,
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: String,
    pub(crate) session_token: String,
}

impl AwsRole {
    /// The endpoint of a region's token service; the global one gives no such tokens.
    pub(crate) fn endpoint_of(region: &str) -> Option<Url> {
        let china = if region.starts_with("cn-") { ".cn" } else { "" };
        let url = format!("https://sts.{region}.amazonaws.com{china}/");
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let is_region = !region.is_empty() && region.bytes().all(plain);
        Url::parse(&url).ok().filter(|_| is_region)
    }
}
