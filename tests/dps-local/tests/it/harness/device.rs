//! A device that registers over HTTPS.

use std::time::Duration;

use reqwest::{Certificate, Client, Method};
use serde_json::{Value, json};

use super::called::Called;
use super::certificates::Identity;

/// The host name by which devices call.
const HOST: &str = "global.azure-devices-provisioning.net";

/// What a device was answered.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Value,
}

impl Reply {
    /// Status and DPS's code.
    pub(crate) fn code(&self) -> (u16, Option<u64>) {
        (self.status, self.body["errorCode"].as_u64())
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

pub(crate) struct Device {
    http: Client,
    base: String,
    id_scope: String,
    pub(crate) id: String,
    token: Option<String>,
}

impl Device {
    pub(super) fn new(server: &impl Called, id: &str, identity: Option<&Identity>) -> Self {
        Self {
            http: client(server, HOST, identity),
            base: format!("https://{HOST}:{}", server.https().port()),
            id_scope: server.id_scope().to_owned(),
            id: id.to_owned(),
            token: None,
        }
    }

    pub(crate) fn with_token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    pub(crate) fn without_token(mut self) -> Self {
        self.token = None;
        self
    }

    pub(crate) fn with_id_scope(mut self, id_scope: &str) -> Self {
        id_scope.clone_into(&mut self.id_scope);
        self
    }

    pub(crate) async fn register_with(&self, body: impl Into<String>) -> Reply {
        self.send(Method::PUT, "/register", body.into()).await
    }

    pub(crate) async fn operation(&self, operation: &str) -> Reply {
        // Node sends a body with it.
        self.send(
            Method::GET,
            &format!("/operations/{operation}"),
            "{}".to_owned(),
        )
        .await
    }

    pub(crate) async fn lookup(&self) -> Reply {
        self.lookup_with(json!({ "registrationId": self.id })).await
    }

    pub(crate) async fn lookup_with(&self, body: Value) -> Reply {
        self.send(Method::POST, "", body.to_string()).await
    }

    /// Registers, and asks until that has ended; the last answer.
    pub(crate) async fn register(&self) -> Value {
        self.provision(json!({ "registrationId": self.id })).await
    }

    pub(crate) async fn provision(&self, body: Value) -> Value {
        let begun = self.register_with(body.to_string()).await;
        if begun.status != 202 {
            return begun.body;
        }
        self.ended(begun.body["operationId"].as_str().unwrap())
            .await
    }

    pub(crate) async fn ended(&self, operation: &str) -> Value {
        loop {
            let reply = self.operation(operation).await;
            if reply.status != 202 {
                return reply.body;
            }
            assert_eq!(reply.body["status"], "assigning");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn send(&self, method: Method, path: &str, body: String) -> Reply {
        self.try_send(method, path, body).await.unwrap()
    }

    /// Registers with a server that may be gone.
    pub(crate) async fn try_register(&self) -> reqwest::Result<Reply> {
        self.try_send(Method::PUT, "/register", String::new()).await
    }

    async fn try_send(&self, method: Method, path: &str, body: String) -> reqwest::Result<Reply> {
        let (base, scope, id) = (&self.base, &self.id_scope, &self.id);
        let url = format!("{base}/{scope}/registrations/{id}{path}?api-version=2019-03-31");
        let mut request = self
            .http
            .request(method, url)
            .header("Content-Type", "application/json");
        if let Some(token) = &self.token {
            request = request.header("Authorization", token);
        }
        try_reply(request.body(body)).await
    }
}

pub(super) fn client(server: &impl Called, host: &str, identity: Option<&Identity>) -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let root = Certificate::from_pem(server.authority().as_bytes()).unwrap();
    let mut client = Client::builder()
        .no_proxy()
        .tls_certs_only([root])
        .resolve(host, server.https());
    if let Some(identity) = identity {
        client = client.identity(reqwest::Identity::from_pem(identity.pem.as_bytes()).unwrap());
    }
    client.build().unwrap()
}

pub(super) async fn reply(request: reqwest::RequestBuilder) -> Reply {
    try_reply(request).await.unwrap()
}

async fn try_reply(request: reqwest::RequestBuilder) -> reqwest::Result<Reply> {
    let response = request.send().await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = response.text().await?;
    let body = match body.as_str() {
        "" => Value::Null,
        text => serde_json::from_str(text).unwrap(),
    };
    Ok(Reply {
        status,
        headers,
        body,
    })
}
