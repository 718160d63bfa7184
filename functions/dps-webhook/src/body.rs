//! The body of a webhook call: whole, small enough, and in time.

use std::future::{Future as _, poll_fn};
use std::pin::pin;
use std::task::Poll;

use axum::body::{Body, Bytes};
use dps_allocation::RefusedReason;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use tokio::time::{Instant, timeout_at};

use crate::problem::Problem;
use crate::reason::Reason;

/// Longest body that is read, in bytes.
///
/// DPS takes at most 96 KB from a device and adds the enrollment and up to 50 host names; twice
/// that and more is left for what it may add one day.
/// <https://learn.microsoft.com/azure/iot-dps/about-iot-dps#quotas-and-limits>
const MAX_BODY: usize = 256 * 1024;

/// Reads the body; a body that came in one piece is not copied.
pub(crate) async fn read(mut body: Body, deadline: Instant) -> Result<Bytes, Problem> {
    let mut collect = pin!(Limited::new(&mut body, MAX_BODY).collect());
    // Nearly every body has come with the head: no timer is set for those.
    let collected = match poll_fn(|context| Poll::Ready(collect.as_mut().poll(context))).await {
        Poll::Ready(collected) => Ok(collected),
        Poll::Pending => timeout_at(deadline, collect).await,
    };
    match collected {
        Ok(Ok(whole)) => Ok(whole.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            discard(body, deadline).await;
            let rule = format!("the body has more than {MAX_BODY} bytes");
            Err(Problem::new(Reason::BodyTooLarge, rule))
        }
        Ok(Err(_broken)) => {
            let rule = "the body broke off before its end";
            Err(Problem::new(
                Reason::Refused(RefusedReason::MalformedRequest),
                rule,
            ))
        }
        Err(_late) => {
            let rule = "the body was not complete before the deadline";
            Err(Problem::new(Reason::Overloaded, rule))
        }
    }
}

/// Reads the rest and drops it: a proxy that is still sending would not see the answer.
async fn discard(mut body: Body, deadline: Instant) {
    let rest = async { while let Some(Ok(_piece)) = body.frame().await {} };
    // The answer is the same when the rest is late.
    let _late = timeout_at(deadline, rest).await;
}
