//! A storage account that takes tokens, and who gives them, under their real names.
//!
//! The webhook asks `https://sts.eu-west-1.amazonaws.com` as ever: a proxy and an authority of the
//! test, named by the usual variables, lead it here.

mod proxy;
mod tls;
mod tokens;

use std::fs;
use std::path::Path;

use azurite::Azurite;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tempfile::TempDir;
use tokio::task::AbortHandle;

use crate::operator::dps_policy;
use crate::secrets::keep_secret;
use tokens::Tokens;
pub use tokens::{AwsMood, CLIENT_SECRET};

const TABLES: &str = "devstoreaccount1.table.core.windows.net";
const ENTRA: &str = "login.microsoftonline.com";
const STS: [&str; 2] = [
    "sts.eu-west-1.amazonaws.com",
    "sts.eu-central-1.amazonaws.com",
];

/// Who the webhook is for the tables, as its settings say it.
#[derive(Clone, Copy, Debug)]
pub enum Identity {
    /// A user-assigned identity of a function app.
    Managed,
    /// A role of AWS, with credentials of eu-west-1, in this region.
    AwsRole(&'static str),
    /// A pod of a cluster that Entra trusts.
    Workload,
    /// An app with this secret.
    ClientSecret(&'static str),
}

/// Azurite with TLS and tokens, which holds the starter tables; ended on drop.
#[derive(Debug)]
pub struct Cloud {
    _azurite: Azurite,
    tokens: Tokens,
    proxy: AbortHandle,
    settings: [(&'static str, String); 4],
    kubernetes_token: String,
    _folder: TempDir,
}

impl Cloud {
    /// Starts it.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let [authority, chain, key] = certificates(folder.path());
        let azurite = Azurite::start_with(&["--oauth", "basic", "--cert", &chain, "--key", &key]);
        let tokens = Tokens::start(&chain, &key).await;
        let ways = [(TABLES, azurite.port()), (ENTRA, tokens.port)];
        let ways = ways.into_iter().chain(STS.map(|name| (name, tokens.port)));
        let (proxy, port) = proxy::start(ways.collect()).await;
        keep_secret(tokens::KUBERNETES_TOKEN);
        let kubernetes_token = write(folder.path(), "kubernetes-token", tokens::KUBERNETES_TOKEN);
        // The operator has the account's key.
        let tables = azurite.connection_string().replace("http", "https");
        let operator = [("PolicyTables", &*tables), ("SSL_CERT_FILE", &*authority)];
        let _pushed = dps_policy(&["push", "--yes", "infra/policy"], &operator);
        Self {
            _azurite: azurite,
            settings: [
                ("HTTPS_PROXY", format!("http://127.0.0.1:{port}")),
                ("SSL_CERT_FILE", authority),
                ("PolicyTables__tableServiceUri", format!("https://{TABLES}")),
                ("POLICY_REFRESH_SECONDS", "1".to_owned()),
            ],
            kubernetes_token,
            tokens,
            proxy,
            _folder: folder,
        }
    }

    /// Settings for the tables, and for who asks.
    #[must_use]
    pub fn settings(&self, identity: Identity) -> Vec<(&str, &str)> {
        let tenant = ("PolicyTables__tenantId", tokens::TENANT);
        let (credential, more) = match identity {
            Identity::Managed => (
                "managedidentity",
                vec![
                    ("IDENTITY_ENDPOINT", &*self.tokens.identity_endpoint),
                    ("IDENTITY_HEADER", tokens::IDENTITY_HEADER),
                ],
            ),
            Identity::AwsRole(region) => (
                "awsrole",
                vec![
                    tenant,
                    ("AWS_REGION", region),
                    ("AWS_ACCESS_KEY_ID", tokens::AWS_KEY_ID),
                    ("AWS_SECRET_ACCESS_KEY", tokens::AWS_SECRET),
                    ("AWS_SESSION_TOKEN", tokens::AWS_SESSION),
                ],
            ),
            Identity::Workload => (
                "workloadidentity",
                vec![
                    ("AZURE_TENANT_ID", tokens::TENANT),
                    ("AZURE_FEDERATED_TOKEN_FILE", &*self.kubernetes_token),
                ],
            ),
            Identity::ClientSecret(secret) => {
                let secret = ("PolicyTables__clientSecret", secret);
                ("clientsecret", vec![tenant, secret])
            }
        };
        let own = self.settings.iter().map(|(name, value)| (*name, &**value));
        let who = [
            ("PolicyTables__credential", credential),
            ("PolicyTables__clientId", tokens::CLIENT),
        ];
        own.chain(who).chain(more).collect()
    }

    /// What AWS makes of its role from now on.
    pub fn set_aws(&self, mood: AwsMood) {
        self.tokens.set_aws(mood);
    }

    /// Whom a token for the tables was given so far.
    #[must_use]
    pub fn given(&self) -> Vec<&'static str> {
        self.tokens.given()
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        self.proxy.abort();
    }
}

/// The files of an authority's certificate, and of one for all these names with its key.
fn certificates(folder: &Path) -> [String; 3] {
    let own = |names: Vec<String>| {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(names).expect("names of hosts");
        (params, key)
    };
    let (mut authority, authority_key) = own(Vec::new());
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let signed = authority.self_signed(&authority_key);
    let authority_pem = signed.expect("a certificate").pem();
    let issuer = Issuer::new(authority, authority_key);
    let names = [TABLES, ENTRA, "127.0.0.1"].into_iter().chain(STS);
    let (leaf, key) = own(names.map(str::to_owned).collect());
    let leaf = leaf.signed_by(&key, &issuer).expect("a certificate");
    let files = [
        ("authority.pem", authority_pem),
        ("leaf.pem", leaf.pem()),
        ("leaf.key", key.serialize_pem()),
    ];
    files.map(|(name, pem)| write(folder, name, &pem))
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, text).expect("writing to a temporary folder");
    path.display().to_string()
}
