//! The webhook, in a process of its own.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, bail};
use reqwest::Client;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::{sleep, timeout};

const NAME: &str = "dps-webhook";

/// Longer than a start takes, or an edit.
const PATIENCE: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_millis(100);

/// A webhook that runs until this is dropped.
pub(super) struct Webhook {
    url: String,
    http: Client,
    _process: Child,
}

impl Webhook {
    /// Starts `program`, or the one beside this program.
    pub(super) async fn start(
        program: Option<PathBuf>,
        tables: &Path,
        http: Client,
    ) -> anyhow::Result<Self> {
        let program = match program {
            Some(program) => program,
            None => beside()?,
        };
        // Settings of the user's own webhook are not for this one.
        let mut process = Command::new(&program)
            .env_clear()
            .env("POLICY_DIR", tables)
            .env("POLICY_REFRESH_SECONDS", "1")
            .env("FUNCTIONS_CUSTOMHANDLER_PORT", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start `{}`", program.display()))?;
        let stdout = process.stdout.take().context("the webhook has no output")?;
        let mut lines = BufReader::new(stdout).lines();
        let address = timeout(PATIENCE, address(&mut lines)).await;
        let url = address.context("the webhook does not listen")??;
        // Its log goes on, and has to be read.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let webhook = Self {
            url,
            http,
            _process: process,
        };
        webhook.installed_after("").await?;
        Ok(webhook)
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Of the policy in use; empty while there is none.
    pub(super) async fn revision(&self) -> anyhow::Result<String> {
        let answer = self.http.get(format!("{}/api/policy", self.url));
        let policy: Value = answer.send().await?.json().await?;
        if let Some(refused) = policy.get("lastRefused").filter(|it| !it.is_null()) {
            bail!("the webhook refuses the tables: {refused}");
        }
        Ok(policy["revision"].as_str().unwrap_or_default().to_owned())
    }

    /// Waits until another policy than this one is in use.
    pub(super) async fn installed_after(&self, revision: &str) -> anyhow::Result<()> {
        let installed = timeout(PATIENCE, async {
            while self.revision().await? == revision {
                sleep(PAUSE).await;
            }
            Ok(())
        });
        installed.await.context("no policy was installed")?
    }
}

/// Where cargo puts it.
fn beside() -> anyhow::Result<PathBuf> {
    let own = env::current_exe().context("cannot find this program")?;
    let program = own.with_file_name(NAME);
    if !program.exists() {
        bail!(
            "there is no `{}`: build it with `cargo build -p {NAME}`, or name it with --webhook",
            program.display()
        );
    }
    Ok(program)
}

/// From the line that says where it listens.
async fn address(lines: &mut Lines<BufReader<ChildStdout>>) -> anyhow::Result<String> {
    while let Some(line) = lines.next_line().await? {
        if let Some((_, rest)) = line.split_once("listening address=") {
            let address = rest.split_whitespace().next().unwrap_or_default();
            return Ok(address.to_owned());
        }
    }
    bail!("the webhook has ended")
}
