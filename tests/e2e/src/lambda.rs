//! The webhook on Lambda: the zip's content under the Runtime Interface Emulator of AWS.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::LazyLock;

use azurite::Port;
use reqwest::Client;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::time::{Duration, Instant, sleep};

use crate::front::{Call, Front};
use crate::reply::Reply;
use crate::runtime::client;
use crate::secrets;
use crate::staged::{ScriptRoot, built, target};

/// How long it may take until it listens, or answers; far more than it needs on a loaded machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// `target/debug/dps-webhook-lambda`, built once.
static HANDLER: LazyLock<PathBuf> = LazyLock::new(|| built("dps-webhook", "dps-webhook-lambda"));

/// One instance of the function, ended on drop; what it has written is searched for secrets then.
#[derive(Debug)]
pub struct Lambda {
    emulator: Child,
    url: String,
    client: Client,
    log: PathBuf,
    /// An instance gets one event at a time, and the emulator breaks over two.
    turn: Mutex<()>,
    _ports: [Port; 2],
}

impl Lambda {
    /// Starts one in a folder with the starter tables, as in `/var/task`.
    ///
    /// # Panics
    /// When the emulator is not there: the message says how to install it.
    pub async fn start(root: &ScriptRoot, settings: &[(&str, &str)]) -> Self {
        let bootstrap = root.path().join("bootstrap");
        if !bootstrap.exists() {
            fs::hard_link(&*HANDLER, &bootstrap).expect("linking below target");
        }
        Self::start_bootstrap(&bootstrap, settings).await
    }

    /// Starts a handler in its folder.
    pub async fn start_bootstrap(bootstrap: &Path, settings: &[(&str, &str)]) -> Self {
        for (name, value) in settings {
            secrets::keep_setting(name, value);
        }
        let folder = bootstrap.parent().expect("a file in a folder");
        let ports = [Port::any(), Port::any()];
        let [runtime, invoke] = [ports[0].number(), ports[1].number()];
        let log = folder.join(format!("lambda-{invoke}.log"));
        let (out, err) = {
            let file = File::create(&log).expect("a log in a temporary folder");
            (file.try_clone().expect("a file"), file)
        };
        let emulator = Command::new(emulator())
            .args(["--runtime-api-address", &format!("127.0.0.1:{runtime}")])
            .arg("--runtime-interface-emulator-address")
            .arg(format!("127.0.0.1:{invoke}"))
            .arg(bootstrap)
            .current_dir(folder)
            .envs(settings.iter().copied())
            .stdout(out)
            .stderr(err)
            .spawn()
            .expect("the emulator starts");
        let lambda = Self {
            emulator,
            url: format!("http://127.0.0.1:{invoke}/2015-03-31/functions/function/invocations"),
            client: client(),
            log,
            turn: Mutex::new(()),
            _ports: ports,
        };
        lambda.listening(invoke).await;
        lambda
    }

    /// What a front answers to a call.
    pub async fn reply(&self, front: Front, call: &Call) -> Reply {
        if let Ok(request) = serde_json::from_slice(call.body()) {
            secrets::keep_request(&request);
        }
        let returned = self.invoke(front.event(call).to_string()).await;
        assert!(returned["statusCode"].is_u64(), "{front:?}: {returned}");
        front.reply(&returned)
    }

    /// What the function returns for an event, or the error as Lambda shows it.
    pub async fn invoke(&self, event: String) -> Value {
        let _turn = self.turn.lock().await;
        let request = self.client.post(&self.url).body(event).timeout(PATIENCE);
        let response = request.send().await.expect("the emulator answers");
        let returned = response.bytes().await.expect("the whole answer");
        serde_json::from_slice(&returned).expect("JSON")
    }

    /// How often the handler was started.
    #[must_use]
    pub fn starts(&self) -> usize {
        self.log().matches("INIT START").count()
    }

    /// All that the function and the emulator have written.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).expect("the log")
    }

    async fn listening(&self, port: u16) {
        let limit = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            assert!(Instant::now() < limit, "the emulator does not listen");
            sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Lambda {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.emulator.kill();
        let _ = self.emulator.wait();
        secrets::search("lambda", self.log().as_bytes(), None);
    }
}

/// The program inside the SAM command line's Python package.
fn emulator() -> PathBuf {
    let name = match std::env::consts::ARCH {
        "aarch64" => "aws-lambda-rie-arm64",
        _ => "aws-lambda-rie-x86_64",
    };
    let versions = fs::read_dir(target().join("aws/lib")).into_iter().flatten();
    let found = versions
        .filter_map(|python| Some(python.ok()?.path()))
        .map(|python| python.join("site-packages/samcli/local/rapid").join(name))
        .find(|program| program.is_file());
    found.expect("the Runtime Interface Emulator is not there; install it: tests/tools aws")
}
