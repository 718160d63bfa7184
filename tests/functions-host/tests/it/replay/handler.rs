//! The test in the place of the handler: it records bytes and says what was said then.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinHandle;

use super::exchange::Answers;
use super::message;

/// A listening handler.
pub(super) struct Handler {
    seen: Arc<Mutex<Vec<Vec<u8>>>>,
    task: JoinHandle<()>,
}

impl Handler {
    pub(super) fn listen(socket: TcpSocket, answers: Answers) -> Self {
        let listener = socket.listen(64).unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let record = Arc::clone(&seen);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, answers.clone(), Arc::clone(&record)));
            }
        });
        Self { seen, task }
    }

    /// The first request, and how many there were.
    pub(super) fn end(self) -> (Option<Vec<u8>>, u64) {
        self.task.abort();
        let seen = std::mem::take(&mut *self.seen.lock().unwrap());
        let times = u64::try_from(seen.len()).unwrap();
        (seen.into_iter().next(), times)
    }
}

async fn serve(mut stream: TcpStream, answers: Answers, record: Arc<Mutex<Vec<Vec<u8>>>>) {
    let mut request = Vec::new();
    while stream
        .read_buf(&mut request)
        .await
        .is_ok_and(|length| length > 0)
    {
        if !message::is_whole(&request, false) {
            continue;
        }
        if request.starts_with(b"GET / HTTP/1.1\r\n") {
            let ready = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
            let _ = stream.write_all(ready).await;
        } else {
            record.lock().unwrap().push(request.clone());
            let _ = stream.write_all(&answers.bytes).await;
            if answers.then_close {
                return;
            }
        }
        request.clear();
    }
}
