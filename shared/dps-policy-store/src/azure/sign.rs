//! Authorizes requests.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use reqwest::Url;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use ring::hmac;

use super::connection::{Access, Connection};
use super::error::ClientError;
use super::failure::Failure;
use super::principal::principal;
use super::token::Tokens;

/// Signs requests.
pub(super) enum Signer {
    Key { account: String, key: hmac::Key },
    Sas(String),
    Tokens(Tokens),
}

/// When the request was signed; Azure refuses one that is older than 15 minutes.
const X_MS_DATE: HeaderName = HeaderName::from_static("x-ms-date");

impl Signer {
    pub(super) fn new(connection: &Connection, http: reqwest::Client) -> Result<Self, ClientError> {
        Ok(match connection.access() {
            Access::Key { account, key } => Self::Key {
                account: account.clone(),
                key: hmac::Key::new(hmac::HMAC_SHA256, key),
            },
            Access::Sas(query) => Self::Sas(query.clone()),
            Access::Identity(identity) => {
                let who = || identity.to_string();
                let tokens = Tokens::new(identity, http);
                Self::Tokens(tokens.map_err(|cause| ClientError::Identity { who: who(), cause })?)
            }
        })
    }

    /// Who signs in; none without a token, or if the token does not say.
    pub(super) async fn principal(&self) -> Option<String> {
        match self {
            Self::Tokens(tokens) => principal(&tokens.token().await.ok()?),
            Self::Key { .. } | Self::Sas(_) => None,
        }
    }

    /// Signs one attempt.
    pub(super) async fn sign(&self, url: &mut Url, headers: &mut HeaderMap) -> Result<(), Failure> {
        let now = DateTimePrinter::new().timestamp_to_rfc9110_string(&Timestamp::now());
        let date = now.map_err(|error| Failure::Unreadable(error.to_string()))?;
        let authorization = match self {
            Self::Key { account, key } => Some(shared_key_lite(account, key, &date, url)),
            Self::Sas(signature) => {
                let query = match url.query() {
                    Some(query) => format!("{query}&{signature}"),
                    None => signature.clone(),
                };
                url.set_query(Some(&query));
                None
            }
            Self::Tokens(tokens) => {
                let token = tokens.token().await.map_err(Failure::NoToken)?;
                Some(format!("Bearer {token}"))
            }
        };
        headers.insert(X_MS_DATE, secret_value(date)?);
        if let Some(authorization) = authorization {
            headers.insert(AUTHORIZATION, secret_value(authorization)?);
        }
        Ok(())
    }
}

/// <https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key#table-service-shared-key-lite-authorization>.
fn shared_key_lite(account: &str, key: &hmac::Key, date: &str, url: &Url) -> String {
    let text = format!("{date}\n/{account}{}", url.path());
    let signature = STANDARD.encode(hmac::sign(key, text.as_bytes()));
    format!("SharedKeyLite {account}:{signature}")
}

fn secret_value(text: String) -> Result<HeaderValue, Failure> {
    let unfit = |_cause| Failure::NoToken("it does not fit into a header".to_owned());
    let mut value = HeaderValue::try_from(text).map_err(unfit)?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::azure::token::tests::{Gives, Source};

    #[tokio::test]
    async fn a_token_signs_a_request() {
        let lasts = 3_600;
        let signer = Signer::Tokens(Source::new(&[Gives::Token { after: 0, lasts }]).tokens());
        let mut url = Url::parse("https://acme.table.core.windows.net/DpsHubs()").unwrap();
        let mut headers = HeaderMap::new();
        signer.sign(&mut url, &mut headers).await.unwrap();
        let authorization = headers.get(AUTHORIZATION).unwrap();
        assert_eq!(authorization, "Bearer token-0");
        assert_eq!(format!("{authorization:?}"), "Sensitive");
        assert_eq!(url.query(), None);
    }

    async fn check_principal(gives: Gives, expected: Option<&str>) {
        let signer = Signer::Tokens(Source::new(&[gives]).tokens());
        assert_eq!(signer.principal().await.as_deref(), expected);
    }

    #[tokio::test]
    async fn who_pushed_is_the_identity_of_the_token() {
        let token = "e30.eyJ1cG4iOiJhbm5hQGNvbnRvc28uY29tIn0.AA";
        check_principal(Gives::Text(token), Some("anna@contoso.com")).await;
        check_principal(Gives::Text("opaque"), None).await;
        check_principal(Gives::Failure, None).await;
        let key = Signer::Key {
            account: "acme".to_owned(),
            key: hmac::Key::new(hmac::HMAC_SHA256, b"secret"),
        };
        assert_eq!(key.principal().await, None);
        assert_eq!(Signer::Sas("sig=x".to_owned()).principal().await, None);
    }

    #[test]
    fn shared_key_lite_signs_date_and_path() {
        // The vector was computed with Python's hmac and base64.
        let url = Url::parse("http://127.0.0.1:1/acme/DpsHubs()?$filter=x").unwrap();
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"secret");
        assert_eq!(
            shared_key_lite("acme", &key, "Sat, 21 Nov 2026 13:00:00 GMT", &url),
            "SharedKeyLite acme:O3T61/m7kj1Qo+4FhqTAkI4mPX2es1R2fmGOGr+dqCo="
        );
    }
}
