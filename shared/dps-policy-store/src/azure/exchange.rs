//! Sends a request to the service and returns its answer.

use async_trait::async_trait;
use reqwest::{Client, Request, Response};

/// Sends one request; the body of its answer may still be under way. Tests have one without a network.
#[async_trait]
pub(super) trait Exchange: Send + Sync {
    async fn exchange(&self, request: Request) -> reqwest::Result<Response>;
}

#[async_trait]
impl Exchange for Client {
    async fn exchange(&self, request: Request) -> reqwest::Result<Response> {
        self.execute(request).await
    }
}
