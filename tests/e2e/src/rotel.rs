//! A real OTLP receiver: rotel, an OpenTelemetry collector from the Python package index.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use azurite::Port;
use tokio::net::TcpStream;
use tokio::time::{Duration, Instant, sleep};

use crate::collector::Collector;
use crate::output::Output;
use crate::staged::target;

/// How long it may take until it listens; it needs 50 ms.
const START_LIMIT: Duration = Duration::from_mins(1);

/// A running rotel, that hands on what it gets; ended on drop.
#[derive(Debug)]
pub struct Rotel {
    process: Child,
    output: Output,
    http: Port,
    grpc: Port,
}

impl Rotel {
    /// Starts one in front of a collector.
    ///
    /// # Panics
    /// When rotel is not there: the message says how to install it.
    pub async fn start(behind: &Collector) -> Self {
        let [http, grpc] = [Port::any(), Port::any()];
        let process = Command::new(agent())
            .arg("start")
            .args([
                "--otlp-http-endpoint",
                &format!("127.0.0.1:{}", http.number()),
            ])
            .args([
                "--otlp-grpc-endpoint",
                &format!("127.0.0.1:{}", grpc.number()),
            ])
            .args(["--exporter", "otlp", "--otlp-exporter-protocol", "http"])
            .arg("--disable-batching")
            .args(["--otlp-exporter-endpoint", &behind.url()])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut process = process.expect("rotel starts");
        let output = Output::of("rotel", &mut process);
        for port in [&http, &grpc] {
            listening(port.number()).await;
        }
        Self {
            process,
            output,
            http,
            grpc,
        }
    }

    /// The settings that lead to it.
    #[must_use]
    pub fn settings(&self, protocol: &str) -> Vec<(&'static str, String)> {
        let port = if protocol == "grpc" {
            &self.grpc
        } else {
            &self.http
        };
        vec![
            (
                "OTEL_EXPORTER_OTLP_ENDPOINT",
                format!("http://127.0.0.1:{}", port.number()),
            ),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol.to_owned()),
        ]
    }
}

impl Drop for Rotel {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
        self.output.search();
    }
}

/// The program inside the Python package.
fn agent() -> PathBuf {
    let packages = target().join("otlp/rotel/rotel-agent");
    assert!(
        packages.is_file(),
        "rotel is not there; install it: tests/tools rotel"
    );
    packages
}

async fn listening(port: u16) {
    let limit = Instant::now() + START_LIMIT;
    while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        assert!(Instant::now() < limit, "rotel does not listen on {port}");
        sleep(Duration::from_millis(20)).await;
    }
}
