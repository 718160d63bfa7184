//! What a process writes.

use std::io::{self, Read};
use std::process::Child;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use crate::secrets;

/// Takes everything that a process writes to stdout and stderr, and searches it for secrets at the
/// end.
#[derive(Debug)]
pub(crate) struct Output {
    name: &'static str,
    written: Arc<Mutex<Vec<u8>>>,
    readers: Vec<JoinHandle<()>>,
}

/// Bytes that are read at once.
const CHUNK: usize = 64 * 1024;

impl Output {
    /// Of a process that has been started with both as pipes.
    pub(crate) fn of(name: &'static str, process: &mut Child) -> Self {
        let written = Arc::default();
        let stdout = process.stdout.take().expect("stdout is a pipe");
        let stderr = process.stderr.take().expect("stderr is a pipe");
        Self {
            name,
            readers: vec![read(stdout, &written), read(stderr, &written)],
            written,
        }
    }

    /// The lines so far.
    pub(crate) fn lines(&self) -> Vec<String> {
        let text = String::from_utf8_lossy(&lock(&self.written)).into_owned();
        text.lines().map(str::to_owned).collect()
    }

    /// Of a process that has ended.
    pub(crate) fn search(&mut self) {
        for reader in self.readers.drain(..) {
            reader.join().expect("reading a pipe");
        }
        secrets::search(self.name, &lock(&self.written), None);
    }
}

fn read(mut pipe: impl Read + Send + 'static, written: &Arc<Mutex<Vec<u8>>>) -> JoinHandle<()> {
    let written = Arc::clone(written);
    thread::spawn(move || {
        let mut chunk = vec![0; CHUNK];
        loop {
            match pipe.read(&mut chunk) {
                Ok(0) => return,
                Ok(count) => lock(&written).extend_from_slice(&chunk[..count]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_ended) => return,
            }
        }
    })
}

fn lock(written: &Mutex<Vec<u8>>) -> MutexGuard<'_, Vec<u8>> {
    written.lock().unwrap_or_else(PoisonError::into_inner)
}
