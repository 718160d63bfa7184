//! The thread that everything is sent from.

use std::io;
use std::thread;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tracing::subscriber::NoSubscriber;

/// The thread; it ends with this.
#[derive(Debug)]
pub(crate) struct Network {
    runtime: Handle,
    _alive: oneshot::Sender<()>,
}

impl Network {
    pub(crate) fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (alive, ended) = oneshot::channel();
        let run = move || {
            // Without a log: at trace level the HTTP crates may write what they send.
            tracing::subscriber::with_default(NoSubscriber::new(), || {
                let _ended = runtime.block_on(ended);
            });
        };
        thread::Builder::new()
            .name("telemetry".to_owned())
            .spawn(run)?;
        Ok(Self {
            runtime: handle,
            _alive: alive,
        })
    }

    /// Runs it on the thread; any other thread may wait for the result.
    pub(crate) fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        self.runtime.spawn(work)
    }
}
