//! A client that sees bytes.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};

use azurite::{ACCOUNT, SAS};

/// What comes back until the connection is closed; an answer that ends too early is not an error here.
pub(crate) fn ask(port: u16, request: &str) -> io::Result<String> {
    let mut stream = connect(port)?;
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

pub(crate) fn connect(port: u16) -> io::Result<TcpStream> {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port))
}

/// A request that ends its connection.
pub(crate) fn get(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: toy\r\nConnection: close\r\n\r\n")
}

/// A signed request for JSON; the query begins with `&` or is empty.
pub(crate) fn azure(method: &str, target: &str, query: &str, body: &str) -> String {
    format!(
        "{method} /{ACCOUNT}/{target}?{SAS}{query} HTTP/1.1\r\nHost: 127.0.0.1\r\n\
         Accept: application/json;odata=nometadata\r\nContent-Type: application/json\r\n\
         Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}
