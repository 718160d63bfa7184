//! What reading and writing have in common.

use std::io;
use std::path::Path;

/// In such a folder others can add files and not replace ours.
pub(super) const STICKY: u32 = 0o1000;

/// The folder that a file is in.
pub(super) fn folder_of(path: &Path) -> &Path {
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

/// The file may not be used, by this rule.
pub(super) fn refused(rule: &str) -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, rule)
}
