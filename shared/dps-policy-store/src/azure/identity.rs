//! Tokens of Microsoft Entra, from the identity that the settings name and from no other.

use std::sync::Arc;
use std::time::Duration;

use azure_core::credentials::{AccessToken, Secret, TokenCredential};
use azure_core::http::{ClientOptions, ExponentialRetryOptions, RetryOptions, Transport};
use azure_identity::{
    AzureCliCredential, ClientAssertionCredential, ClientAssertionCredentialOptions,
    ClientSecretCredential, ClientSecretCredentialOptions, DeveloperToolsCredential,
    ManagedIdentityCredential, ManagedIdentityCredentialOptions, UserAssignedId,
    WorkloadIdentityCredential, WorkloadIdentityCredentialOptions,
};
use jiff::Timestamp;
use tokio::sync::Mutex;

use super::aws_role::AwsTokens;
use super::connection::Identity;

/// What a token for tables is asked for:
/// <https://learn.microsoft.com/azure/storage/tables/authorize-access-azure-active-directory>.
const SCOPE: &str = "https://storage.azure.com/.default";

/// A token this close to its end is replaced, so that none runs out under way.
const MARGIN_SECONDS: i64 = 300;

/// The Azure CLI takes seconds to start; the other identities answer at once.
const TOKEN_LIMIT: Duration = Duration::from_secs(10);

/// The token of one identity, kept until shortly before its end.
///
/// The credentials for developers start a program for each token, so they need it kept.
pub(super) struct Tokens {
    credential: Arc<dyn TokenCredential>,
    current: Mutex<Option<AccessToken>>,
}

impl Tokens {
    /// # Errors
    /// What the identity lacks, as `azure_identity` says it.
    pub(super) fn new(identity: &Identity, http: reqwest::Client) -> Result<Self, String> {
        let credential = credential(identity, http).map_err(|error| told(&error))?;
        Ok(Self {
            credential,
            current: Mutex::new(None),
        })
    }

    /// A token that is good for some minutes.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) async fn token(&self) -> Result<String, String> {
        let mut current = self.current.lock().await;
        let now = Timestamp::now().as_second();
        if let Some(token) = &*current
            && token.expires_on.unix_timestamp() > now + MARGIN_SECONDS
        {
            return Ok(token.token.secret().to_owned());
        }
        let asked = self.credential.get_token(&[SCOPE], None);
        let token = tokio::time::timeout(TOKEN_LIMIT, asked)
            .await
            .map_err(|_elapsed| format!("no answer in {} s", TOKEN_LIMIT.as_secs()))?
            .map_err(|error| told(&error))?;
        let text = token.token.secret().to_owned();
        *current = Some(token);
        Ok(text)
    }
}

/// In one line, and with the innermost cause, which the outer texts leave out.
fn told(error: &azure_core::Error) -> String {
    let text = error.to_string();
    let mut told = text.lines().collect::<Vec<_>>().join("; ");
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    let cause = cause.to_string();
    if !text.contains(&cause) {
        told = format!("{told} ({cause})");
    }
    told
}

fn credential(
    identity: &Identity,
    http: reqwest::Client,
) -> azure_core::Result<Arc<dyn TokenCredential>> {
    let client_options = options(http.clone());
    Ok(match identity.clone() {
        Identity::Managed { client_id } => {
            ManagedIdentityCredential::new(Some(ManagedIdentityCredentialOptions {
                user_assigned_id: client_id.map(UserAssignedId::ClientId),
                client_options,
            }))?
        }
        Identity::Workload { client_id } => {
            WorkloadIdentityCredential::new(Some(WorkloadIdentityCredentialOptions {
                credential_options: ClientAssertionCredentialOptions { client_options },
                client_id,
                ..Default::default()
            }))?
        }
        Identity::AwsRole {
            tenant_id,
            client_id,
            role,
        } => {
            let options = ClientAssertionCredentialOptions { client_options };
            let tokens = AwsTokens::new(*role, http);
            ClientAssertionCredential::new(tenant_id, client_id, tokens, Some(options))?
        }
        Identity::ClientSecret {
            tenant_id,
            client_id,
            secret,
        } => {
            let options = ClientSecretCredentialOptions { client_options };
            let secret = Secret::new(secret);
            ClientSecretCredential::new(&tenant_id, client_id, secret, Some(options))?
        }
        Identity::AzureCli => AzureCliCredential::new(None)?,
        Identity::DeveloperTools => DeveloperToolsCredential::new(None)?,
    })
}

/// The connections and time limits of the table requests; without these retries it would try for
/// more than a minute.
fn options(http: reqwest::Client) -> ClientOptions {
    ClientOptions {
        transport: Some(Transport::new(Arc::new(http))),
        retry: RetryOptions::exponential(ExponentialRetryOptions {
            max_retries: 2,
            ..ExponentialRetryOptions::default()
        }),
        ..ClientOptions::default()
    }
}

#[cfg(test)]
mod tests;
