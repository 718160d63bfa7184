//! An HTTP server that counts what it is sent.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

/// A server on a free port, with a thread for each connection.
pub(crate) struct Receiver {
    port: u16,
    paths: Arc<(Mutex<Vec<String>>, Condvar)>,
}

/// Far longer than a request needs on a loaded machine.
const PATIENCE: Duration = Duration::from_mins(1);

impl Receiver {
    /// One that answers 200, or never.
    pub(crate) fn start(answers: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let paths = Arc::default();
        let noted = Arc::clone(&paths);
        thread::spawn(move || {
            for connection in listener.incoming() {
                let (connection, noted) = (connection.unwrap(), Arc::clone(&noted));
                thread::spawn(move || serve(&connection, &noted, answers));
            }
        });
        Self { port, paths }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The paths that were asked for, in order of the alphabet.
    pub(crate) fn paths(&self) -> Vec<String> {
        let mut paths = self.paths.0.lock().unwrap().clone();
        paths.sort();
        paths
    }

    /// Waits for so many requests.
    pub(crate) fn wait_for(&self, count: usize) {
        let (paths, more) = &*self.paths;
        let paths = paths.lock().unwrap();
        let few = |paths: &mut Vec<String>| paths.len() < count;
        let (paths, waited) = more.wait_timeout_while(paths, PATIENCE, few).unwrap();
        assert!(!waited.timed_out(), "{paths:?}");
    }
}

fn serve(connection: &TcpStream, noted: &(Mutex<Vec<String>>, Condvar), answers: bool) {
    let mut reader = BufReader::new(connection);
    while let Some(path) = read(&mut reader) {
        noted.0.lock().unwrap().push(path);
        noted.1.notify_all();
        if answers {
            let mut connection = connection;
            connection
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
                .unwrap();
        }
    }
}

/// The path of a request that has come in whole.
fn read(reader: &mut BufReader<&TcpStream>) -> Option<String> {
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let path = first.split(' ').nth(1)?.to_owned();
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(path)
}
