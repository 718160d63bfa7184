//! What reading and writing have in common.

use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use rustix::process::geteuid;

/// In such a folder others can add files and not replace ours.
pub(super) const STICKY: u32 = 0o1000;

/// The folder that a file is in.
pub(super) fn folder_of(path: &Path) -> &Path {
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

/// Whether it is a device, a pipe or a socket.
pub(super) fn is_special(metadata: &Metadata) -> bool {
    !(metadata.is_file() || metadata.is_dir() || metadata.is_symlink())
}

/// Whether it belongs to this user or to root.
pub(super) fn is_ours(metadata: &Metadata) -> bool {
    [geteuid().as_raw(), 0].contains(&metadata.uid())
}

/// The file may not be used, by this rule.
pub(super) fn refused(rule: &str) -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, rule)
}
