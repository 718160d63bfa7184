//! A function URL: takes HTTP, hands the function events, answers HTTP.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

use crate::front::{Call, Front};
use crate::lambda::Lambda;

/// A port of 127.0.0.1 before a function, closed on drop.
#[derive(Debug)]
pub struct FunctionUrl {
    address: String,
    server: AbortHandle,
}

impl FunctionUrl {
    /// Opens one.
    pub async fn open(function: Arc<Lambda>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound port");
        let router = Router::new().fallback(hand_on).with_state(function);
        let server = tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            address: format!("http://{address}"),
            server: server.abort_handle(),
        }
    }

    /// Its address, without a slash at the end.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for FunctionUrl {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn hand_on(
    State(function): State<Arc<Lambda>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, HeaderMap, Bytes) {
    let name = uri.path().trim_start_matches("/api/");
    let mut call = match method {
        Method::GET => Call::get(name),
        _ => Call::post(name, body),
    };
    for (name, value) in &headers {
        call = call.header(name.as_str(), value.to_str().unwrap_or_default());
    }
    let reply = function.reply(Front::FunctionUrl, &call).await;
    let status = StatusCode::from_u16(reply.status).expect("a status of HTTP");
    let headers = reply.headers.into_iter().map(|(name, value)| {
        let value = HeaderValue::from_str(&value).expect("a value of HTTP");
        (HeaderName::from_static(name), value)
    });
    (status, headers.collect(), reply.body)
}
