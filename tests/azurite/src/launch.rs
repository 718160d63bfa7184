//! How Azurite's process is found and started, and ends with the test process.

use std::env;
use std::io::{BufRead as _, BufReader};
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

/// Returns when it answers.
pub(crate) fn launch(port: u16, options: &[String]) -> Child {
    let mut node = Command::new("node")
        .arg(END_WITH_PARENT)
        .arg(main_js())
        .args(["--tableHost", "127.0.0.1", "--tablePort", &port.to_string()])
        .args(["--inMemoryPersistence", "--disableTelemetry", "--silent"])
        // Newer headers and API versions than it knows are Azure's business, not a test's.
        .args(["--loose", "--skipApiVersionCheck"])
        .args(options)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("cannot start node: {error}; install Node.js 20 or newer"));
    let output = node.stdout.take().expect("stdout is a pipe");
    match started(output).recv_timeout(START) {
        Ok(()) => node,
        Err(mpsc::RecvTimeoutError::Disconnected) => {
            panic!("Azurite ended at once on port {port}; see its error above")
        }
        Err(mpsc::RecvTimeoutError::Timeout) => {
            let _ = node.kill();
            panic!("Azurite said nothing on port {port} within {START:?}");
        }
    }
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
        "`{}` is missing: run `tests/tools azurite` at the root of the workspace (tests/run \
         does it), or set AZURITE_MAIN",
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
