//! What the webhook holds.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;

use crate::instruments::PolicyState;
use crate::pipeline::{Delivery, Pipeline};
use crate::recorders::{Allocation, PollRecorder};
use crate::settings::Settings;
use crate::words::Guarded;

/// Spans and metrics, and their way out; a clone shares both. The default exports nothing.
#[derive(Clone, Debug, Default)]
pub struct Telemetry(Option<Arc<Pipeline>>);

impl Telemetry {
    /// Starts what the settings ask for; nothing is sent yet.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(settings: &Settings) -> io::Result<Self> {
        Ok(Self(Pipeline::start(settings)?.map(Arc::new)))
    }

    /// A request to allocate begins; its headers may name the span that it belongs to.
    #[must_use]
    pub fn allocation(&self, headers: &HeaderMap) -> Allocation<'_> {
        Allocation::begin(self.0.as_deref(), headers)
    }

    /// A poll of the config tables begins; `remote`: they are in another service.
    #[must_use]
    pub fn poll(&self, remote: bool) -> PollRecorder {
        PollRecorder::begin(self.0.clone(), remote)
    }

    /// A candidate policy has decided beside the live one, with this difference.
    pub fn shadow(&self, difference: &'static str) {
        if let Some(pipeline) = &self.0 {
            pipeline.instruments.shadow(difference);
        }
    }

    /// A caller was answered with 401.
    pub fn unauthorized(&self, route: Guarded) {
        if let Some(pipeline) = &self.0 {
            pipeline.instruments.unauthorized(route);
        }
    }

    /// Asks for the policy in use whenever metrics are collected; there is one in a process.
    pub fn watch_policy(&self, state: impl Fn() -> Option<PolicyState> + Send + Sync + 'static) {
        if let Some(pipeline) = &self.0 {
            pipeline.instruments.watch_policy(state);
        }
    }

    /// How the exports to each destination go; empty where nothing is exported.
    #[must_use]
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.0.as_ref().map_or_else(Vec::new, |it| it.deliveries())
    }

    /// Sends what has not been sent, and blocks the caller's thread until then, for at most `limit`.
    ///
    /// It may be called after each request: the wait becomes shorter each time that a collector is
    /// too slow for it.
    pub fn flush(&self, limit: Duration) {
        if let Some(pipeline) = &self.0 {
            pipeline.flush(limit);
        }
    }
}
