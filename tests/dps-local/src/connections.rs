//! Devices that are connected to a hub, and what they are told.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// What a hub tells a device that is connected.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Push {
    /// Desired properties have changed, to this version.
    Desired(Map<String, Value>, u64),
    /// The hub closes the connection.
    Close,
}

/// By the keys of the devices.
#[derive(Debug, Default)]
pub(crate) struct Connections(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    next: u64,
    connected: HashMap<String, (u64, UnboundedSender<Push>)>,
    messages: HashMap<String, u64>,
}

/// One connection of a device.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) key: String,
    pub(crate) pushes: UnboundedReceiver<Push>,
    number: u64,
}

impl Connections {
    /// A device connects. An earlier connection of the same device is closed, as by IoT Hub.
    pub(crate) fn open(&self, key: String) -> Connection {
        let (sender, pushes) = unbounded_channel();
        let mut inner = self.inner();
        inner.next += 1;
        let number = inner.next;
        if let Some((_, earlier)) = inner.connected.insert(key.clone(), (number, sender)) {
            // It may have ended by itself.
            drop(earlier.send(Push::Close));
        }
        Connection {
            key,
            pushes,
            number,
        }
    }

    /// A connection has ended.
    pub(crate) fn close(&self, connection: &Connection) {
        let mut inner = self.inner();
        let current = inner.connected.get(&connection.key);
        if current.is_some_and(|(number, _)| *number == connection.number) {
            inner.connected.remove(&connection.key);
        }
    }

    /// Tells a device something, if it is connected.
    pub(crate) fn push(&self, key: &str, push: Push) {
        if let Some((_, sender)) = self.inner().connected.get(key) {
            // It may have ended by itself.
            drop(sender.send(push));
        }
    }

    pub(crate) fn is_connected(&self, key: &str) -> bool {
        self.inner().connected.contains_key(key)
    }

    /// A device has sent a message.
    pub(crate) fn count_message(&self, key: &str) {
        *self.inner().messages.entry(key.to_owned()).or_default() += 1;
    }

    /// How many messages a device has sent since the start.
    pub(crate) fn messages(&self, key: &str) -> u64 {
        self.inner().messages.get(key).copied().unwrap_or_default()
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        // Each change is whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
