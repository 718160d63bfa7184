//! Registering over HTTPS.

use std::time::Duration;

use reqwest::{Certificate, Client, Identity, Method, Response};
use serde_json::{Value, json};

use super::credential::SimulatedCredential;
use super::error::SimulatedError;
use super::site::{HOST, Site};

pub(super) fn client(
    site: &Site,
    authority: &Certificate,
    credential: &SimulatedCredential,
) -> Result<Client, SimulatedError> {
    let client = Client::builder()
        .no_proxy()
        .tls_certs_only([authority.clone()])
        .resolve(HOST, site.https);
    let client = match credential {
        SimulatedCredential::Certificate(own) => {
            let pem = format!("{}{}", own.certificate, own.key);
            client.identity(Identity::from_pem(pem.as_bytes())?)
        }
        SimulatedCredential::None | SimulatedCredential::Key(_) => client,
    };
    Ok(client.build()?)
}

/// Who calls, and whom.
struct Line<'a> {
    http: &'a Client,
    site: &'a Site,
    id: &'a str,
    credential: &'a SimulatedCredential,
}

pub(super) async fn register(
    http: &Client,
    site: &Site,
    id: &str,
    credential: &SimulatedCredential,
    payload: Option<&Value>,
) -> Result<Value, SimulatedError> {
    let line = Line {
        http,
        site,
        id,
        credential,
    };
    let body = match payload {
        Some(payload) => json!({ "registrationId": id, "payload": payload }),
        None => json!({ "registrationId": id }),
    };
    let mut response = line.send(Method::PUT, "register", &body).await?;
    loop {
        let (status, wait) = (response.status().as_u16(), wait(&response));
        let body: Value = response.json().await?;
        match (status, body.get("operationId").and_then(Value::as_str)) {
            (202, Some(operation)) => {
                tokio::time::sleep(wait).await;
                let path = format!("operations/{operation}");
                response = line.send(Method::GET, &path, &json!({})).await?;
            }
            (200, _) => return Ok(body),
            _ => return Err(SimulatedError::Refused { status, body }),
        }
    }
}

impl Line<'_> {
    async fn send(&self, method: Method, path: &str, body: &Value) -> reqwest::Result<Response> {
        let port = self.site.https.port();
        let resource = format!("{}/registrations/{}", self.site.id_scope, self.id);
        let url = format!("https://{HOST}:{port}/{resource}/{path}?api-version=2019-03-31");
        let request = self.http.request(method, url).json(body);
        match self.credential.token(&resource, Some("registration")) {
            Some(token) => request.header("Authorization", token).send().await,
            None => request.send().await,
        }
    }
}

/// What the service asks for; a second where it does not say.
fn wait(response: &Response) -> Duration {
    let said = response.headers().get("Retry-After");
    let seconds = said.and_then(|said| said.to_str().ok()?.parse().ok());
    Duration::from_secs(seconds.unwrap_or(1))
}
