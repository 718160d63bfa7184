//! Reads from a log how often devices register.

use std::path::PathBuf;

use anyhow::Context as _;
use dps_fleet::simulate::{Measured, measure};

use crate::devices;
use crate::hashed::Hashed;

/// `None` without a log.
///
/// # Errors
/// When a log cannot be read, or not to its end, or no device of it registers twice.
pub(super) fn read(logs: &[PathBuf]) -> anyhow::Result<Option<Measured>> {
    if logs.is_empty() {
        return Ok(None);
    }
    let (found, broken) = devices::each_of(logs, &Hashed::default(), |batches, run| {
        measure(batches, run.threads, run.watch)
    })?;
    if let Some(broken) = broken {
        return Err(broken.into());
    }
    anyhow::ensure!(
        !found.interrupted,
        "interrupted; nothing was simulated, since part of a log does not tell how often devices register"
    );
    found.measured.map(Some).context(
        "no device of the log gets a hub twice, so that it does not tell how often devices register; \
         read a longer log, or state --register-every",
    )
}
