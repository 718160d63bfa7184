//! A webhook that answers what the test says.

use std::sync::{Arc, Mutex};

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

/// Status and body.
pub(crate) type Answer = (u16, String);

type Decide = Arc<dyn Fn(usize, &Value) -> Option<Answer> + Send + Sync>;

pub(crate) struct Webhook {
    pub(crate) url: String,
    called: Arc<Mutex<Vec<Value>>>,
    listening: AbortHandle,
}

impl Webhook {
    /// Answers with a status and a body each time.
    pub(crate) async fn answering(status: u16, body: impl Into<String>) -> Self {
        let body = body.into();
        Self::start(move |_, _| Some((status, body.clone()))).await
    }

    /// Assigns each device to a hub.
    pub(crate) async fn assigning(hub: &str) -> Self {
        Self::answering(
            200,
            serde_json::json!({ "iotHubHostName": hub }).to_string(),
        )
        .await
    }

    /// Decides by the number of the call and by the request; none breaks the connection.
    pub(crate) async fn start(
        decide: impl Fn(usize, &Value) -> Option<Answer> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!(
            "http://{}/api/allocate?code=secret",
            listener.local_addr().unwrap()
        );
        let (called, decide) = (Arc::default(), Arc::new(decide));
        let listening = tokio::spawn(listen(listener, Arc::clone(&called), decide)).abort_handle();
        Self {
            url,
            called,
            listening,
        }
    }

    /// The requests so far.
    pub(crate) fn called(&self) -> Vec<Value> {
        self.called.lock().unwrap().clone()
    }

    /// Members of an enrollment that is allocated by this webhook.
    pub(crate) fn members(&self) -> Value {
        serde_json::json!({
            "allocationPolicy": "custom",
            "customAllocationDefinition": { "webhookUrl": self.url, "apiVersion": "2021-10-01" },
        })
    }
}

impl Drop for Webhook {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn listen(listener: TcpListener, called: Arc<Mutex<Vec<Value>>>, decide: Decide) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let (called, decide) = (Arc::clone(&called), Arc::clone(&decide));
        tokio::spawn(async move {
            let service = service_fn(|request| answer(request, &called, &decide));
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn answer(
    request: Request<Incoming>,
    called: &Mutex<Vec<Value>>,
    decide: &Decide,
) -> Result<Response<Full<Bytes>>, std::io::Error> {
    assert_eq!(request.uri(), "/api/allocate?code=secret");
    let body = request
        .into_body()
        .collect()
        .await
        .map_err(std::io::Error::other)?;
    let body: Value = serde_json::from_slice(&body.to_bytes()).unwrap();
    let number = {
        let mut called = called.lock().unwrap();
        called.push(body.clone());
        called.len()
    };
    match decide(number, &body) {
        Some((status, body)) => {
            let mut response = Response::new(Full::new(Bytes::from(body)));
            *response.status_mut() = status.try_into().unwrap();
            Ok(response)
        }
        None => Err(std::io::Error::other("the webhook is gone")),
    }
}
