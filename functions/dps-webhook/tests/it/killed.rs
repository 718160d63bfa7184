//! What a process leaves that is killed without a signal, as the Functions host ends it.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use dps_allocation::tables::TableName;
use dps_policy_store::LastGood;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::running::{Process, UNDER_HOST};
use crate::webhook::{good_request, request, write_tables};

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

/// A start over tables with so many devices, killed after a while; the devices of its last good
/// policy, which is that of an earlier start or its own.
fn devices_kept(old: &Path, tables: &Path, wait: Option<Duration>) -> usize {
    let cache = TempDir::new().unwrap();
    let kept = cache.path().join("last-good.policy");
    if old.exists() {
        fs::copy(old, &kept).unwrap();
    }
    let (tables, folder) = (tables.to_str().unwrap(), cache.path().to_str().unwrap());
    let process = Process::start(&[("POLICY_DIR", tables), ("POLICY_CACHE_DIR", folder)]);
    let devices = || {
        let read = LastGood::read(&kept).unwrap_or_else(|error| panic!("after {wait:?}: {error}"));
        read.map_or(0, |file| file.tables.table(TableName::Devices).len())
    };
    match wait {
        Some(wait) => thread::sleep(wait),
        None => while devices() == 0 {},
    }
    process.signal("KILL");
    process.end();
    if wait.is_none() {
        fs::copy(&kept, old).unwrap();
    }
    devices()
}

#[test]
fn the_last_good_policy_is_the_old_or_the_new_one() {
    const OLD: usize = 100;
    const NEW: usize = 20_000;
    const STEP: Duration = Duration::from_millis(4);
    let [folder, before, after] = [(); 3].map(|()| TempDir::new().unwrap());
    write_devices(before.path(), OLD);
    write_devices(after.path(), NEW);
    let old = folder.path().join("old");
    assert_eq!(devices_kept(&old, before.path(), None), OLD);
    let (mut wait, mut written) = (Duration::ZERO, 0);
    while written < 5 {
        let devices = devices_kept(&old, after.path(), Some(wait));
        assert!(devices == OLD || devices == NEW, "{devices} after {wait:?}");
        written += usize::from(devices == NEW);
        wait += STEP;
    }
}
