//! Files that a command is writing when it is killed: each is there old or new, never a part.

use std::collections::BTreeMap;
use std::fs::{self, DirEntry};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use azurite::Azurite;
use tempfile::TempDir;

use crate::cloud::Cloud;
use crate::program::{Folder, program};

/// The files of a folder that are tables or notes of this program, by name.
type Files = BTreeMap<String, Vec<u8>>;

/// What a killed writer leaves behind begins so; nothing reads it.
const UNFINISHED: &str = ".new-";

/// Kills a command over and over, each time a little later, until it ends before that; meanwhile
/// watches how long its files are.
///
/// `prepare` makes the folder as it is before the command; files in it are then old or new.
fn check(prepare: impl Fn(&Path), command: impl Fn(&Path) -> Command) {
    const STEPS: u32 = 12;
    let folder = || {
        let folder = TempDir::new().unwrap();
        prepare(folder.path());
        folder
    };
    let start = |folder: &TempDir| {
        let mut command = command(folder.path());
        command.stdin(Stdio::null());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        (Instant::now(), command.spawn().unwrap())
    };
    let whole = folder();
    let old = files(whole.path());
    let (started, mut child) = start(&whole);
    assert!(child.wait().unwrap().success());
    let (step, new) = (started.elapsed() / STEPS, files(whole.path()));
    assert_ne!(old, new, "the command writes nothing");
    let (mut wait, mut ended) = (Duration::ZERO, 0);
    while ended < 3 {
        let killed = folder();
        let (started, mut child) = start(&killed);
        let mut has_ended = false;
        while !has_ended && started.elapsed() < wait {
            has_ended = child.try_wait().unwrap().is_some();
            for (name, length) in lengths(killed.path()) {
                let is = |files: &Files| files.get(&name).map(Vec::len) == Some(length);
                assert!(is(&old) || is(&new), "{name}: {length} bytes, seen");
            }
            thread::sleep(Duration::from_micros(200));
        }
        ended += u32::from(has_ended);
        // It may have ended by now.
        let _killed = child.kill();
        child.wait().unwrap();
        for (name, bytes) in files(killed.path()) {
            let is = |files: &Files| files.get(&name) == Some(&bytes);
            let length = bytes.len();
            assert!(
                is(&old) || is(&new),
                "{name}: {length} bytes after {wait:?}"
            );
        }
        wait += step;
    }
}

fn files(folder: &Path) -> Files {
    let names = entries(folder).into_iter();
    let files = names.map(|(name, entry)| (name, fs::read(entry.path()).unwrap()));
    files.collect()
}

fn lengths(folder: &Path) -> Vec<(String, usize)> {
    let names = entries(folder).into_iter();
    let lengths = names.map(|(name, entry)| {
        let length = entry.metadata().unwrap().len();
        (name, usize::try_from(length).unwrap())
    });
    lengths.collect()
}

fn entries(folder: &Path) -> Vec<(String, DirEntry)> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let named = entries.map(|it| (it.file_name().into_string().unwrap(), it));
    named
        .filter(|(name, _)| !name.starts_with(UNFINISHED))
        .collect()
}

/// The starter tables, with a comment that takes a while to write.
fn starter(folder: &Path) {
    let starter = Folder::starter();
    for (name, mut bytes) in files(Path::new(starter.path())) {
        if name == "hubs.csv" {
            bytes.extend(b"# ");
            bytes.resize(4 << 20, b'x');
            bytes.push(b'\n');
        }
        fs::write(folder.join(name), bytes).unwrap();
    }
}

#[test]
fn a_row_that_is_set_is_in_a_whole_file() {
    let command = |folder: &Path| {
        let folder = folder.to_str().unwrap();
        let hub = "contoso-weu-1.azure-devices.net";
        program(&["set", "--policy", folder, "hubs", hub, "weight=7"])
    };
    check(starter, command);
}

#[test]
fn tables_that_are_made_are_whole() {
    let command = |folder: &Path| program(&["init", folder.to_str().unwrap()]);
    check(|_empty| {}, command);
}

#[test]
fn tables_that_are_pulled_are_whole() {
    let azurite = Azurite::start();
    let cloud = Cloud::direct_starter(&azurite);
    let old = |folder: &Path| {
        starter(folder);
        for name in ["tenants.csv", "rules.csv"] {
            let path = folder.join(name);
            let text = fs::read_to_string(&path).unwrap();
            let keeps = text.lines().next().unwrap();
            fs::write(path, format!("{keeps}\n")).unwrap();
        }
        let hubs = folder.join("hubs.csv");
        let text = fs::read_to_string(&hubs).unwrap();
        fs::write(hubs, text.replacen("westeurope", "northeurope", 1)).unwrap();
    };
    let command = |folder: &Path| cloud.program(&["pull", "--force", folder.to_str().unwrap()]);
    check(old, command);
}
