//! The file of the last good policy.

use std::fs;
use std::path::PathBuf;

use dps_allocation::Policy;
use dps_allocation::tables::{TableName, Tables};
use dps_policy_store::{CsvFolder, LastGood};
use tempfile::TempDir;

const SAVED: &str = "2026-11-21T12:00:00Z";

fn starter() -> Tables {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra/policy");
    CsvFolder::new(folder).read().unwrap().tables
}

fn written() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache/last-good.policy");
    LastGood::write(&path, "here", SAVED.parse().unwrap(), &starter()).unwrap();
    (folder, path)
}

#[test]
fn what_was_written_is_read() {
    let (_folder, path) = written();
    let read = LastGood::read(&path).unwrap().unwrap();
    assert_eq!(read.source, "here");
    assert_eq!(read.saved, SAVED.parse().unwrap());
    let revision = |tables: &Tables| Policy::read(tables).policy.unwrap().revision();
    assert_eq!(revision(&read.tables), revision(&starter()));
}

#[test]
fn a_file_that_is_not_there_is_no_error() {
    let folder = tempfile::tempdir().unwrap();
    assert!(
        LastGood::read(&folder.path().join("none"))
            .unwrap()
            .is_none()
    );
}

#[test]
fn writing_again_replaces_the_whole_file_and_leaves_nothing_beside_it() {
    let (_folder, path) = written();
    let long = fs::metadata(&path).unwrap().len();
    LastGood::write(&path, "there", SAVED.parse().unwrap(), &Tables::default()).unwrap();
    assert!(fs::metadata(&path).unwrap().len() < long);
    let read = LastGood::read(&path).unwrap().unwrap();
    assert_eq!(read.tables.table(TableName::Hubs).len(), 0);
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
}

#[track_caller]
fn refused(bytes: &[u8], expected: &str) {
    let (_folder, path) = written();
    fs::write(&path, bytes).unwrap();
    let error = LastGood::read(&path).unwrap_err().to_string();
    assert!(error.contains(expected), "{error}");
}

#[test]
fn any_byte_that_is_lost_or_changed_is_noticed() {
    let (_folder, path) = written();
    let good = fs::read(&path).unwrap();
    for at in [0, 10, 45, 110, good.len() / 2, good.len() - 1] {
        let mut bad = good.clone();
        bad[at] ^= 1;
        fs::write(&path, &bad).unwrap();
        assert!(LastGood::read(&path).is_err(), "byte {at} changed");
        fs::write(&path, &good[..at]).unwrap();
        assert!(LastGood::read(&path).is_err(), "cut at byte {at}");
    }
}

#[test]
fn another_file_says_what_is_wrong_with_it() {
    refused(b"", "does not begin with");
    refused(b"PartitionKey,RowKey\n", "does not begin with");
    refused(
        b"dps-allocator last good policy 1 sha256=00\n{}",
        "checksum",
    );
    refused(b"\xff\xfe\n", "UTF-8");
    let empty_object = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
    let head = format!("dps-allocator last good policy 1 sha256={empty_object}\n{{}}");
    refused(head.as_bytes(), "not understood: missing field `source`");
}
