//! The program as a running process: its log, its socket, its end.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::webhook::write_tables;

/// Longest wait for anything: far beyond what a loaded machine needs.
pub(crate) const PATIENCE: Duration = Duration::from_mins(2);

pub(crate) fn program() -> Command {
    as_program(Command::new(env!("CARGO_BIN_EXE_dps-webhook")))
}

fn as_program(mut command: Command) -> Command {
    command.env_clear().env("FUNCTIONS_CUSTOMHANDLER_PORT", "0");
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// A running webhook; killed when the test gives it up.
pub(crate) struct Process {
    pub(crate) folder: TempDir,
    child: Child,
    /// Of the program, which may be the child's child.
    pid: u32,
    port: u16,
    reads: Arc<AtomicBool>,
    lines: Receiver<String>,
    log: String,
}

/// What only a Functions host sets.
pub(crate) const UNDER_HOST: (&str, &str) = (
    "FUNCTIONS_CUSTOMHANDLER_WORKER_ID",
    "2e9e1c5a-3d0c-4b7e-9a52-6a0c2a1f7d11",
);

impl Process {
    pub(crate) fn start(variables: &[(&str, &str)]) -> Self {
        Self::start_as(program(), variables)
    }

    /// As the child of a shell, which stands for a host that can be killed.
    pub(crate) fn start_below_a_shell(variables: &[(&str, &str)]) -> Self {
        let mut shell = Command::new("/bin/sh");
        // `wait` keeps the shell from becoming the program.
        let script = "\"$0\" & echo started as $!; wait";
        shell.args(["-c", script, env!("CARGO_BIN_EXE_dps-webhook")]);
        Self::start_as(as_program(shell), variables).with_the_pid_it_said()
    }

    /// On a terminal of 80 columns; its lines end with `\r\n`, and stderr is among them.
    pub(crate) fn start_on_a_terminal(variables: &[(&str, &str)]) -> Self {
        let mut script = Command::new("script");
        let program = env!("CARGO_BIN_EXE_dps-webhook");
        let shell = format!("stty cols 80; echo started as $$; exec '{program}'");
        script.args(["-qec", &shell, "/dev/null"]);
        let mut script = as_program(script);
        script.env("PATH", std::env::var_os("PATH").unwrap());
        Self::start_as(script, variables).with_the_pid_it_said()
    }

    fn with_the_pid_it_said(mut self) -> Self {
        let pid = self.log.split("started as ").nth(1).unwrap();
        self.pid = pid.lines().next().unwrap().trim().parse().unwrap();
        self
    }

    /// Ends the shell, and waits until the system knows it.
    pub(crate) fn lose_the_parent(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn start_as(mut command: Command, variables: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().unwrap();
        write_tables(folder.path());
        command
            .env("POLICY_DIR", folder.path())
            .envs(variables.iter().copied());
        let mut child = command.spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (line, lines) = mpsc::channel();
        let reads = Arc::new(AtomicBool::new(true));
        let may_read = Arc::clone(&reads);
        thread::spawn(move || {
            stdout.lines().try_for_each(|read| {
                while !may_read.load(Ordering::Relaxed) {
                    thread::sleep(Duration::from_millis(1));
                }
                line.send(read.unwrap())
            })
        });
        let mut process = Self {
            folder,
            pid: child.id(),
            child,
            port: 0,
            reads,
            lines,
            log: String::new(),
        };
        process.wait_for_line("listening");
        let address = process.log.split("http://127.0.0.1:").nth(1).unwrap();
        let port = address.split(|c: char| !c.is_ascii_digit()).next().unwrap();
        process.port = port.parse().unwrap();
        process
    }

    /// Leaves its stdout alone, as a reader does that hangs.
    pub(crate) fn stop_reading(&self) {
        self.reads.store(false, Ordering::Relaxed);
    }

    pub(crate) fn read_on(&self) {
        self.reads.store(true, Ordering::Relaxed);
    }

    /// Waits for the end, which must come without anybody reading; the exit code.
    pub(crate) fn end_unread(mut self) -> Option<i32> {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait().unwrap() {
                self.read_on();
                return status.code();
            }
            thread::sleep(Duration::from_millis(5));
        }
        panic!("it waits for a reader of its stdout");
    }

    /// Reads the log up to a line that holds `text`.
    pub(crate) fn wait_for_line(&mut self, text: &str) {
        while let Some(line) = self.next_line() {
            if line.contains(text) {
                return;
            }
        }
        panic!("the log ended without `{text}`: {}", self.log);
    }

    /// The next line of the log; `None` after its end.
    fn next_line(&mut self) -> Option<String> {
        match self.lines.recv_timeout(PATIENCE) {
            Ok(line) => {
                self.log.push_str(&line);
                self.log.push('\n');
                Some(line)
            }
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("nothing more after: {}", self.log),
        }
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// Sends a whole request and reads to the end of the connection.
    pub(crate) fn call(&self, head: &str, body: &str) -> String {
        let mut stream = self.connect();
        let head = head.replace('\n', "\r\n");
        write!(stream, "{head}\r\nConnection: close\r\n\r\n{body}").unwrap();
        read_to_end(&mut stream)
    }

    pub(crate) fn get(&self, path: &str) -> String {
        self.call(&format!("GET {path} HTTP/1.1\nHost: localhost"), "")
    }

    pub(crate) fn allocate(&self, body: &str) -> String {
        let length = body.len();
        self.call(
            &format!("POST /api/allocate HTTP/1.1\nHost: localhost\nContent-Length: {length}"),
            body,
        )
    }

    /// The most memory that it has taken so far, in MB.
    pub(crate) fn peak_mb(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid)).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.unwrap().trim().trim_end_matches(" kB");
        kib.parse::<u64>().unwrap() * 1024 / 1_000_000
    }

    pub(crate) fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.pid);
        assert!(
            Command::new("sh")
                .args(["-c", &kill])
                .status()
                .unwrap()
                .success()
        );
    }

    /// Waits for the end; the exit code, all of the log and stderr.
    pub(crate) fn end(mut self) -> (Option<i32>, String, String) {
        while self.next_line().is_some() {}
        let mut stderr = String::new();
        self.child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut stderr)
            .unwrap();
        let code = self.child.wait().unwrap().code();
        (code, std::mem::take(&mut self.log), stderr)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.pid != self.child.id() {
            // The shell's child, whose parent may be gone.
            let kill = format!("kill -KILL {}", self.pid);
            let _ended = Command::new("sh").args(["-c", &kill]).output();
        }
        // It has usually ended already.
        let _ended = self.child.kill();
        let _waited = self.child.wait();
    }
}

/// Sends the half of a request, does something, and sends the rest; the answer.
pub(crate) fn allocate_in_two(
    process: &mut Process,
    body: &str,
    between: impl FnOnce(&mut Process),
) -> String {
    let (first, second) = body.split_at(body.len() / 2);
    let mut stream = process.connect();
    let length = body.len();
    write!(
        stream,
        "POST /allocate HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{first}"
    )
    .unwrap();
    // Once another connection is answered, this one's head has been read as well.
    process.get("/");
    between(process);
    stream.write_all(second.as_bytes()).unwrap();
    read_to_end(&mut stream)
}

pub(crate) fn read_to_end(stream: &mut TcpStream) -> String {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
