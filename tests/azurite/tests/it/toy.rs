//! A server that says the same to everybody, and knows what it was told.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// Runs until the test process ends.
#[derive(Debug)]
pub(crate) struct Toy {
    pub(crate) port: u16,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Toy {
    pub(crate) fn start(answer: &'static str) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::<Mutex<Vec<String>>>::default();
        thread::spawn({
            let heard = Arc::clone(&heard);
            move || {
                for mut client in listener.incoming().map(Result::unwrap) {
                    let request = request(&mut client);
                    heard.lock().unwrap().push(request);
                    // The client may be gone.
                    let _ = client.write_all(answer.as_bytes());
                }
            }
        });
        Self { port, heard }
    }

    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

/// A GET ends with its head, a POST here with its last chunk.
fn request(client: &mut TcpStream) -> String {
    let mut request = String::new();
    loop {
        let end = if request.starts_with("POST") {
            "0\r\n\r\n"
        } else {
            "\r\n\r\n"
        };
        if request.ends_with(end) {
            return request;
        }
        request += &next(client);
    }
}

fn next(client: &mut TcpStream) -> String {
    let mut buffer = [0; 1024];
    let length = client.read(&mut buffer).unwrap();
    assert!(length > 0, "the request ended too early");
    String::from_utf8(buffer[..length].to_vec()).unwrap()
}
