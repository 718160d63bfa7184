//! The file of the last good policy.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};

use dps_allocation::Policy;
use dps_allocation::tables::{TableName, Tables};
use dps_policy_store::{CsvFolder, LastGood};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use rustix::process::geteuid;
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
fn a_missing_file_is_not_an_error() {
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

/// A file that somebody else could have written decides nothing.
#[track_caller]
fn untrusted(spoil: impl FnOnce(&Path), expected: &str) {
    let (_folder, path) = written();
    spoil(&path);
    let error = LastGood::read(&path).unwrap_err().to_string();
    assert!(error.starts_with(expected), "{error}");
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn only_a_file_that_nobody_else_can_write_is_read() {
    let of_folder = |bits| move |path: &Path| mode(path.parent().unwrap(), bits);
    for bits in [0o777, 0o770, 0o720, 0o702] {
        untrusted(of_folder(bits), "others can write to its folder");
    }
    for bits in [0o666, 0o660, 0o602] {
        untrusted(|path| mode(path, bits), "others can write to it;");
    }
    let link = |path: &Path| {
        let aside = path.with_extension("aside");
        fs::rename(path, &aside).unwrap();
        symlink(aside, path).unwrap();
    };
    untrusted(link, "it is a link");
    let pipe = |path: &Path| {
        fs::remove_file(path).unwrap();
        mknodat(CWD, path, FileType::Fifo, Mode::RUSR, 0).unwrap();
    };
    untrusted(pipe, "it is not a regular file");
    for bits in [0o700, 0o755, 0o1777] {
        let (_folder, path) = written();
        of_folder(bits)(&path);
        assert!(LastGood::read(&path).unwrap().is_some(), "{bits:o}");
    }
}

/// Only root can give a file away.
#[test]
fn a_file_of_another_user_is_not_read() {
    if !geteuid().is_root() {
        // Then `/etc/hostname`, say, is root's, and there is no file of a third user to read.
        return;
    }
    let nobody = Some(65_534);
    untrusted(
        |path| chown(path, nobody, None).unwrap(),
        "it belongs to another user",
    );
    let folder = |path: &Path| chown(path.parent().unwrap(), nobody, None).unwrap();
    untrusted(folder, "its folder belongs to another user");
}

#[test]
fn what_is_written_is_private_and_follows_no_link() {
    let folder = tempfile::tempdir().unwrap();
    let victim = folder.path().join("victim");
    fs::write(&victim, "mine").unwrap();
    let cache = folder.path().join("a/b");
    let path = cache.join("last-good.policy");
    let write = || LastGood::write(&path, "here", SAVED.parse().unwrap(), &starter());
    write().unwrap();
    let bits = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!((bits(&path), bits(&cache)), (0o600, 0o700));
    fs::remove_file(&path).unwrap();
    symlink(&victim, &path).unwrap();
    // The name that earlier versions wrote to first.
    let predictable = path.with_extension(format!("{}.part", std::process::id()));
    symlink(&victim, &predictable).unwrap();
    write().unwrap();
    assert_eq!(fs::read_to_string(&victim).unwrap(), "mine");
    assert!(fs::symlink_metadata(&path).unwrap().is_file());
    mode(&cache, 0o777);
    let refused = write().unwrap_err().to_string();
    assert!(
        refused.contains("everybody can replace the files"),
        "{refused}"
    );
}

#[test]
fn a_pipe_in_place_of_the_file_stays() {
    let (_folder, path) = written();
    fs::remove_file(&path).unwrap();
    mknodat(CWD, &path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    let refused = LastGood::write(&path, "here", SAVED.parse().unwrap(), &starter()).unwrap_err();
    assert!(
        refused
            .to_string()
            .starts_with("it is a device, a pipe or a socket"),
        "{refused}"
    );
    assert!(FileType::from_raw_mode(fs::metadata(&path).unwrap().mode()) == FileType::Fifo);
}
