//! The settings `PolicyTables…`, by the convention of Azure Functions for connections:
//! <https://learn.microsoft.com/azure/azure-functions/functions-reference#configure-an-identity-based-connection>.

use super::aws_role::AwsRole;
use super::connection::{Access, Connection, Identity, WrongConnection};
use crate::pasted;

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
        let faults = OF_IDENTITY.into_iter().chain([URI]).filter_map(|name| {
            let rule = pasted::fault(name, &variable(name)?)?;
            Some(WrongConnection::new(name, rule))
        });
        let faults: Vec<WrongConnection> = faults.collect();
        let readable = faults.is_empty();
        wrong.extend(faults);
        if variable(CLIENT_ID).is_some_and(|id| id.starts_with('/')) {
            let rule = "it is a resource id; write the client id of the identity, a GUID";
            wrong.push(WrongConnection::new(CLIENT_ID, rule));
        }
        let mut connection = None;
        if let Some(text) = text {
            match Self::parse(&text) {
                Ok(parsed) => connection = Some(parsed),
                Err(error) => wrong.push(error),
            }
        }
        if let Some(uri) = uri.filter(|_| readable) {
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
        Some("awsrole") => (true, aws_role(variable, wrong)),
        Some("azurecli") => (false, Some(Identity::AzureCli)),
        None => (false, Some(Identity::DeveloperTools)),
        Some(_) => {
            let rule = "write managedidentity, workloadidentity, awsrole, clientsecret or azurecli";
            wrong.push(WrongConnection::new(CREDENTIAL, rule));
            return None;
        }
    };
    let is = |name| credential.as_deref() == Some(name);
    let unused = [
        (CLIENT_ID, takes_client_id),
        (TENANT_ID, is("clientsecret") || is("awsrole")),
        (CLIENT_SECRET, is("clientsecret")),
    ];
    for (name, used) in unused {
        if !used && variable(name).is_some() {
            let rule = format!("this {CREDENTIAL} does not use it; change that, or remove this");
            wrong.push(WrongConnection::new(name, rule));
        }
    }
    identity
}

fn client_secret(
    variable: &impl Fn(&str) -> Option<String>,
    wrong: &mut Vec<WrongConnection>,
) -> Option<Identity> {
    let mut needed = Needed::by("clientsecret", variable, wrong);
    let tenant_id = needed.either(TENANT_ID, "AZURE_TENANT_ID");
    let client_id = needed.either(CLIENT_ID, "AZURE_CLIENT_ID");
    let secret = needed.either(CLIENT_SECRET, "AZURE_CLIENT_SECRET");
    Some(Identity::ClientSecret {
        tenant_id: tenant_id?,
        client_id: client_id?,
        secret: secret?,
    })
}

/// The credentials are those that AWS gives a function:
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>.
fn aws_role(
    variable: &impl Fn(&str) -> Option<String>,
    wrong: &mut Vec<WrongConnection>,
) -> Option<Identity> {
    let mut needed = Needed::by("awsrole", variable, wrong);
    let tenant_id = needed.either(TENANT_ID, "AZURE_TENANT_ID");
    let client_id = needed.either(CLIENT_ID, "AZURE_CLIENT_ID");
    let region = needed.of_aws("AWS_REGION");
    let access_key_id = needed.of_aws("AWS_ACCESS_KEY_ID");
    let secret_access_key = needed.of_aws("AWS_SECRET_ACCESS_KEY");
    let session_token = needed.of_aws("AWS_SESSION_TOKEN");
    let region = region?;
    let Some(endpoint) = AwsRole::endpoint_of(&region) else {
        let rule = "it is not the name of a region such as eu-west-1";
        wrong.push(WrongConnection::new("AWS_REGION", rule));
        return None;
    };
    Some(Identity::AwsRole {
        tenant_id: tenant_id?,
        client_id: client_id?,
        role: Box::new(AwsRole {
            region,
            endpoint,
            access_key_id: access_key_id?,
            secret_access_key: secret_access_key?,
            session_token: session_token?,
        }),
    })
}

/// The settings that a credential cannot do without.
struct Needed<'a, F> {
    credential: &'static str,
    variable: &'a F,
    wrong: &'a mut Vec<WrongConnection>,
}

impl<'a, F: Fn(&str) -> Option<String>> Needed<'a, F> {
    fn by(credential: &'static str, variable: &'a F, wrong: &'a mut Vec<WrongConnection>) -> Self {
        Self {
            credential,
            variable,
            wrong,
        }
    }

    /// Falls back to the name that the libraries of Azure use.
    fn either(&mut self, name: &str, fallback: &str) -> Option<String> {
        let value = (self.variable)(name).or_else(|| (self.variable)(fallback));
        if value.is_none() {
            let rule = format!("{} needs it; set it, or {fallback}", self.credential);
            self.wrong.push(WrongConnection::new(name, rule));
        }
        value
    }

    fn of_aws(&mut self, name: &str) -> Option<String> {
        let value = (self.variable)(name);
        if value.is_none() {
            let rule = format!("{} needs it; AWS gives it to a function", self.credential);
            self.wrong.push(WrongConnection::new(name, rule));
        }
        value
    }
}

#[cfg(test)]
mod tests;
