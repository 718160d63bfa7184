//! The settings `PolicyTables…`, by the convention of Azure Functions for connections:
//! <https://learn.microsoft.com/azure/azure-functions/functions-reference#configure-an-identity-based-connection>.

use dps_settings::{Environment, Faulty, Setting};

use super::aws_role::AwsRole;
use super::connection::{Access, Connection, Identity};

const CONNECTION_STRING: &str = "PolicyTables";
const URI: &str = "PolicyTables__tableServiceUri";
const CREDENTIAL: &str = "PolicyTables__credential";
const CLIENT_ID: &str = "PolicyTables__clientId";
const TENANT_ID: &str = "PolicyTables__tenantId";
const CLIENT_SECRET: &str = "PolicyTables__clientSecret";
const SUBSCRIPTION: &str = "PolicyTables__subscription";
/// Read with the store: whether the webhook creates tables that are missing.
pub(crate) const CREATE: &str = "PolicyTables__create";

/// Settings that need [`URI`].
const OF_IDENTITY: [&str; 5] = [
    CREDENTIAL,
    CLIENT_ID,
    TENANT_ID,
    CLIENT_SECRET,
    SUBSCRIPTION,
];

/// Set where the platform offers a managed identity (App Service, Functions).
const IDENTITY_ENDPOINT: &str = "IDENTITY_ENDPOINT";

const AWS_REGION: &str = "AWS_REGION";
const AWS_ACCESS_KEY_ID: &str = "AWS_ACCESS_KEY_ID";
const AWS_SECRET_ACCESS_KEY: &str = "AWS_SECRET_ACCESS_KEY";
const AWS_SESSION_TOKEN: &str = "AWS_SESSION_TOKEN";

impl Connection {
    /// The descriptions of these settings.
    pub const SETTINGS: &[Setting] = &[
        Setting::new(
            &[CONNECTION_STRING],
            "Connection string of the storage account with the tables, or \
             `UseDevelopmentStorage=true` for Azurite.",
        ),
        Setting::new(
            &[URI],
            "Instead of it: `https://ACCOUNT.table.core.windows.net`, to which the webhook \
             signs in with an identity.",
        ),
        Setting::new(
            &[CREDENTIAL],
            "Which identity: `managedidentity`, `workloadidentity`, `awsrole`, `clientsecret` \
             or `azurecli`. Without it the managed identity where the platform has one, else \
             whoever is signed in to the Azure CLI or azd.",
        ),
        Setting::new(
            &[CLIENT_ID],
            "Client id of the identity or app registration, a GUID; without it the \
             system-assigned identity.",
        ),
        Setting::new(
            &[TENANT_ID],
            "Tenant of the app registration, for `clientsecret` and `awsrole`.",
        ),
        Setting::new(
            &[CLIENT_SECRET],
            "Secret of the app registration, for `clientsecret`.",
        ),
        Setting::new(
            &[SUBSCRIPTION],
            "Name or id of the subscription that the account is in, for `azurecli`; without it the \
             current one of the Azure CLI.",
        ),
    ];

    /// Variables that platforms and other tools set.
    pub const FROM_PLATFORM: &[Setting] = &[
        Setting::new(
            &[IDENTITY_ENDPOINT],
            "App Service and Functions: there is a managed identity.",
        ),
        Setting::new(
            &["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"],
            "Tools of Azure: used by `clientsecret` and `awsrole` where the setting \
             `PolicyTables__...` is missing.",
        ),
        Setting::new(
            &[
                AWS_REGION,
                AWS_ACCESS_KEY_ID,
                AWS_SECRET_ACCESS_KEY,
                AWS_SESSION_TOKEN,
            ],
            "AWS Lambda: the role of the function, for `awsrole`.",
        ),
    ];

    /// Reads the settings; none if neither a connection string nor an identity is named.
    ///
    /// # Errors
    /// [`Faulty`] if one is wrong.
    pub fn read(environment: &mut Environment) -> Result<Option<Self>, Faulty> {
        unknown(environment);
        let text = environment.is_set(CONNECTION_STRING);
        let uri = environment.is_set(URI);
        if text && uri {
            let rule = format!("{CONNECTION_STRING} is set too; remove one of the two");
            environment.wrong(URI, rule);
        }
        if !uri {
            for name in OF_IDENTITY {
                if environment.is_set(name) {
                    let rule = format!("it goes with {URI}; set that, or remove this");
                    environment.wrong(name, rule);
                }
            }
        }
        let written = OF_IDENTITY.map(|name| environment.text(name));
        let by_key = environment.parse(CONNECTION_STRING, Self::parse);
        let uri = environment.text(URI);
        written.into_iter().collect::<Result<Vec<_>, Faulty>>()?;
        let Some(uri) = uri? else {
            return by_key;
        };
        let identity = identity(environment);
        // Whether the URI is right does not depend on who signs in.
        let access = Access::Identity(identity.clone().unwrap_or(Identity::DeveloperTools));
        let connection = Self::new(&uri, access);
        let connection = connection.map_err(|rule| environment.wrong(URI, rule));
        identity.and(connection.map(Some))
    }
}

/// Reports variables that look like settings of the connection and are not.
fn unknown(environment: &mut Environment) {
    let known = |name: &str| name == URI || name == CREATE || OF_IDENTITY.contains(&name);
    for name in environment.names() {
        if name.starts_with("PolicyTables__") && !known(&name) {
            let known = OF_IDENTITY.join(", ");
            let rule = format!("there is no such setting; there are {URI}, {known} and {CREATE}");
            environment.wrong(&name, rule);
        }
    }
}

/// The identity that asks for tokens.
fn identity(environment: &mut Environment) -> Result<Identity, Faulty> {
    let client_id = environment.parse(CLIENT_ID, |id| {
        let rule = "it is a resource id; write the client id of the identity, a GUID";
        if id.starts_with('/') {
            Err(rule)
        } else {
            Ok(id.to_owned())
        }
    });
    let credential = environment
        .text(CREDENTIAL)?
        .map(|name| name.to_ascii_lowercase());
    let hosted = environment.is_set(IDENTITY_ENDPOINT);
    let credential = credential.as_deref();
    let (uses_client_id, identity) = match credential {
        Some("managedidentity") => (true, client_id.map(Identity::Managed)),
        None if hosted => (true, client_id.map(Identity::Managed)),
        Some("workloadidentity") => (true, client_id.map(Identity::Workload)),
        Some("clientsecret") => (true, client_secret(environment)),
        Some("awsrole") => (true, aws_role(environment)),
        Some("azurecli") => {
            let subscription = environment.text(SUBSCRIPTION);
            (false, subscription.map(Identity::AzureCli))
        }
        None => (false, Ok(Identity::DeveloperTools)),
        Some(_) => {
            let rule = "write managedidentity, workloadidentity, awsrole, clientsecret or azurecli";
            return Err(environment.wrong(CREDENTIAL, rule));
        }
    };
    let is = |name| credential == Some(name);
    let used = [
        (CLIENT_ID, uses_client_id),
        (TENANT_ID, is("clientsecret") || is("awsrole")),
        (CLIENT_SECRET, is("clientsecret")),
        (SUBSCRIPTION, is("azurecli")),
    ];
    for (name, used) in used {
        if !used && environment.is_set(name) {
            let rule = format!("this {CREDENTIAL} does not use it; change that, or remove this");
            environment.wrong(name, rule);
        }
    }
    identity
}

fn client_secret(environment: &mut Environment) -> Result<Identity, Faulty> {
    let mut needed = Needed("clientsecret", environment);
    let tenant_id = needed.either(TENANT_ID, "AZURE_TENANT_ID");
    let client_id = needed.either(CLIENT_ID, "AZURE_CLIENT_ID");
    let secret = needed.either(CLIENT_SECRET, "AZURE_CLIENT_SECRET");
    Ok(Identity::ClientSecret {
        tenant_id: tenant_id?,
        client_id: client_id?,
        secret: secret?,
    })
}

/// The credentials are those that AWS gives a function:
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>.
fn aws_role(environment: &mut Environment) -> Result<Identity, Faulty> {
    let mut needed = Needed("awsrole", environment);
    let tenant_id = needed.either(TENANT_ID, "AZURE_TENANT_ID");
    let client_id = needed.either(CLIENT_ID, "AZURE_CLIENT_ID");
    let region = needed.of_aws(AWS_REGION);
    let access_key_id = needed.of_aws(AWS_ACCESS_KEY_ID);
    let secret_access_key = needed.of_aws(AWS_SECRET_ACCESS_KEY);
    let session_token = needed.of_aws(AWS_SESSION_TOKEN);
    let region = region?;
    let endpoint = AwsRole::endpoint_of(&region).ok_or_else(|| {
        let rule = "it is not the name of a region such as eu-west-1";
        environment.wrong(AWS_REGION, rule)
    })?;
    Ok(Identity::AwsRole {
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

/// Reads the settings that a credential requires.
struct Needed<'e>(&'static str, &'e mut Environment);

impl Needed<'_> {
    /// The setting `name`, else the variable that the libraries of Azure use.
    fn either(&mut self, name: &str, fallback: &str) -> Result<String, Faulty> {
        let Self(credential, environment) = self;
        let value = match environment.text(name)? {
            Some(value) => Some(value),
            None => environment.text(fallback)?,
        };
        let rule = || format!("{credential} needs it; set it, or {fallback}");
        value.ok_or_else(|| environment.wrong(name, rule()))
    }

    fn of_aws(&mut self, name: &str) -> Result<String, Faulty> {
        let Self(credential, environment) = self;
        let value = environment.raw(name);
        let value = value.map(|value| value.to_string_lossy().into_owned());
        let rule = || format!("{credential} needs it; AWS gives it to a function");
        value.ok_or_else(|| environment.wrong(name, rule()))
    }
}

#[cfg(test)]
mod tests;
