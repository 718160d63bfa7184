//! The program, in a process of its own.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use super::called::Called;

pub(crate) struct Program {
    child: Child,
    printed: String,
    /// The log goes on into it.
    _output: BufReader<ChildStdout>,
}

impl Program {
    /// Starts it with data in a folder, and a seed.
    pub(crate) fn start(folder: &Path, seed: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_dps-local"))
            .args([
                "--https-port",
                "0",
                "--mqtt-port",
                "0",
                "--amqp-port",
                "0",
                "--folder",
            ])
            .args([folder, Path::new("--seed"), seed])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut printed = String::new();
        while !printed.contains("-----END") {
            assert_ne!(
                output.read_line(&mut printed).unwrap(),
                0,
                "it has ended: {printed}"
            );
        }
        Self {
            child,
            printed,
            _output: output,
        }
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// The key of the connection string.
    pub(crate) fn owner_key(&self) -> &str {
        self.fact("Connection string")
            .split_once("SharedAccessKey=")
            .unwrap()
            .1
    }

    fn fact(&self, name: &str) -> &str {
        let line = self
            .printed
            .lines()
            .find(|line| line.starts_with(name))
            .unwrap();
        line.strip_prefix(name).unwrap().trim()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Called for Program {
    fn https(&self) -> SocketAddr {
        self.fact("HTTPS").parse().unwrap()
    }

    fn authority(&self) -> &str {
        self.printed
            .split_at(self.printed.find("-----BEGIN").unwrap())
            .1
    }

    fn id_scope(&self) -> &str {
        self.fact("Id scope")
    }

    fn host(&self) -> String {
        self.fact("Host for operators").to_owned()
    }
}
