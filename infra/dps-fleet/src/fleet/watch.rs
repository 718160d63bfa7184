//! How far a run over a fleet is, for whoever waits for it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// How far a run over a fleet is; may be read and stopped from other threads.
#[derive(Debug, Default)]
pub struct Watch {
    bytes: AtomicU64,
    devices: AtomicU64,
    stop: AtomicBool,
}

impl Watch {
    /// Bytes of the fleet that are done.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Devices that are decided.
    pub fn devices(&self) -> u64 {
        self.devices.load(Ordering::Relaxed)
    }

    /// Ends the run after the batches that were begun; returns whether it was to end already.
    pub fn stop(&self) -> bool {
        self.stop.swap(true, Ordering::Relaxed)
    }

    /// Whether the run is to end.
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    pub(crate) fn add(&self, bytes: u64, devices: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.devices.fetch_add(devices, Ordering::Relaxed);
    }
}
