//! The settings `PolicyTables…`, by the convention of Azure Functions for connections:
//! <https://learn.microsoft.com/azure/azure-functions/functions-reference#configure-an-identity-based-connection>.

use super::connection::{Access, Connection, Identity, WrongConnection};

const CONNECTION_STRING: &str = "PolicyTables";
const URI: &str = "PolicyTables__tableServiceUri";
const CREDENTIAL: &str = "PolicyTables__credential";
const CLIENT_ID: &str = "PolicyTables__clientId";
const TENANT_ID: &str = "PolicyTables__tenantId";
const CLIENT_SECRET: &str = "PolicyTables__clientSecret";
/// Read by the webhook: whether it makes tables that are missing.
const CREATE: &str = "PolicyTables__create";

/// What goes with [`URI`] only.
const OF_IDENTITY: [&str; 4] = [CREDENTIAL, CLIENT_ID, TENANT_ID, CLIENT_SECRET];

/// Set where the platform offers a managed identity (App Service, Functions).
const IDENTITY_ENDPOINT: &str = "IDENTITY_ENDPOINT";

impl Connection {
    /// Reads the settings; none where neither a connection string nor an identity is named.
    ///
    /// `variable` answers an environment variable; an empty one counts as not set.
    ///
    /// # Errors
    /// Every [`WrongConnection`], not the first.
    pub fn read(
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, Vec<WrongConnection>> {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        let text = variable(CONNECTION_STRING);
        let uri = variable(URI);
        let mut wrong = Vec::new();
        if text.is_some() && uri.is_some() {
            let rule = format!("{CONNECTION_STRING} is set too; remove one of the two");
            wrong.push(WrongConnection::new(URI, rule));
        }
        if uri.is_none() {
            let lonely = OF_IDENTITY
                .into_iter()
                .filter(|name| variable(name).is_some());
            let rule = format!("it goes with {URI}; set that, or remove this");
            wrong.extend(lonely.map(|name| WrongConnection::new(name, rule.clone())));
        }
        let mut connection = None;
        if let Some(text) = text {
            match Self::parse(&text) {
                Ok(parsed) => connection = Some(parsed),
                Err(error) => wrong.push(error),
            }
        }
        if let Some(uri) = uri {
            let identity = identity(&variable, &mut wrong).unwrap_or(Identity::DeveloperTools);
            match Self::new(&uri, Access::Identity(identity)) {
                Ok(parsed) => connection = Some(parsed),
                Err(rule) => wrong.push(WrongConnection::new(URI, rule)),
            }
        }
        if wrong.is_empty() {
            Ok(connection)
        } else {
            Err(wrong)
        }
    }

    /// The variables among `names` that look like settings of the connection and are none.
    pub fn unknown<'n>(names: impl IntoIterator<Item = &'n str>) -> Vec<WrongConnection> {
        let known = |name: &str| name == URI || name == CREATE || OF_IDENTITY.contains(&name);
        let names = names
            .into_iter()
            .filter(|name| name.starts_with("PolicyTables__"));
        let rule = || {
            let known = OF_IDENTITY.join(", ");
            format!("there is no such setting; there are {URI}, {known} and {CREATE}")
        };
        names
            .filter(|name| !known(name))
            .map(|name| WrongConnection::new(name, rule()))
            .collect()
    }
}

/// Who asks for tokens; what is wrong is added to `wrong`.
fn identity(
    variable: &impl Fn(&str) -> Option<String>,
    wrong: &mut Vec<WrongConnection>,
) -> Option<Identity> {
    let client_id = variable(CLIENT_ID);
    let credential = variable(CREDENTIAL).map(|name| name.to_ascii_lowercase());
    let hosted = variable(IDENTITY_ENDPOINT).is_some();
    let (takes_client_id, identity) = match credential.as_deref() {
        Some("managedidentity") => (true, Some(Identity::Managed { client_id })),
        None if hosted => (true, Some(Identity::Managed { client_id })),
        Some("workloadidentity") => (true, Some(Identity::Workload { client_id })),
        Some("clientsecret") => (true, client_secret(variable, wrong)),
        Some("azurecli") => (false, Some(Identity::AzureCli)),
        None => (false, Some(Identity::DeveloperTools)),
        Some(_) => {
            let rule = "write managedidentity, workloadidentity, clientsecret or azurecli";
            wrong.push(WrongConnection::new(CREDENTIAL, rule));
            return None;
        }
    };
    let secret = credential.as_deref() == Some("clientsecret");
    let unused = [
        (CLIENT_ID, takes_client_id),
        (TENANT_ID, secret),
        (CLIENT_SECRET, secret),
    ];
    for (name, used) in unused {
        if !used && variable(name).is_some() {
            let rule = format!("this {CREDENTIAL} does not use it; change that, or remove this");
            wrong.push(WrongConnection::new(name, rule));
        }
    }
    identity
}

/// Falls back to the names that the libraries of Azure use.
fn client_secret(
    variable: &impl Fn(&str) -> Option<String>,
    wrong: &mut Vec<WrongConnection>,
) -> Option<Identity> {
    let mut either = |name: &str, fallback: &str| {
        let value = variable(name).or_else(|| variable(fallback));
        if value.is_none() {
            let rule = format!("clientsecret needs it; set it, or {fallback}");
            wrong.push(WrongConnection::new(name, rule));
        }
        value
    };
    let tenant_id = either(TENANT_ID, "AZURE_TENANT_ID");
    let client_id = either(CLIENT_ID, "AZURE_CLIENT_ID");
    let secret = either(CLIENT_SECRET, "AZURE_CLIENT_SECRET");
    Some(Identity::ClientSecret {
        tenant_id: tenant_id?,
        client_id: client_id?,
        secret: secret?,
    })
}

#[cfg(test)]
mod tests;
