//! Azurite's process: found, stopped, started again, and no orphan.

use std::env;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use azurite::{ACCOUNT, Azurite};

use crate::client::{ask, azure, connect};

/// How long an orphan may take to notice; much more than it needs.
const PATIENCE: u32 = 600;

fn creates_a_table(azurite: &Azurite) -> bool {
    let create = azure("POST", "Tables", "", r#"{"TableName":"Hubs"}"#);
    let answer = ask(azurite.port(), &create).unwrap();
    answer.starts_with("HTTP/1.1 201 ")
}

/// Whether nobody listens, at the latest in a minute.
fn ends(port: u16) -> bool {
    (0..PATIENCE).any(|_| {
        sleep(Duration::from_millis(100));
        connect(port).is_err()
    })
}

#[test]
fn it_stops_and_starts_again_on_the_same_port() {
    let mut azurite = Azurite::start();
    let (port, settings) = (azurite.port(), azurite.connection_string());
    assert!(creates_a_table(&azurite));
    assert!(!creates_a_table(&azurite));
    azurite.stop();
    assert!(connect(port).is_err());
    azurite.restart();
    assert!(creates_a_table(&azurite), "the old table is lost");
    assert_eq!(
        (azurite.port(), azurite.connection_string()),
        (port, settings)
    );
    drop(azurite);
    assert!(connect(port).is_err());
}

#[test]
fn connection_strings_name_the_port() {
    let azurite = azurite::shared();
    let endpoint = |port| format!("TableEndpoint=http://127.0.0.1:{port}/{ACCOUNT};");
    assert!(
        azurite
            .connection_string()
            .contains(&endpoint(azurite.port()))
    );
    assert!(azurite.through(1234).contains(&endpoint(1234)));
}

#[test]
fn a_killed_test_process_leaves_no_orphan() {
    let mut holder = Command::new(env!("CARGO_BIN_EXE_hold-azurite"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut port = String::new();
    let mut stdout = BufReader::new(holder.stdout.take().unwrap());
    stdout.read_line(&mut port).unwrap();
    let port = port.trim_end().parse().unwrap();
    assert!(connect(port).is_ok());
    holder.kill().unwrap();
    holder.wait().unwrap();
    assert!(ends(port), "port {port} is still taken");
}
