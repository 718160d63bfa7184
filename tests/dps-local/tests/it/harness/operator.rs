//! Somebody who manages the service, and looks at hubs.

use dps_local::{SymmetricKey, sign};
use reqwest::{Client, Method};
use serde_json::{Value, json};

use super::called::Called;
use super::device::{Reply, client, reply};
use super::{GROUP_KEY, OTHER_KEY, later};

pub(crate) struct Operator {
    http: Client,
    host: String,
    address: std::net::SocketAddr,
    authority: String,
    token: String,
}

impl Operator {
    /// Somebody with a key of this policy.
    pub(crate) fn new(server: &impl Called, policy: &str, key: &SymmetricKey) -> Self {
        let host = server.host();
        Self {
            http: client(server, &host, None),
            token: sign(key, &host, Some(policy), later()),
            address: server.https(),
            authority: server.authority().to_owned(),
            host,
        }
    }

    pub(crate) fn with_token(mut self, token: impl Into<String>) -> Self {
        self.token = token.into();
        self
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, &Value::Null, &[]).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        self.send(Method::DELETE, path, &Value::Null, &[]).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Reply {
        self.send(Method::POST, path, &body, &[]).await
    }

    /// Puts something that has to be taken.
    pub(crate) async fn put(&self, path: &str, body: Value) -> Value {
        let reply = self.send(Method::PUT, path, &body, &[]).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        reply.body
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        body: &Value,
        headers: &[(&str, &str)],
    ) -> Reply {
        let url = format!(
            "https://{}:{}/{path}?api-version=2021-10-01",
            self.host,
            self.address.port()
        );
        let request = self
            .http
            .request(method, url)
            .header("Authorization", &self.token);
        let request = headers.iter().fold(request, |request, (name, value)| {
            request.header(*name, *value)
        });
        reply(match body {
            Value::Null => request,
            body => request.json(body),
        })
        .await
    }

    pub(crate) async fn link(&self, hub: &str) {
        self.put(&format!("linkedHubs/{hub}"), json!({ "name": hub }))
            .await;
    }

    /// A group `group` with [`GROUP_KEY`], and these members more.
    pub(crate) async fn group(&self, members: Value) {
        let mut group = json!({
            "enrollmentGroupId": "group",
            "attestation": {
                "type": "symmetricKey",
                "symmetricKey": { "primaryKey": GROUP_KEY, "secondaryKey": OTHER_KEY },
            },
        });
        merge(&mut group, members);
        self.put("enrollmentGroups/group", group).await;
    }

    /// The group `group`, whose devices all get this hub.
    pub(crate) async fn group_on(&self, hub: &str) {
        self.group(json!({ "allocationPolicy": "static", "iotHubs": [hub] }))
            .await;
    }

    /// What a hub answers to somebody with its key.
    pub(crate) async fn hub(&self, hub: &str, method: Method, path: &str, body: Value) -> Reply {
        let link = self.get(&format!("linkedHubs/{hub}")).await.body;
        let key = SymmetricKey::try_from(link["ownerKey"].as_str().unwrap().to_owned()).unwrap();
        let root = reqwest::Certificate::from_pem(self.authority.as_bytes()).unwrap();
        let http = Client::builder()
            .no_proxy()
            .tls_certs_only([root])
            .resolve(hub, self.address);
        let url = format!(
            "https://{hub}:{}/{path}?api-version=2021-04-12",
            self.address.port()
        );
        let request = http.build().unwrap().request(method, url);
        let request = request.header(
            "Authorization",
            sign(&key, hub, Some("iothubowner"), later()),
        );
        reply(request.json(&body)).await
    }

    pub(crate) async fn twin(&self, hub: &str, device: &str) -> Reply {
        self.hub(hub, Method::GET, &format!("twins/{device}"), Value::Null)
            .await
    }
}

fn merge(object: &mut Value, members: Value) {
    let Value::Object(members) = members else {
        panic!("{members} is not an object");
    };
    object.as_object_mut().unwrap().extend(members);
}
