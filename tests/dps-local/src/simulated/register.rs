//! Registering over HTTPS.

use std::time::Duration;

use reqwest::{Certificate, Client, Identity, Method, Response};
use serde_json::{Map, Value, json};

use super::credential::SimulatedCredential;
use super::error::SimulatedError;
use super::site::{HOST, Site};
use super::tpm::SimulatedTpm;
use crate::key::SymmetricKey;

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
        SimulatedCredential::None | SimulatedCredential::Key(_) | SimulatedCredential::Tpm(_) => {
            client
        }
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
    let mut body = Map::from_iter([("registrationId".to_owned(), json!(id))]);
    if let Some(payload) = payload {
        body.insert("payload".to_owned(), payload.clone());
    }
    if let SimulatedCredential::Tpm(session) = credential {
        session.keep(None);
        body.insert("tpm".to_owned(), session.tpm().shown());
        session.keep(line.challenged(session.tpm(), &body).await?);
    }
    let mut response = line.send(Method::PUT, "register", &json!(body)).await?;
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
    /// The key of a challenge; `None` if the TPM cannot open it, or there was none.
    async fn challenged(
        &self,
        tpm: &SimulatedTpm,
        body: &Map<String, Value>,
    ) -> Result<Option<SymmetricKey>, SimulatedError> {
        let response = self.send(Method::PUT, "register", &json!(body)).await?;
        let (status, body) = (response.status().as_u16(), response.json::<Value>().await?);
        match body.get("authenticationKey").and_then(Value::as_str) {
            Some(wrapped) => Ok(tpm.activate(wrapped)),
            None => Err(SimulatedError::Refused { status, body }),
        }
    }

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
