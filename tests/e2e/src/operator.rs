//! The operator's tool, run as operators run it.

use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::LazyLock;

use crate::staged::{built, outside_cargo, project};

/// `target/debug/dps-policy`, built once.
static TOOL: LazyLock<PathBuf> = LazyLock::new(|| built("dps-policy", "dps-policy"));

/// Runs `dps-policy` in the checkout, which must succeed; returns what it printed.
///
/// # Panics
/// When the exit code is not 0.
#[must_use]
pub fn dps_policy(arguments: &[&str], settings: &[(&str, &str)]) -> String {
    let output = dps_policy_output(arguments, settings);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{arguments:?}: {stdout}{stderr}");
    stdout
}

/// Runs `dps-policy` in the checkout, whatever comes of it.
#[must_use]
pub fn dps_policy_output(arguments: &[&str], settings: &[(&str, &str)]) -> Output {
    Command::new(&*TOOL)
        .args(arguments)
        .envs(settings.iter().copied())
        .current_dir(project())
        .output()
        .expect("dps-policy runs")
}

/// Runs `infra/doctor` on a webhook, with keys in the environment.
#[must_use]
pub fn doctor(arguments: &[&str], settings: &[(&str, &str)]) -> Output {
    let doctor = outside_cargo(project().join("infra/doctor"))
        .args(arguments)
        .envs(settings.iter().copied())
        .current_dir(project())
        .output();
    doctor.expect("infra/doctor needs bash")
}
