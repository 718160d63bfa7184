//! What all parts of the service share.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use super::webhook::Webhook;
use crate::clock::{Clock, written};
use crate::connections::Connections;
use crate::data::Data;
use crate::events::Events;
use crate::log::Log;
use crate::options::Options;
use crate::refusal::Refusal;
use crate::throttle::Throttle;

/// Data, time and limits.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) data: Data,
    pub(crate) options: Options,
    pub(crate) log: Log,
    /// Devices that are connected to a hub.
    pub(crate) connections: Connections,
    pub(super) webhook: Webhook,
    pub(crate) events: Events,
    throttle: Mutex<Throttle>,
}

impl Core {
    pub(crate) fn new(data: Data, options: Options, log: Log) -> reqwest::Result<Self> {
        let webhook = Webhook::new(options.webhook_timeout)?;
        let events = match &options.events {
            Some(url) => Events::to(url.clone(), options.clock.clone())?,
            None => Events::default(),
        };
        Ok(Self {
            data,
            webhook,
            events,
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

    pub(super) fn count_registration(&self) -> Result<(), Refusal> {
        let mut throttle = self.throttle.lock().unwrap_or_else(PoisonError::into_inner);
        throttle.registration(self.options.limits, self.now())
    }

    pub(super) fn count_poll(&self, device: &str) -> Result<(), Refusal> {
        let mut throttle = self.throttle.lock().unwrap_or_else(PoisonError::into_inner);
        throttle.poll(device, self.options.limits, self.now())
    }
}
