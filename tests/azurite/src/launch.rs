//! How Azurite's process is found and started, and ends with the test process.

use std::collections::hash_map::RandomState;
use std::env;
use std::hash::BuildHasher as _;
use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// Ends node when its stdin does: the kernel closes this pipe however the test process dies.
const END_WITH_PARENT: &str =
    r#"--import=data:text/javascript,process.stdin.resume().on("end",()=>process.exit())"#;

/// It takes one second on a quiet machine.
const START: Duration = Duration::from_mins(1);

/// Below 32,768, where the kernel's ports for connections and for port 0 begin: none of those takes
/// it between this look and Azurite's, or between stop and restart.
pub(crate) fn free_port() -> u16 {
    let random = RandomState::new();
    let numbers = (0..20_000_u16).map(|index| random.hash_one(index) % 20_000);
    let mut ports = numbers.filter_map(|number| u16::try_from(number + 12_000).ok());
    ports
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .expect("a free port")
}

/// None: it ended before it answered, as it does when the port is taken.
pub(crate) fn launch(port: u16) -> Option<Child> {
    let mut node = Command::new("node")
        .arg(END_WITH_PARENT)
        .arg(main_js())
        .args(["--tableHost", "127.0.0.1", "--tablePort", &port.to_string()])
        .args(["--inMemoryPersistence", "--disableTelemetry", "--silent"])
        // Newer headers and API versions than it knows are Azure's business, not a test's.
        .args(["--loose", "--skipApiVersionCheck"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("cannot start node: {error}; install Node.js 20 or newer"));
    let output = node.stdout.take().expect("stdout is a pipe");
    match started(output).recv_timeout(START) {
        Ok(()) => return Some(node),
        Err(mpsc::RecvTimeoutError::Disconnected) => {}
        Err(mpsc::RecvTimeoutError::Timeout) => {
            let _ = node.kill();
            panic!("Azurite said nothing on port {port} within {START:?}");
        }
    }
    let _ = node.wait();
    None
}

/// Says when Azurite's output does, and reads on to its end, since a full pipe would block it.
fn started(output: ChildStdout) -> mpsc::Receiver<()> {
    let (sender, receiver) = mpsc::sync_channel(1);
    thread::spawn(move || {
        let lines = BufReader::new(output).lines().map_while(Result::ok);
        for _ in lines.filter(|line| line.contains("successfully started")) {
            // Nobody waits for a second time.
            let _ = sender.try_send(());
        }
    });
    receiver
}

/// Azurite's program: `AZURITE_MAIN`, or where `tests/run` installs it.
fn main_js() -> PathBuf {
    let path = env::var_os("AZURITE_MAIN").map_or_else(installed, PathBuf::from);
    assert!(
        path.is_file(),
        "`{}` is missing: run `npm install --prefix target/azurite azurite@3.35.0` at the root of \
         the workspace (tests/run does it), or set AZURITE_MAIN",
        path.display()
    );
    path
}

fn installed() -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let target = env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    let main = "azurite/node_modules/azurite/dist/src/table/main.js";
    workspace.join(target).join(main)
}
