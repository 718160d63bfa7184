//! Which storage account, and how to sign in to it.

use std::fmt;

use dps_settings::is_this_machine;
use reqwest::Url;

use super::aws_role::AwsRole;

/// A storage account and how to sign in to it; what is secret is never shown.
#[derive(Clone)]
pub struct Connection {
    endpoint: Url,
    access: Access,
}

/// How requests are authorized.
#[derive(Clone)]
pub(super) enum Access {
    /// With a key of the account.
    Key { account: String, key: Vec<u8> },
    /// With a shared access signature, the query string of it.
    Sas(String),
    /// With a token of Microsoft Entra.
    Identity(Identity),
}

/// Who asks for a token.
#[derive(Clone)]
pub(super) enum Identity {
    /// The identity that Azure gives the machine; the system-assigned one without an id.
    Managed(Option<String>),
    /// A Kubernetes service account, as the client with this id.
    Workload(Option<String>),
    /// A role of AWS that an app registration or a managed identity trusts.
    AwsRole {
        tenant_id: String,
        client_id: String,
        role: Box<AwsRole>,
    },
    /// An app registration.
    ClientSecret {
        tenant_id: String,
        client_id: String,
        secret: String,
    },
    /// Whoever is signed in to `az`; in its current subscription without one.
    AzureCli(Option<String>),
    /// Whoever is signed in to `az`, else to `azd`.
    DeveloperTools,
}

impl Connection {
    /// Checks the scheme: secrets are sent in the clear to this machine only, tokens never.
    pub(super) fn new(endpoint: &str, access: Access) -> Result<Self, &'static str> {
        let mut endpoint = Url::parse(endpoint).map_err(|_cause| NOT_A_URL)?;
        let clear = match (&access, endpoint.scheme()) {
            (_, "https") => false,
            (Access::Identity(_), _) => return Err("tokens are sent over https only"),
            (_, "http") => true,
            _ => return Err(NOT_A_URL),
        };
        let host = endpoint.host_str().unwrap_or_default();
        let of_others = [".blob.", ".queue.", ".file.", ".dfs.", ".web."];
        if of_others.iter().any(|service| host.contains(service)) {
            return Err("it is the endpoint of another service; write `.table.` in its place");
        }
        if clear && !is_this_machine(host) {
            return Err("http is for Azurite on this machine; write https");
        }
        let plain = endpoint.query().is_none()
            && endpoint.fragment().is_none()
            && endpoint.username().is_empty()
            && endpoint.password().is_none();
        if !plain || endpoint.host_str().is_none() {
            return Err(NOT_A_URL);
        }
        if let Ok(mut path) = endpoint.path_segments_mut() {
            path.pop_if_empty();
        }
        Ok(Self { endpoint, access })
    }

    pub(super) fn endpoint(&self) -> &Url {
        &self.endpoint
    }

    /// Whether it is Azurite on this machine.
    pub(super) fn is_local(&self) -> bool {
        self.endpoint.host_str().is_some_and(is_this_machine)
    }

    pub(super) fn access(&self) -> &Access {
        &self.access
    }
}

const NOT_A_URL: &str =
    "the endpoint is not a URL such as https://account.table.core.windows.net, without a query";

impl fmt::Display for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.endpoint.as_str().trim_end_matches('/'))
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Connection({self}, {})", self.access)
    }
}

impl fmt::Display for Access {
    /// Who it is, for error messages.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key { account, .. } => write!(f, "the key of account `{account}`"),
            Self::Sas(_) => f.write_str("the shared access signature"),
            Self::Identity(identity) => identity.fmt(f),
        }
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Managed(None) => f.write_str("the system-assigned identity"),
            Self::Managed(Some(id)) => write!(f, "the managed identity `{id}`"),
            Self::Workload(None) => f.write_str("the workload identity"),
            Self::Workload(Some(id)) => write!(f, "the workload identity `{id}`"),
            Self::AwsRole {
                client_id, role, ..
            } => write!(f, "the role of AWS in `{}` as `{client_id}`", role.region),
            Self::ClientSecret { client_id, .. } => write!(f, "the app `{client_id}`"),
            Self::AzureCli(None) => f.write_str("the user of the Azure CLI"),
            Self::AzureCli(Some(name)) => {
                write!(f, "the user of the Azure CLI in subscription `{name}`")
            }
            Self::DeveloperTools => f.write_str("the user of the Azure CLI or azd"),
        }
    }
}
