//! Between the service and the webhook: passes each request on, and asks the webhook to explain it.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use reqwest::Client;
use serde_json::Value;
use tokio::net::TcpListener;

/// Keeps the latest explanation for each device.
pub(super) struct Recorder {
    url: String,
    explained: Arc<Mutex<HashMap<String, Value>>>,
}

/// What a call needs.
#[derive(Clone)]
struct Way {
    http: Client,
    webhook: String,
    explained: Arc<Mutex<HashMap<String, Value>>>,
}

impl Recorder {
    pub(super) async fn start(webhook: &str, http: Client) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/api/allocate", listener.local_addr()?);
        let explained = Arc::default();
        let way = Way {
            http,
            webhook: webhook.to_owned(),
            explained: Arc::clone(&explained),
        };
        tokio::spawn(listen(listener, way));
        Ok(Self { url, explained })
    }

    /// What the service calls.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Why the webhook has decided as it has; `None` if it was not asked.
    pub(super) fn take(&self, registration_id: &str) -> Option<Value> {
        let mut explained = self
            .explained
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        explained.remove(registration_id)
    }
}

async fn listen(listener: TcpListener, way: Way) {
    while let Ok((stream, _)) = listener.accept().await {
        let way = way.clone();
        tokio::spawn(async move {
            let service = service_fn(|request| answer(request, &way));
            let served = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            // A connection that breaks is seen by the service, which calls again.
            drop(served.await);
        });
    }
}

async fn answer(
    request: Request<Incoming>,
    way: &Way,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let passed_on = match request.into_body().collect().await {
        Ok(body) => pass_on(body.to_bytes(), way).await,
        Err(_) => None,
    };
    let (status, body) = passed_on.unwrap_or((StatusCode::BAD_GATEWAY, Bytes::new()));
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    Ok(response)
}

/// `None` if the webhook does not answer.
async fn pass_on(body: Bytes, way: &Way) -> Option<(StatusCode, Bytes)> {
    let post = |endpoint: &str| {
        let url = format!("{}/api/{endpoint}", way.webhook);
        way.http.post(url).body(body.clone()).send()
    };
    let explained: Value = post("explain").await.ok()?.json().await.ok()?;
    if let Some(id) = explained["registrationId"].as_str() {
        let mut all = way.explained.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(id.to_owned(), explained.clone());
    }
    let answer = post("allocate").await.ok()?;
    Some((answer.status(), answer.bytes().await.ok()?))
}
