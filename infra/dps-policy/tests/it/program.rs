//! Runs the program, on the starter tables or on edited copies of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::document;

/// What a run gave.
#[derive(Debug)]
pub(crate) struct Run {
    /// Its words, where the document that it prints is kept.
    words: Vec<String>,
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        let run = Self {
            words: Vec::new(),
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        };
        assert_no_secret(&run.stdout);
        assert_no_secret(&run.stderr);
        run
    }
}

/// Neither the key of the account nor a part of it.
#[track_caller]
pub(crate) fn assert_no_secret(text: &str) {
    assert!(!text.contains(&azurite::KEY[..16]), "{text}");
}

impl Run {
    /// What a run with these arguments gave.
    pub(crate) fn of(arguments: &[&str], output: Output) -> Self {
        Self {
            words: arguments.iter().map(ToString::to_string).collect(),
            ..Self::from(output)
        }
    }

    /// The answer, which must have come with this exit code and no message.
    #[track_caller]
    pub(crate) fn answer(self, code: i32) -> String {
        assert_eq!(
            (self.code, &*self.stderr),
            (Some(code), ""),
            "{}",
            self.stdout
        );
        self.stdout
    }

    #[track_caller]
    pub(crate) fn json(self, code: i32) -> serde_json::Value {
        assert_eq!(self.stderr, "", "{}", self.stdout);
        self.document(code)
    }

    /// The document on stdout, whatever was said on stderr.
    #[track_caller]
    pub(crate) fn document(&self, code: i32) -> serde_json::Value {
        assert_eq!(self.code, Some(code), "{}{}", self.stdout, self.stderr);
        document::keep(&self.words, &self.stdout);
        let read = serde_json::from_str(&self.stdout);
        read.unwrap_or_else(|error| panic!("{error}: {}", self.stdout))
    }

    /// The message of a run that could not: one line, and nothing on stdout.
    #[track_caller]
    pub(crate) fn message(self) -> String {
        assert_eq!(self.stdout, "", "{}", self.stderr);
        self.refusal(2)
    }

    /// The message of a run that ended with this exit code, on one line, whatever is on stdout.
    #[track_caller]
    pub(crate) fn refusal(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{}{}", self.stdout, self.stderr);
        let message = self.stderr.strip_prefix("dps-policy: ");
        let message = message.unwrap_or_else(|| panic!("{}", self.stderr));
        assert_eq!(message.lines().count(), 1, "{message}");
        message.trim_end().to_owned()
    }
}

/// The root of the checkout, where the program runs.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The program with the settings of a new shell.
pub(crate) fn program(arguments: &[&str]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_dps-policy"));
    program.args(arguments).current_dir(root());
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let is_setting = [
            "PolicyTables",
            "POLICY_",
            "NO_COLOR",
            "CLICOLOR",
            "LOG_ID_KEY",
        ];
        if is_setting.iter().any(|setting| text.starts_with(setting)) {
            program.env_remove(&name);
        }
    }
    program
}

/// Gives a command that starts the program the program's folder and variables.
pub(crate) fn run_like(program: &Command, starter: &mut Command) {
    starter.current_dir(program.get_current_dir().unwrap());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => starter.env(name, value),
            None => starter.env_remove(name),
        };
    }
}

pub(crate) fn run(arguments: &[&str]) -> Run {
    Run::of(arguments, program(arguments).output().unwrap())
}

/// The revision of a folder, which must be a policy.
#[track_caller]
pub(crate) fn revision(folder: &str) -> String {
    let document = run(&["check", folder, "--json"]).json(0);
    document["revision"].as_str().unwrap().to_owned()
}

/// What people read of a revision.
pub(crate) fn short(revision: &str) -> &str {
    &revision[..12]
}

/// A copy of the starter tables.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn starter() -> Self {
        Self::starter_in(&std::env::temp_dir())
    }

    /// The same below `target`, where the scenario files find the requests that they name.
    pub(crate) fn starter_below_target() -> Self {
        let target = root().canonicalize().unwrap().join("target");
        fs::create_dir_all(&target).unwrap();
        Self::starter_in(&target)
    }

    fn starter_in(parent: &Path) -> Self {
        let folder = Self(TempDir::new_in(parent).unwrap());
        for entry in fs::read_dir(root().join("infra/policy")).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), folder.0.path().join(entry.file_name())).unwrap();
        }
        folder
    }

    /// Replaces the first `from` of a file, which must be there.
    #[track_caller]
    pub(crate) fn edit(self, file: &str, from: &str, to: &str) -> Self {
        let path = self.0.path().join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} has no `{from}`");
        fs::write(&path, text.replacen(from, to, 1)).unwrap();
        self
    }

    /// Writes a file anew.
    pub(crate) fn write(self, file: &str, text: &str) -> Self {
        fs::write(self.0.path().join(file), text).unwrap();
        self
    }

    pub(crate) fn path(&self) -> &str {
        self.0.path().to_str().unwrap()
    }
}
