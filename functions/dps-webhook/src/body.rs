//! The body of a webhook call: whole, small enough, and in time.

use std::ops::Deref;

use axum::body::{Body, Bytes, HttpBody as _};
use axum::http::header;
use axum::http::request::Parts;
use dps_allocation::RefusedReason;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::deadline::Deadline;
use crate::problem::Problem;
use crate::reason::Reason;

/// Longest body that is read, in bytes.
///
/// DPS accepts at most 96 KB from a device and adds the enrollment and up to 50 host names; the
/// rest is for what it may add one day.
/// <https://learn.microsoft.com/azure/iot-dps/about-iot-dps#quotas-and-limits>
const MAX_BODY: u32 = 256 * 1024;

/// Longest body, in bytes, that needs no share of [`CAPACITY`]. Nearly all bodies of DPS are
/// shorter, and one on each connection takes no more memory than that.
const SHORT: u32 = 16 * 1024;

/// How many bytes all longer bodies that are being read may have together.
const CAPACITY: usize = 8 * 1024 * 1024;

/// A server's memory for long bodies: callers that send slowly share it, and cannot exhaust more.
#[derive(Debug)]
pub struct BodyMemory(Semaphore);

impl Default for BodyMemory {
    fn default() -> Self {
        Self(Semaphore::new(CAPACITY))
    }
}

impl BodyMemory {
    /// Waits until there is memory for a body of `declared` bytes, or for the longest without it.
    async fn reserve(
        &self,
        declared: Option<u64>,
        deadline: Deadline,
    ) -> Result<Option<SemaphorePermit<'_>>, Problem> {
        let length = declared.and_then(|it| u32::try_from(it).ok());
        let length = length.unwrap_or(MAX_BODY).min(MAX_BODY);
        if length <= SHORT {
            return Ok(None);
        }
        match deadline.bound(self.0.acquire_many(length)).await {
            Some(Ok(permit)) => Ok(Some(permit)),
            Some(Err(_)) | None => Err(Problem::new(
                Reason::Overloaded,
                "too many long bodies are being read; no room became free before the deadline",
            )),
        }
    }
}

/// A whole body, and the memory that it occupies.
pub(crate) struct ReadBody<'r> {
    bytes: Bytes,
    _memory: Option<SemaphorePermit<'r>>,
}

impl Deref for ReadBody<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Reads the body; a body that came in one piece is not copied.
pub(crate) async fn read<'r>(
    memory: &'r BodyMemory,
    head: &Parts,
    mut body: Body,
    deadline: Deadline,
) -> Result<ReadBody<'r>, Problem> {
    if body.size_hint().lower() > u64::from(MAX_BODY) {
        // A caller that waits to be asked for the body is not asked.
        if !head.headers.contains_key(header::EXPECT) {
            discard(body, deadline);
        }
        return Err(too_large());
    }
    let reserved = memory.reserve(body.size_hint().upper(), deadline).await?;
    let collected = deadline
        .bound(Limited::new(&mut body, MAX_BODY as usize).collect())
        .await;
    match collected {
        Some(Ok(whole)) => Ok(ReadBody {
            bytes: whole.to_bytes(),
            _memory: reserved,
        }),
        Some(Err(error)) if error.is::<LengthLimitError>() => {
            discard(body, deadline);
            Err(too_large())
        }
        Some(Err(_broken)) => Err(Problem::new(
            Reason::Refused(RefusedReason::MalformedRequest),
            "the body broke off before its end",
        )),
        None => Err(Problem::new(
            Reason::BodyTimeout,
            "the caller did not send the whole body before the deadline",
        )),
    }
}

/// Reads the rest and drops it while the answer is sent: a proxy that is still sending would not
/// see the answer.
fn discard(mut body: Body, deadline: Deadline) {
    tokio::spawn(async move {
        let rest = async { while let Some(Ok(_piece)) = body.frame().await {} };
        // If more comes later, hyper closes the connection.
        let _late = deadline.bound(rest).await;
    });
}

fn too_large() -> Problem {
    let detail = format!("the body has more than {MAX_BODY} bytes");
    Problem::new(Reason::BodyTooLarge, detail)
}
