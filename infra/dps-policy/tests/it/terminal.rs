//! The program on a pseudo terminal.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::process::{Child, Command};

use rustix::io::Errno;
use rustix::pty::{OpenptFlags, ioctl_tiocgptpeer, openpt, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::program::{assert_no_secret, run_like};

/// A running program, and what its terminal shows so far.
pub(crate) struct Terminal {
    program: Child,
    /// The other end of the terminal: keyboard and screen.
    other_end: File,
    shown: String,
}

impl Terminal {
    /// Starts the program with its arguments, folder and variables, on a terminal that does not say
    /// how wide it is.
    pub(crate) fn start(program: &Command) -> Self {
        Self::with_columns(0, program)
    }

    pub(crate) fn with_80_columns(program: &Command) -> Self {
        Self::with_columns(80, program)
    }

    fn with_columns(columns: u16, program: &Command) -> Self {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let other_end = openpt(flags).unwrap();
        unlockpt(&other_end).unwrap();
        let size = Winsize {
            ws_row: 24,
            ws_col: columns,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        tcsetwinsize(&other_end, size).unwrap();
        let for_program = ioctl_tiocgptpeer(&other_end, flags).unwrap();
        // Ctrl-C is a signal for the session that the terminal controls.
        let mut session = Command::new("setsid");
        session.arg("--ctty").arg(program.get_program());
        session.args(program.get_args());
        run_like(program, &mut session);
        session.env("NO_COLOR", "1");
        session.stdin(for_program.try_clone().unwrap());
        session.stdout(for_program.try_clone().unwrap());
        session.stderr(for_program);
        let program = session.spawn().unwrap_or_else(|error| {
            panic!("cannot start setsid: {error}; install the package util-linux")
        });
        Self {
            program,
            other_end: OwnedFd::into(other_end),
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
        self.other_end
            .write_all(format!("{line}\n").as_bytes())
            .unwrap();
        self
    }

    /// Presses Ctrl-C.
    pub(crate) fn interrupt(&mut self) {
        self.other_end.write_all(b"\x03").unwrap();
    }

    /// Waits for the end, with this exit code; all that the terminal has shown.
    #[track_caller]
    pub(crate) fn end(mut self, code: i32) -> String {
        while self.read() > 0 {}
        let status = self.program.wait().unwrap();
        assert_eq!(status.code(), Some(code), "{}", self.shown);
        assert_no_secret(&self.shown);
        self.shown
    }

    /// How many bytes more are shown: none after the end of the program.
    fn read(&mut self) -> usize {
        let mut piece = [0; 4096];
        let read = match self.other_end.read(&mut piece) {
            // Nobody has the terminal open any more, and all of what was shown is read.
            Err(error) if Errno::from_io_error(&error) == Some(Errno::IO) => 0,
            read => read.unwrap(),
        };
        let text = String::from_utf8_lossy(&piece[..read]);
        self.shown.push_str(&text.replace('\r', ""));
        read
    }
}
