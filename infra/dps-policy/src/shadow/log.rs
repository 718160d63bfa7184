//! What decision logs tell of candidates.

use std::io::{self, IsTerminal as _};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use dps_fleet::fleet::{FleetError, Watch};
use dps_fleet::shadow::{Observed, observe};

use crate::input::Inputs;
use crate::progress;

/// What was found, and what kept the logs from being read to their end.
///
/// # Errors
/// When a file cannot be read.
pub(super) fn read(logs: &[PathBuf]) -> anyhow::Result<(Observed, Option<FleetError>)> {
    let watch = Arc::new(Watch::default());
    progress::stop_on_interrupt(&watch).context("the signal of Ctrl-C cannot be received")?;
    let threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let inputs = Inputs::open(logs, None)?;
    let shown = progress::show(&watch, inputs.size, None, io::stderr().is_terminal());
    let read = observe(inputs, threads, &watch);
    shown.end();
    Ok(read)
}
