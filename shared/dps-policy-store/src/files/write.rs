//! Writes a file atomically, through no link that others may have put there, and private when it is
//! new.

use std::fs::{self, DirBuilder, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use rustix::process::geteuid;
use tempfile::Builder;

use super::rules::{STICKY, folder_of, is_ours, is_special, refused};

/// Permission bits that a new folder does not have: those of group and others.
const PRIVATE_FOLDER: u32 = 0o700;
const OTHERS_MAY_WRITE: u32 = 0o002;

/// Replaces a file by `content`; creates its folder if that is missing.
///
/// A new file is for its owner alone. One that is replaced keeps its mode, which its owner has
/// chosen; a link is replaced, not followed.
///
/// # Errors
/// When a file cannot be written, or is a device, a pipe or a socket, or others can write to the
/// folder; the file is as it was.
pub fn write_file(path: &Path, content: &[u8]) -> io::Result<()> {
    if fs::symlink_metadata(path).is_ok_and(|it| is_special(&it)) {
        return Err(refused("it is a device, a pipe or a socket; name a file"));
    }
    let folder = folder_of(path);
    make_folder(folder)?;
    // Hidden, so that no reader mistakes it for a table; its mode is 0600.
    let mut file = Builder::new().prefix(".new-").tempfile_in(folder)?;
    file.write_all(content)?;
    if let Some(mode) = own_mode(path) {
        file.as_file()
            .set_permissions(Permissions::from_mode(mode))?;
    }
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

/// Makes a folder for its owner alone; an existing one must not be writable by everybody.
///
/// # Errors
/// When it cannot be made, is somebody else's, or others can replace the files in it.
pub(crate) fn make_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(PRIVATE_FOLDER)
        .create(folder)?;
    let metadata = fs::metadata(folder)?;
    if !geteuid().is_root() && !is_ours(&metadata) {
        return Err(refused(
            "the folder is of another user; name one of your own",
        ));
    }
    if metadata.mode() & OTHERS_MAY_WRITE != 0 && metadata.mode() & STICKY == 0 {
        let rule = "everybody can replace the files of the folder; take the right from others \
                    (chmod o-w), or name another folder";
        return Err(refused(rule));
    }
    Ok(())
}

/// The mode of a file of ours.
fn own_mode(path: &Path) -> Option<u32> {
    let metadata = fs::symlink_metadata(path).ok()?;
    let ours = metadata.is_file() && metadata.uid() == geteuid().as_raw();
    ours.then(|| metadata.mode() & 0o777 & !OTHERS_MAY_WRITE)
}
