//! Fills and deletes tables, as other tools do.

use std::io::{self, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::thread;

use serde_json::{Value, json};

use crate::message::Message;
use crate::process::{ACCOUNT, Azurite, SAS};

/// Enough to keep Azurite busy, which works in one thread.
const CONNECTIONS: usize = 4;

impl Azurite {
    /// Creates a table and inserts the rows, objects with `PartitionKey` and `RowKey`, in no order.
    ///
    /// # Panics
    ///
    /// The table exists, or Azurite refuses a row; its answer is shown.
    pub fn load(&self, table: &str, rows: &[Value]) {
        let port = self.port();
        let create = [json!({ "TableName": table })];
        post(port, "Tables", &create).expect("Azurite answers");
        let share = rows.len().div_ceil(CONNECTIONS).max(1);
        thread::scope(|scope| {
            for rows in rows.chunks(share) {
                scope.spawn(move || post(port, table, rows).expect("Azurite answers"));
            }
        });
    }

    /// Deletes a table, as somebody in the portal would.
    ///
    /// # Panics
    ///
    /// Azurite does not delete it; its answer is shown.
    pub fn delete_table(&self, table: &str) {
        let target = format!("Tables('{table}')");
        let sent = send(self.port(), "DELETE", &target, [String::new()]);
        sent.expect("Azurite answers");
    }
}

fn post(port: u16, target: &str, entities: &[Value]) -> io::Result<()> {
    send(port, "POST", target, entities.iter().map(Value::to_string))
}

/// Requests with these bodies, over one connection.
fn send(
    port: u16,
    method: &str,
    target: &str,
    bodies: impl IntoIterator<Item = String>,
) -> io::Result<()> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_nodelay(true)?;
    let mut answers = BufReader::new(stream.try_clone()?);
    for body in bodies {
        let request = format!(
            "{method} /{ACCOUNT}/{target}?{SAS} HTTP/1.1\r\nHost: 127.0.0.1\r\n\
             Accept: application/json;odata=nometadata\r\nPrefer: return-no-content\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes())?;
        let answer = Message::answer(&mut answers)?;
        let line = answer.first_line();
        assert!(
            line.starts_with("HTTP/1.1 204 "),
            "{line} for {method} {target} {body}"
        );
    }
    Ok(())
}
