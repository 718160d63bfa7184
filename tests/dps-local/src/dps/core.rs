//! What all parts of the service share.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use super::webhook::Webhook;
use crate::challenges::Challenges;
use crate::clock::{Clock, written};
use crate::connections::Connections;
use crate::data::Data;
use crate::events::Events;
use crate::log::{Attempt, Log};
use crate::metrics::Metrics;
use crate::options::Options;
use crate::refusal::Refusal;
use crate::throttle::Throttle;

/// Data, time and limits.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) data: Data,
    pub(crate) options: Options,
    log: Log,
    /// Devices that are connected to a hub.
    pub(crate) connections: Connections,
    /// Of devices with a TPM that are about to register.
    pub(super) challenges: Challenges,
    pub(super) webhook: Webhook,
    pub(crate) events: Events,
    pub(crate) metrics: Metrics,
    throttle: Mutex<Throttle>,
}

impl Core {
    pub(crate) fn new(data: Data, options: Options, log: Log) -> reqwest::Result<Self> {
        // For the clients of webhooks and events. Fails where it was done before, which is as good.
        drop(rustls::crypto::ring::default_provider().install_default());
        let webhook = Webhook::new(options.webhook_timeout)?;
        let events = match &options.events {
            Some(url) => Events::to(url.clone(), options.clock.clone())?,
            None => Events::default(),
        };
        Ok(Self {
            data,
            webhook,
            events,
            challenges: Challenges::default(),
            metrics: Metrics::default(),
            options,
            log,
            connections: Connections::default(),
            throttle: Mutex::default(),
        })
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.options.clock
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock().now()
    }

    /// The time as records have it.
    pub(crate) fn written_now(&self) -> String {
        written(self.now())
    }

    /// Host name of the service, for those who manage it.
    pub(crate) fn host(&self) -> String {
        format!("{}.azure-devices-provisioning.net", self.options.name)
    }

    /// Writes down how an attempt to register has ended.
    pub(super) fn record(&self, attempt: &Attempt<'_>) {
        self.log.write(attempt);
        self.metrics.count(attempt);
    }

    pub(super) fn count_registration(&self) -> Result<(), Refusal> {
        let mut throttle = self.throttle.lock().unwrap_or_else(PoisonError::into_inner);
        throttle.registration(self.options.limits, self.now())
    }

    pub(super) fn count_poll(&self, device: &str) -> Result<(), Refusal> {
        let mut throttle = self.throttle.lock().unwrap_or_else(PoisonError::into_inner);
        throttle.poll(device, self.options.limits, self.now())
    }
}
