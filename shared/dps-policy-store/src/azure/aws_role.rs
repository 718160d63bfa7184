//! A role of AWS that Microsoft Entra trusts, so that a function there needs no secret of Azure.
//!
//! AWS signs a token that says which role asks
//! (<https://docs.aws.amazon.com/STS/latest/APIReference/API_GetWebIdentityToken.html>); Entra gives
//! one of its own for it, where the app or managed identity has a federated credential that names
//! issuer and role (<https://learn.microsoft.com/entra/workload-id/workload-identity-federation>).

mod role;
mod sign;

use std::fmt;

use async_trait::async_trait;
use azure_core::error::ErrorKind;
use azure_core::http::ClientMethodOptions;
use azure_core::{Error, Result};
use azure_identity::ClientAssertion;
use jiff::Timestamp;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};

pub(super) use role::AwsRole;
use sign::{FORM, sign};

/// Asks the token service of AWS.
pub(super) struct AwsTokens {
    role: AwsRole,
    http: reqwest::Client,
}

/// For the audience that Entra asks for, five minutes (it is used at once), with RSA, which is all
/// that Entra takes.
const BODY: &str = "Action=GetWebIdentityToken&Version=2011-06-15\
    &Audience.member.1=api%3A%2F%2FAzureADTokenExchange&DurationSeconds=300&SigningAlgorithm=RS256";

impl AwsTokens {
    pub(super) fn new(role: AwsRole, http: reqwest::Client) -> Self {
        Self { role, http }
    }

    async fn ask(&self) -> std::result::Result<String, String> {
        let role = &self.role;
        let signed = sign(role, BODY, Timestamp::now());
        let request = self
            .http
            .post(role.endpoint.clone())
            .header(CONTENT_TYPE, FORM)
            .header("x-amz-date", signed.date)
            .header("x-amz-security-token", &role.session_token)
            .header(AUTHORIZATION, signed.authorization)
            .body(BODY);
        let unreachable = |error: reqwest::Error| {
            let error = error.without_url();
            format!("{} cannot be asked: {error}", role.endpoint)
        };
        let answer = request.send().await.map_err(unreachable)?;
        let status = answer.status();
        let text = answer.text().await.map_err(unreachable)?;
        if let Some(token) = element(&text, "WebIdentityToken").filter(|_| status.is_success()) {
            return Ok(token.to_owned());
        }
        let code = element(&text, "Code").unwrap_or("no code");
        let help = help(code).map_or(String::new(), |help| format!("; {help}"));
        Err(format!("{} answers {status}, {code}{help}", role.endpoint))
    }
}

/// What to do about an error of the token service.
fn help(code: &str) -> Option<&'static str> {
    Some(match code {
        "AccessDenied" => "allow the role sts:GetWebIdentityToken",
        "OutboundWebIdentityFederationDisabled"
        | "OutboundWebIdentityFederationDisabledException" => {
            "run aws iam enable-outbound-web-identity-federation"
        }
        "ExpiredToken" | "ExpiredTokenException" => {
            "the credentials of the environment have ended; start the function anew"
        }
        "InvalidClientTokenId" | "SignatureDoesNotMatch" => {
            "the credentials are not of AWS_REGION, or not whole"
        }
        _ => return None,
    })
}

/// The text of the first such element; tokens and codes have no characters that XML escapes.
fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    Some(text)
}

#[async_trait]
impl ClientAssertion for AwsTokens {
    async fn secret(&self, _options: Option<ClientMethodOptions<'_>>) -> Result<String> {
        let asked = self.ask().await;
        asked.map_err(|error| Error::with_message(ErrorKind::Credential, error))
    }
}

impl fmt::Debug for AwsTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AwsTokens({})", self.role.endpoint)
    }
}

#[cfg(test)]
mod tests;
