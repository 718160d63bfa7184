//! Bodies on their way through the host: limited, watched for activity, read once.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::BoxError;
use axum::body::{Body, Bytes, HttpBody as _};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use futures_util::stream::{self, Stream, StreamExt as _, TryStreamExt as _};
use http_body_util::{BodyExt, Limited};
use tokio::time::{Instant, sleep_until};

use crate::invocation::Invocation;

/// When bytes last moved in either direction; clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Activity {
    last: Arc<Mutex<Instant>>,
    limit: Duration,
}

/// Nothing moved for so long.
#[derive(Debug, thiserror::Error)]
#[error("no activity for {0:?}")]
pub(crate) struct Idle(Duration);

/// A caller's body, which is read once: attempts share it until one begins to read.
#[derive(Debug, Clone)]
pub(crate) struct Upload {
    body: Arc<Mutex<Option<Limited<Body>>>>,
    activity: Activity,
}

impl Activity {
    pub(crate) fn new(limit: Duration) -> Self {
        Self {
            last: Arc::new(Mutex::new(Instant::now())),
            limit,
        }
    }

    pub(crate) fn touch(&self) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Ends when nothing has moved for the limit.
    pub(crate) async fn lapsed(&self) -> Idle {
        while Instant::now() < self.deadline() {
            sleep_until(self.deadline()).await;
        }
        Idle(self.limit)
    }

    fn deadline(&self) -> Instant {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) + self.limit
    }
}

/// `None`: no length is given.
pub(crate) fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

impl Upload {
    /// `None`: the request has no body, that is no length above 0, and is not chunked.
    pub(crate) fn new(
        headers: &HeaderMap,
        body: Body,
        limit: usize,
        activity: &Activity,
    ) -> Option<Self> {
        let long = content_length(headers).is_some_and(|length| length > 0);
        let body = Arc::new(Mutex::new(Some(Limited::new(body, limit))));
        let upload = Self {
            body,
            activity: activity.clone(),
        };
        (long || headers.contains_key(TRANSFER_ENCODING)).then_some(upload)
    }

    /// The body for one more attempt; `None`: an earlier one has begun to read it.
    pub(crate) fn attempt(&self) -> Option<Body> {
        self.body
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .as_ref()?;
        let upload = self.clone();
        // Nothing is taken before a connection asks for the first bytes.
        Some(Body::from_stream(
            stream::once(async { upload.read() }).flatten(),
        ))
    }

    fn read(self) -> impl Stream<Item = Result<Bytes, BoxError>> {
        let body = self
            .body
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let bytes = stream::iter(body).flat_map(BodyExt::into_data_stream);
        bytes.inspect_ok(move |_| self.activity.touch())
    }
}

/// The handler's body on its way to the caller; its end is the end of the invocation.
pub(crate) fn download(body: Body, activity: Activity, mut invocation: Invocation) -> Body {
    if body.is_end_stream() {
        invocation.succeeded();
        return body;
    }
    Body::from_stream(stream::unfold((body, activity, invocation), next))
}

type Download = (Body, Activity, Invocation);

async fn next(download: Download) -> Option<(Result<Bytes, BoxError>, Download)> {
    let (mut body, activity, mut invocation) = download;
    let data = tokio::select! {
        frame = body.frame() => {
            let Some(frame) = frame else {
                invocation.succeeded();
                return None;
            };
            frame.map_err(BoxError::from)
        }
        idle = activity.lapsed() => Err(idle.into()),
    };
    activity.touch();
    match &data {
        Err(error) => invocation.failed(error),
        // A server that knows the length does not ask for the end.
        Ok(_) if body.is_end_stream() => invocation.succeeded(),
        Ok(_) => {}
    }
    // Trailers are not passed on.
    let data = data.map(|frame| frame.into_data().unwrap_or_default());
    Some((data, (body, activity, invocation)))
}
