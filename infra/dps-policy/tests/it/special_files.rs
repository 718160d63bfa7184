//! Files that a command is told to write, which are links, pipes and sockets.

use std::fs;
use std::os::unix::fs::{FileTypeExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::program::{Run, program};

/// Each command that writes a file, and the beginning of the file.
const WRITERS: [(&[&str], &str); 4] = [
    (&PREVIEW_OUT, "{"),
    (&PREVIEW_LIST, "registrationId,"),
    (&SIMULATE_REPORT, "<!"),
    (&PROVE_REQUEST, "{"),
];
const PREVIEW_OUT: [&str; 6] = [
    "preview",
    "infra/policy",
    "infra/policy",
    "--synthetic",
    "9",
    "--out",
];
const PREVIEW_LIST: [&str; 6] = [
    "preview",
    "infra/policy",
    "infra/policy",
    "--synthetic",
    "9",
    "--list",
];
const SIMULATE_REPORT: [&str; 5] = ["simulate", "infra/policy", "--synthetic", "9", "--report"];
const PROVE_REQUEST: [&str; 5] = [
    "prove",
    "no-new-devices",
    "contoso-weu-1",
    "infra/policy",
    "--request",
];

fn writer(words: &[&str], path: &Path) -> Command {
    program(&[words, &[path.to_str().unwrap()]].concat())
}

fn reader(path: &Path) -> Child {
    let mut reader = Command::new("cat");
    reader.arg(path).stdout(Stdio::piped());
    reader.spawn().unwrap()
}

#[track_caller]
fn is_written(run: &Run) {
    assert!(
        matches!(run.code, Some(0 | 1)),
        "{}{}",
        run.stdout,
        run.stderr
    );
    assert_eq!(run.stderr, "");
}

#[test]
fn a_link_is_followed() {
    for (words, begins) in WRITERS {
        let folder = TempDir::new().unwrap();
        let [target, link] = ["target", "link"].map(|it| folder.path().join(it));
        symlink("target", &link).unwrap();
        // At first it leads nowhere.
        for _again in 0..2 {
            is_written(&Run::from(writer(words, &link).output().unwrap()));
            assert!(
                fs::symlink_metadata(&link).unwrap().is_symlink(),
                "{words:?}"
            );
            let written = fs::read_to_string(&target).unwrap();
            assert!(written.starts_with(begins), "{words:?}: {written}");
            fs::write(&target, "old").unwrap();
        }
    }
}

#[test]
fn a_pipe_is_written_to() {
    for (words, begins) in WRITERS {
        let folder = TempDir::new().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(
            Command::new("mkfifo")
                .arg(&pipe)
                .status()
                .unwrap()
                .success()
        );
        let reader = reader(&pipe);
        is_written(&Run::from(writer(words, &pipe).output().unwrap()));
        let read = String::from_utf8(reader.wait_with_output().unwrap().stdout).unwrap();
        assert!(read.starts_with(begins), "{words:?}: {read}");
        assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo());
    }
}

#[test]
fn a_socket_is_not_a_file() {
    for (words, _) in WRITERS {
        let folder = TempDir::new().unwrap();
        let socket = folder.path().join("socket");
        let _listens = UnixListener::bind(&socket).unwrap();
        let message = Run::from(writer(words, &socket).output().unwrap()).message();
        assert!(message.contains("cannot be written"), "{message}");
        assert!(fs::metadata(&socket).unwrap().file_type().is_socket());
    }
}
