//! The program on a pseudo terminal, which `script` of util-linux makes.

use std::io::{Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::program::{assert_no_secret, run_like};

/// A running program, and what its terminal shows so far.
pub(crate) struct Terminal {
    script: Child,
    keyboard: ChildStdin,
    screen: ChildStdout,
    shown: String,
}

impl Terminal {
    /// Starts the program with its arguments, folder and variables.
    pub(crate) fn start(program: &Command) -> Self {
        Self::after("", program)
    }

    /// The same on a terminal that says how wide it is.
    pub(crate) fn with_80_columns(program: &Command) -> Self {
        Self::after("stty rows 24 cols 80; ", program)
    }

    fn after(before: &str, program: &Command) -> Self {
        let words = std::iter::once(program.get_program()).chain(program.get_args());
        let words = words.map(|word| quoted(word.to_str().unwrap()));
        let mut script = Command::new("script");
        script.args(["--quiet", "--return", "--command"]);
        let words = words.collect::<Vec<_>>().join(" ");
        script.arg(format!("{before}{words}"));
        script.arg("/dev/null");
        run_like(program, &mut script);
        script.env("NO_COLOR", "1");
        let script = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut script = script.unwrap_or_else(|error| {
            panic!("cannot start script: {error}; install the package bsdutils or util-linux")
        });
        Self {
            keyboard: script.stdin.take().unwrap(),
            screen: script.stdout.take().unwrap(),
            script,
            shown: String::new(),
        }
    }

    /// Reads on until the terminal shows this.
    #[track_caller]
    pub(crate) fn until(&mut self, text: &str) -> &str {
        while !self.shown.contains(text) {
            assert!(self.read() > 0, "no `{text}`: {}", self.shown);
        }
        &self.shown
    }

    /// Answers the question that is shown next.
    #[track_caller]
    pub(crate) fn answer(mut self, line: &str) -> Self {
        self.until("[y/N] ");
        self.shown = self.shown.replacen("[y/N] ", "[asked] ", 1);
        self.keyboard
            .write_all(format!("{line}\n").as_bytes())
            .unwrap();
        self
    }

    /// Presses Ctrl-C.
    pub(crate) fn interrupt(&mut self) {
        self.keyboard.write_all(b"\x03").unwrap();
    }

    /// Waits for the end, with this exit code; all that the terminal has shown.
    #[track_caller]
    pub(crate) fn end(mut self, code: i32) -> String {
        while self.read() > 0 {}
        let status = self.script.wait().unwrap();
        assert_eq!(status.code(), Some(code), "{}", self.shown);
        assert_no_secret(&self.shown);
        self.shown
    }

    fn read(&mut self) -> usize {
        let mut piece = [0; 4096];
        let read = self.screen.read(&mut piece).unwrap();
        let text = String::from_utf8_lossy(&piece[..read]);
        self.shown.push_str(&text.replace('\r', ""));
        read
    }
}

/// For the shell.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}
