//! Leads names of the internet to ports of this machine: `CONNECT` of RFC 9110, section 9.3.6.

use std::collections::BTreeMap;
use std::io;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;

type Ways = BTreeMap<&'static str, u16>;

/// More than any request for a connection takes.
const HEAD_LIMIT: usize = 8 * 1024;

/// Starts it; returns its port.
pub(super) async fn start(ways: Ways) -> (AbortHandle, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("a bound port").port();
    let accepts = tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let ways = ways.clone();
            // A connection that breaks is the client's to report.
            tokio::spawn(async move { lead(client, &ways).await });
        }
    });
    (accepts.abort_handle(), port)
}

async fn lead(mut client: TcpStream, ways: &Ways) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < HEAD_LIMIT {
        head.push(client.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let asked = head.strip_prefix("CONNECT ");
    let name = asked.and_then(|rest| rest.split_once(":443 "));
    let Some(port) = name.and_then(|(name, _)| ways.get(name)) else {
        return client.write_all(b"HTTP/1.1 502 Bad Gateway\r\n\r\n").await;
    };
    let mut server = TcpStream::connect(("127.0.0.1", *port)).await?;
    client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
    copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}
