//! Files that an operator names.

use std::fs::{self, File};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, lchown, symlink};
use std::path::{Path, PathBuf};
use std::thread;

use dps_policy_store::write_named_file;
use rustix::fs::{CWD, FileType, Mode, mknodat};
use rustix::process::geteuid;
use tempfile::TempDir;

/// A folder, and the paths of things in it.
fn folder<const N: usize>(names: [&str; N]) -> (TempDir, [PathBuf; N]) {
    let folder = tempfile::tempdir().unwrap();
    let paths = names.map(|it| folder.path().join(it));
    (folder, paths)
}

fn make_pipe(path: &Path) {
    mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
}

/// Where this process has a file open.
fn descriptor(file: &File) -> PathBuf {
    format!("/proc/self/fd/{}", file.as_raw_fd()).into()
}

#[test]
fn a_link_is_followed_to_its_end() {
    let (_folder, [target, near, far]) = folder(["target", "near", "far"]);
    fs::write(&target, "old").unwrap();
    symlink("target", &near).unwrap();
    symlink(&near, &far).unwrap();
    for link in [&near, &far] {
        let text = link.to_string_lossy();
        write_named_file(link, text.as_bytes()).unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), text);
        assert!(fs::symlink_metadata(link).unwrap().is_symlink());
    }
}

/// Only root can give a link or a pipe away, and those of root are refused to nobody: any other user
/// can make nothing that would be refused, and ends here.
#[test]
fn what_another_user_has_put_there_is_refused() {
    let (_folder, [target, link, to_it, pipe]) = folder(["target", "link", "to-it", "pipe"]);
    fs::write(&target, "old").unwrap();
    symlink("target", &link).unwrap();
    symlink("link", &to_it).unwrap();
    make_pipe(&pipe);
    for path in [&link, &pipe] {
        let given = lchown(path, Some(4242), None);
        if !geteuid().is_root() {
            assert_eq!(given.unwrap_err().kind(), ErrorKind::PermissionDenied);
            return;
        }
        given.unwrap();
    }
    for (path, what) in [
        (&link, "a link"),
        (&to_it, "a link"),
        (&pipe, "a device, a pipe or a socket"),
    ] {
        let refused = write_named_file(path, b"new").unwrap_err().to_string();
        assert_eq!(
            refused,
            format!("it is {what} of another user; name a file")
        );
    }
    assert_eq!(fs::read_to_string(&target).unwrap(), "old");
    assert_eq!(fs::symlink_metadata(&link).unwrap().uid(), 4242);
}

#[test]
fn a_pipe_gets_what_is_written() {
    let (_folder, [pipe]) = folder(["pipe"]);
    make_pipe(&pipe);
    let reader = pipe.clone();
    let reader = thread::spawn(move || fs::read_to_string(reader).unwrap());
    write_named_file(&pipe, b"new").unwrap();
    assert_eq!(reader.join().unwrap(), "new");
}

/// As if the link had been named, and not its end: private, and never there in part.
#[test]
fn a_link_to_nothing_makes_the_file() {
    let (_folder, [target, link]) = folder(["made/target", "link"]);
    symlink("made/target", &link).unwrap();
    write_named_file(&link, b"new").unwrap();
    assert_eq!(fs::read_to_string(&target).unwrap(), "new");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&target), 0o600);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    // Others may replace the files there, so that it is refused as any file would be.
    let parent = target.parent().unwrap();
    fs::remove_file(&target).unwrap();
    fs::set_permissions(parent, fs::Permissions::from_mode(0o777)).unwrap();
    let refused = write_named_file(&link, b"new").unwrap_err().to_string();
    assert!(refused.starts_with("everybody can replace"), "{refused}");
    assert!(!target.exists());
}

#[test]
fn a_link_to_itself_is_an_error() {
    let (_folder, [link]) = folder(["link"]);
    symlink("link", &link).unwrap();
    let error = write_named_file(&link, b"new").unwrap_err().to_string();
    assert!(error.contains("symbolic links"), "{error}");
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
}

/// `--out /dev/fd/3 3> file`: whoever else has the file open gets the text.
#[test]
fn a_file_that_is_open_already_is_written_into() {
    let (_folder, [path, link]) = folder(["file", "link"]);
    let mut open = File::create_new(&path).unwrap();
    open.write_all(b"before ").unwrap();
    write_named_file(&descriptor(&open), b"once ").unwrap();
    symlink(descriptor(&open), &link).unwrap();
    write_named_file(&link, b"twice").unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "before once twice");
    let same = (open.metadata().unwrap(), fs::metadata(&path).unwrap());
    assert_eq!(same.0.ino(), same.1.ino());
}

/// `--out >(program)`
#[test]
fn a_pipe_that_is_open_already_is_written_into() {
    let (mut reader, writer) = std::io::pipe().unwrap();
    let writer = File::from(std::os::fd::OwnedFd::from(writer));
    write_named_file(&descriptor(&writer), b"new").unwrap();
    drop(writer);
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    assert_eq!(text, "new");
}
