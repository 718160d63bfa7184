//! Opening a file without following a link out of its folder, and without blocking.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use rustix::fs::{Mode, OFlags};

use super::rules::refused;

/// Opens a regular file for reading; `path` names it in `folder`.
///
/// Links count as what they lead to, which must be below the folder too: the links that Kubernetes
/// makes in a volume are of that kind.
pub(crate) fn open_below(folder: &Path, path: &Path) -> io::Result<File> {
    let real = fs::canonicalize(path)?;
    if !real.starts_with(fs::canonicalize(folder)?) {
        return Err(refused(
            "it is a link that leads out of the folder; put the file itself there",
        ));
    }
    // A pipe may have no writer. A file that was replaced by a link since then is not followed.
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(&real, flags, Mode::empty())?);
    if !file.metadata()?.is_file() {
        return Err(refused("it is not a regular file"));
    }
    Ok(file)
}
