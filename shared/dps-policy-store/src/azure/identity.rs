//! Tokens of Microsoft Entra, from the identity that the settings name and from no other.

use std::sync::Arc;

use azure_core::credentials::{Secret, TokenCredential};
use azure_core::http::{ClientOptions, ExponentialRetryOptions, RetryOptions, Transport};
use azure_identity::{
    AzureCliCredential, AzureCliCredentialOptions, ClientAssertionCredential,
    ClientAssertionCredentialOptions, ClientSecretCredential, ClientSecretCredentialOptions,
    DeveloperToolsCredential, ManagedIdentityCredential, ManagedIdentityCredentialOptions,
    UserAssignedId, WorkloadIdentityCredential, WorkloadIdentityCredentialOptions,
};
use dps_settings::root_cause;

use super::aws_role::AwsTokens;
use super::connection::Identity;

/// In one line, and with the innermost cause, which the outer texts leave out.
pub(super) fn message(error: &azure_core::Error) -> String {
    let text = error.to_string();
    let mut message = text.lines().collect::<Vec<_>>().join("; ");
    let cause = root_cause(error);
    if !text.contains(&cause) {
        message = format!("{message} ({cause})");
    }
    message
}

pub(super) fn credential(
    identity: &Identity,
    http: reqwest::Client,
) -> azure_core::Result<Arc<dyn TokenCredential>> {
    let client_options = options(http.clone());
    Ok(match identity.clone() {
        Identity::Managed(client_id) => {
            ManagedIdentityCredential::new(Some(ManagedIdentityCredentialOptions {
                user_assigned_id: client_id.map(UserAssignedId::ClientId),
                client_options,
            }))?
        }
        Identity::Workload(client_id) => {
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
        Identity::AzureCli(subscription) => {
            AzureCliCredential::new(Some(AzureCliCredentialOptions {
                subscription,
                ..Default::default()
            }))?
        }
        Identity::DeveloperTools => DeveloperToolsCredential::new(None)?,
    })
}

/// Without these retries it would try for more than a minute.
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
