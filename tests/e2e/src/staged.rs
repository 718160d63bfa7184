//! The staged script root, and the recorded events.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;
use tempfile::TempDir;

use crate::secrets::keep_secret;

/// The handler, as `host.json` names it.
const HANDLER: &str = "dps-webhook";

/// The folder of the whole project.
pub(crate) fn project() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// `target/funcapp`, staged once by the command that users run.
static STAGED: LazyLock<PathBuf> = LazyLock::new(|| {
    let staged = outside_cargo(project().join("infra/package")).output();
    let staged = staged.expect("infra/package needs python3");
    assert!(
        staged.status.success(),
        "infra/package failed: {}",
        String::from_utf8_lossy(&staged.stderr)
    );
    target().join("funcapp")
});

pub(crate) fn target() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR");
    target.map_or_else(|| project().join("target"), PathBuf::from)
}

/// A command that may build, as from a shell.
///
/// What cargo tells a test of its package would make it build `ring`, and all that is above, anew:
/// the build script of `ring` asks for that when these variables change.
pub(crate) fn outside_cargo(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

/// A program of this workspace in `target/debug`, built.
pub(crate) fn built(package: &str, program: &str) -> PathBuf {
    let built = outside_cargo(env!("CARGO"))
        .args(["build", "--quiet", "--package", package, "--bin", program])
        .current_dir(project())
        .status();
    assert!(built.expect("cargo runs").success(), "{program} is built");
    target().join("debug").join(program)
}

/// A copy of the staged script root, whose tables a test may edit.
#[derive(Debug)]
pub struct ScriptRoot {
    folder: TempDir,
}

impl ScriptRoot {
    /// Copies the staged app as it would be deployed.
    #[must_use]
    pub fn new() -> Self {
        // Below `target`, so that the handler can be linked.
        let folder = tempfile::tempdir_in(target()).expect("a temporary folder");
        copy(&STAGED, folder.path());
        Self { folder }
    }

    /// A staged app whose tables hold what nothing may tell: attributes and group of the device
    /// `tpm-gw-17`, which conditions, twins and replies read, and values of replies.
    #[must_use]
    pub fn planted() -> Self {
        const ATTRIBUTE: &str = "planted-attribute-5b1f";
        const GROUP: &str = "planted-group-77c0";
        const REPLY: &str = "planted-reply-e3a9";
        const GREETING: &str = "planted-greeting-40d2";
        let root = Self::new();
        for secret in [ATTRIBUTE, GROUP, REPLY, GREETING] {
            keep_secret(secret);
        }
        root.write_table(
            "devices",
            &format!(
                "PartitionKey,RowKey,group,attributes,twin\n\
                 tpm-gw-17,device,{GROUP},\"{{\"\"sku\"\": \"\"{ATTRIBUTE}\"\"}}\",planted\n"
            ),
        );
        root.write_table(
            "twins",
            &format!(
                "PartitionKey,RowKey,tags,reply\n\
                 *,planted,\"{{\"\"sku\"\": \"\"${{device.attributes.sku}}\"\"}}\",\
                 \"{{\"\"sku\"\": \"\"${{device.attributes.sku}}\"\", \"\"text\"\": \"\"{REPLY}\"\"}}\"\n"
            ),
        );
        root.write_table(
            "tenants",
            &format!(
                "PartitionKey,RowKey,reply\ntenant,contoso,\n\
                 tenant,tenant-a,\"{{\"\"greeting\"\": \"\"{GREETING}\"\"}}\"\n"
            ),
        );
        let rule = "device.attributes.sku";
        root.write_table(
            "rules",
            &format!(
                "PartitionKey,RowKey,mode,when,refuse\n\
                 *,1-recalled,also,{rule}.startsWith('planted') && has(payload.recalled),true\n\
                 *,2-broken,also,has(payload.broken) && {rule} > 3,true\n"
            ),
        );
        let enrollments = root.table("enrollments");
        root.write_table(
            "enrollments",
            &enrollments.replace(",optional,gateway,", ",optional,,"),
        );
        root
    }

    /// The script root.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The handler, as `host.json` names it.
    #[must_use]
    pub fn handler(&self) -> PathBuf {
        self.path().join(HANDLER)
    }

    /// The text of a config table.
    #[must_use]
    pub fn table(&self, name: &str) -> String {
        fs::read_to_string(self.table_path(name)).expect("a starter table")
    }

    /// Replaces a config table.
    pub fn write_table(&self, name: &str, text: &str) {
        fs::write(self.table_path(name), text).expect("writing to a temporary folder");
    }

    fn table_path(&self, name: &str) -> PathBuf {
        self.path().join(format!("infra/policy/{name}.csv"))
    }
}

impl Default for ScriptRoot {
    fn default() -> Self {
        Self::new()
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder in a temporary folder");
    for entry in fs::read_dir(from).expect("the staged app") {
        let entry = entry.expect("the staged app");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else if entry.file_name() == HANDLER {
            // A copy may still be open for writing in a process that another test just forked,
            // and then cannot be started (ETXTBSY).
            fs::hard_link(entry.path(), &target).expect("linking below target");
        } else {
            fs::copy(entry.path(), &target).expect("copying to a temporary folder");
        }
    }
}

/// A recorded event of `tests/fixtures/lambda`.
#[must_use]
pub fn lambda_event(name: &str) -> Value {
    let path = project().join(format!("tests/fixtures/lambda/{name}.json"));
    let text = fs::read(&path).expect("a recorded event");
    serde_json::from_slice(&text).expect("recorded events are JSON")
}
