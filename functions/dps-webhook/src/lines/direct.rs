//! A pipe or a file that can be written without waiting.

use std::fs::File;
use std::io::{self, Write as _};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// Stdout, where each write tells beforehand whether it would wait.
#[derive(Debug)]
pub(super) struct Direct(pub(super) File);

/// A pipe that says that it is ready takes so many bytes at once (`PIPE_BUF` of Linux).
const CHUNK: usize = 4096;

const AT_ONCE: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 0,
};

impl Direct {
    /// Writes what it takes without waiting; how many bytes that are.
    pub(super) fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        let mut written = 0;
        for chunk in bytes.chunks(CHUNK) {
            let mut left = chunk;
            while !left.is_empty() {
                if !self.is_ready(Some(&AT_ONCE)) {
                    return Ok(written);
                }
                match (&self.0).write(left) {
                    Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                    Ok(count) => {
                        written += count;
                        left = left.get(count..).unwrap_or_default();
                    }
                    // Whoever shares it does not want it to wait.
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                        return Ok(written);
                    }
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(written)
    }

    /// Waits until it takes bytes, or nobody reads it any more.
    pub(super) fn wait_until_ready(&self) {
        while !self.is_ready(None) {}
    }

    fn is_ready(&self, limit: Option<&Timespec>) -> bool {
        let mut asked = [PollFd::new(&self.0, PollFlags::OUT)];
        match poll(&mut asked, limit) {
            Ok(ready) => ready > 0,
            Err(rustix::io::Errno::INTR) => false,
            // What the write says is what counts.
            Err(_cannot_be_asked) => true,
        }
    }
}
