//! Calling the webhook.

use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, redirect};
use serde_json::Value;

/// The longest answer that is read. What DPS reads is not known.
const LONGEST: usize = 1024 * 1024;

/// Calls the webhooks of all enrollments.
#[derive(Debug)]
pub(crate) struct Webhook(Client);

impl Webhook {
    pub(super) fn new(timeout: Duration) -> reqwest::Result<Self> {
        let client = Client::builder()
            .timeout(timeout)
            // An answer that sends DPS elsewhere is one of another status than 200.
            .redirect(redirect::Policy::none())
            .build()?;
        Ok(Self(client))
    }

    /// Status and body of the answer; `None` if there was no answer, or not all of it in time.
    pub(super) async fn call(&self, url: &str, request: &Value) -> Option<(u16, Vec<u8>)> {
        let request = self
            .0
            .post(url)
            .header(CONTENT_TYPE, "application/json")
            .json(request);
        let mut response = request.send().await.ok()?;
        let mut body = Vec::new();
        while let Some(part) = response.chunk().await.ok()? {
            body.extend_from_slice(&part);
            if body.len() > LONGEST {
                // Too long to be a response of any sense: nothing of it counts.
                body.clear();
                break;
            }
        }
        Some((response.status().as_u16(), body))
    }
}
