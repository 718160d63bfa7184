//! The thread that everything is sent from.

use std::future::pending;
use std::io;
use std::thread;

use tokio::runtime::{Builder, Handle};
use tracing::subscriber::{NoSubscriber, with_default};

/// Starts the thread, which lives as long as the process; any other one may wait for what is spawned.
pub(crate) fn start() -> io::Result<Handle> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    // Without a log: at trace level the HTTP crates may write what they send.
    let run = move || with_default(NoSubscriber::new(), || runtime.block_on(pending::<()>()));
    thread::Builder::new()
        .name("telemetry".to_owned())
        .spawn(run)?;
    Ok(handle)
}
