//! Who gives tokens: AWS to its roles, the platform of Azure and Microsoft Entra for tables.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::{Form, Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

use super::tls::Tls;
use crate::secrets::keep_secret;

pub(super) const TENANT: &str = "22222222-2222-2222-2222-222222222222";
pub(super) const CLIENT: &str = "33333333-3333-3333-3333-333333333333";
/// What the app shows to Entra.
pub const CLIENT_SECRET: &str = "secret-of-the-app-0123456789";
pub(super) const IDENTITY_HEADER: &str = "secret-of-the-platform-0123456789";
pub(super) const KUBERNETES_TOKEN: &str = "token-of-kubernetes-0123456789";
pub(super) const AWS_KEY_ID: &str = "ASIAEXAMPLE";
pub(super) const AWS_SESSION: &str = "session-of-the-role-0123456789";
pub(super) const AWS_SECRET: &str = "key-of-the-role-0123456789";
const AWS_TOKEN: &str = "token-of-the-role-0123456789";

/// What AWS makes of the credentials of its role.
#[derive(Clone, Copy, Debug)]
pub enum AwsMood {
    /// They are good in eu-west-1, and unknown elsewhere.
    Knows,
    /// Their time is over.
    Expired,
}

/// Both services, and the platform of Azure; ended on drop.
#[derive(Debug)]
pub(super) struct Tokens {
    /// Where they take TLS.
    pub(super) port: u16,
    /// Where a function app asks the platform.
    pub(super) identity_endpoint: String,
    shared: Shared,
    servers: [AbortHandle; 2],
}

#[derive(Clone, Debug)]
struct Shared(Arc<Mutex<(AwsMood, Vec<&'static str>)>>);

type Fields = BTreeMap<String, String>;
type Refusal = (StatusCode, String);

impl Tokens {
    pub(super) async fn start(chain: &str, key: &str) -> Self {
        let shared = Shared(Arc::new(Mutex::new((AwsMood::Knows, Vec::new()))));
        let router = Router::new()
            .route("/", post(aws))
            .route("/{tenant}/oauth2/v2.0/token", post(entra))
            .route("/msi/token", get(platform))
            .with_state(shared.clone());
        let [(clear, clear_at), (listener, at)] = [bind().await, bind().await];
        let tls = Tls::new(listener, chain, key);
        let served = router.clone();
        let clear = tokio::spawn(async move { axum::serve(clear, served).await });
        let tls = tokio::spawn(async move { axum::serve(tls, router).await });
        Self {
            port: at.port(),
            identity_endpoint: format!("http://{clear_at}/msi/token"),
            shared,
            servers: [clear, tls].map(|it| it.abort_handle()),
        }
    }

    pub(super) fn set_aws(&self, mood: AwsMood) {
        self.shared.lock().0 = mood;
    }

    /// By which way each token for tables was asked for.
    pub(super) fn given(&self) -> Vec<&'static str> {
        self.shared.lock().1.clone()
    }
}

impl Drop for Tokens {
    fn drop(&mut self) {
        self.servers.iter().for_each(AbortHandle::abort);
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, (AwsMood, Vec<&'static str>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A token that Azurite takes: it reads for whom, by whom and until when.
    fn give(&self, way: &'static str) -> Json<Value> {
        self.lock().1.push(way);
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.expect("a clock after 1970").as_secs();
        let claims = json!({
            "aud": "https://storage.azure.com", "iss": format!("https://sts.windows.net/{TENANT}/"),
            "iat": now - 60, "nbf": now - 60, "exp": now + 3600, "tid": TENANT, "appid": CLIENT,
        });
        let parts = [json!({ "alg": "none", "typ": "JWT" }), claims];
        let [head, claims] = parts.map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        let token = format!("{head}.{claims}.AA");
        keep_secret(&token);
        Json(json!({
            "access_token": token, "token_type": "Bearer", "expires_in": 3600,
            "expires_on": (now + 3600).to_string(), "resource": "https://storage.azure.com",
        }))
    }
}

/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetWebIdentityToken.html>.
async fn aws(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Form(form): Form<Fields>,
) -> Result<String, Refusal> {
    let refuse = |code: &str| {
        let body = format!("<ErrorResponse><Error><Code>{code}</Code></Error></ErrorResponse>");
        Err((StatusCode::FORBIDDEN, body))
    };
    let signature = header(&headers, "authorization");
    let known = signature.contains(&format!("Credential={AWS_KEY_ID}/"))
        && signature.contains("/eu-west-1/sts/aws4_request")
        && header(&headers, "host") == "sts.eu-west-1.amazonaws.com"
        && header(&headers, "x-amz-security-token") == AWS_SESSION;
    if !known {
        return refuse("InvalidClientTokenId");
    }
    if let AwsMood::Expired = shared.lock().0 {
        return refuse("ExpiredToken");
    }
    if field(&form, "Action") != "GetWebIdentityToken"
        || field(&form, "Audience.member.1") != "api://AzureADTokenExchange"
        || field(&form, "SigningAlgorithm") != "RS256"
    {
        return refuse("ValidationError");
    }
    keep_secret(AWS_TOKEN);
    Ok(format!(
        "<GetWebIdentityTokenResponse><GetWebIdentityTokenResult><WebIdentityToken>{AWS_TOKEN}\
         </WebIdentityToken></GetWebIdentityTokenResult></GetWebIdentityTokenResponse>"
    ))
}

/// <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow>.
async fn entra(
    State(shared): State<Shared>,
    Path(tenant): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Json<Value>, Refusal> {
    let asks = tenant == TENANT
        && field(&form, "grant_type") == "client_credentials"
        && field(&form, "client_id") == CLIENT
        && field(&form, "scope") == "https://storage.azure.com/.default";
    let assertion = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    let asserted = field(&form, "client_assertion_type") == assertion;
    match (
        field(&form, "client_assertion"),
        field(&form, "client_secret"),
    ) {
        (AWS_TOKEN, "") if asks && asserted => Ok(shared.give("the role of AWS")),
        (KUBERNETES_TOKEN, "") if asks && asserted => Ok(shared.give("the pod")),
        ("", CLIENT_SECRET) if asks => Ok(shared.give("the app")),
        _ => {
            let body = json!({ "error": "invalid_client", "error_description": "AADSTS700213" });
            Err((StatusCode::UNAUTHORIZED, body.to_string()))
        }
    }
}

/// <https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference>.
async fn platform(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Query(query): Query<Fields>,
) -> Result<Json<Value>, Refusal> {
    let asks = header(&headers, "x-identity-header") == IDENTITY_HEADER
        && field(&query, "resource").trim_end_matches('/') == "https://storage.azure.com"
        && field(&query, "client_id") == CLIENT;
    if !asks {
        return Err((StatusCode::BAD_REQUEST, "no such identity".to_owned()));
    }
    Ok(shared.give("the managed identity"))
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default()
}

fn field<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.get(name).map_or("", String::as_str)
}

async fn bind() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("a bound port");
    (listener, address)
}
