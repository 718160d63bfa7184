//! What a process leaves that is killed without a signal, as the Functions host ends it.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use dps_allocation::tables::TableName;
use dps_policy_store::LastGood;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::running::{Process, UNDER_HOST};
use crate::webhook::{good_request, request, write_tables};

const LAST_GOOD: &str = "last-good.policy";

/// Kills it as soon as so many requests are answered; the ids in the lines of its decisions, and
/// in the answers.
fn check(variables: &[(&str, &str)], answers: usize) {
    let process = Process::start(variables);
    let unknown = request("nobody", json!(null)).to_string();
    for number in 0..answers {
        let (body, status) = match number % 2 {
            0 => (good_request().to_string(), "HTTP/1.1 200 "),
            _ => (unknown.clone(), "HTTP/1.1 404 "),
        };
        let answer = process.allocate(&body);
        assert!(answer.starts_with(status), "{answer}");
    }
    process.signal("KILL");
    let (code, log, stderr) = process.end();
    assert_eq!((code, &*stderr), (None, ""), "{log}");
    let lines = log.lines().filter(|line| line.starts_with("{\"log\""));
    let decisions = lines
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|line| line["log"] == "decision");
    assert_eq!(decisions.count(), answers, "{log}");
}

#[test]
fn each_decision_that_was_answered_is_in_the_log() {
    for answers in [1, 2, 3, 50] {
        check(&[UNDER_HOST], answers);
    }
    // Events that come with a decision do not hold up its line.
    check(&[UNDER_HOST, ("RUST_LOG", "debug")], 20);
}

/// Tables with so many devices that writing them takes a while.
fn write_devices(folder: &Path, devices: usize) {
    write_tables(folder);
    let rows = (0..devices).map(|n| format!("pump-{n:06},device,acme\n"));
    let text = format!("PartitionKey,RowKey,tenant\n{}", rows.collect::<String>());
    fs::write(folder.join("devices.csv"), text).unwrap();
}

/// A folder with this last good policy.
fn cache(old: &[u8]) -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join(LAST_GOOD), old).unwrap();
    folder
}

/// How many devices the last good policy has, which must be whole; none is there: 0.
fn devices(cache: &Path) -> usize {
    let read = LastGood::read(&cache.join(LAST_GOOD)).unwrap();
    read.map_or(0, |file| file.tables.table(TableName::Devices).len())
}

fn wait_for(cache: &Path, count: usize) {
    while devices(cache) != count {
        thread::sleep(Duration::from_millis(5));
    }
}

/// A start over tables that is killed after `wait`.
fn killed(cache: &Path, tables: &Path, wait: impl FnOnce()) {
    let [tables, cache] = [tables, cache].map(|it| it.to_str().unwrap());
    let process = Process::start(&[("POLICY_DIR", tables), ("POLICY_CACHE_DIR", cache)]);
    wait();
    process.signal("KILL");
    process.end();
}

#[test]
fn the_last_good_policy_is_the_old_or_the_new_one() {
    const OLD: usize = 100;
    const NEW: usize = 20_000;
    /// Parts of the time that a start takes here and now: fixed ones are far too many on a busy machine.
    const STEPS: u32 = 40;
    let [first, before, after] = [(); 3].map(|()| TempDir::new().unwrap());
    write_devices(before.path(), OLD);
    write_devices(after.path(), NEW);
    killed(first.path(), before.path(), || wait_for(first.path(), OLD));
    let old = fs::read(first.path().join(LAST_GOOD)).unwrap();
    let mut whole = Duration::ZERO;
    killed(first.path(), after.path(), || {
        let begin = Instant::now();
        wait_for(first.path(), NEW);
        whole = begin.elapsed();
    });
    let (mut wait, mut written) = (Duration::ZERO, 0);
    while written < 5 {
        let cache = cache(&old);
        killed(cache.path(), after.path(), || thread::sleep(wait));
        let kept = devices(cache.path());
        assert!(kept == OLD || kept == NEW, "{kept} after {wait:?}");
        written += usize::from(kept == NEW);
        wait += whole / STEPS;
    }
}
