//! Opening a file that no other user can have written.

use std::fs::File;
use std::io;
use std::path::Path;

use rustix::fs::{FileType, Mode, OFlags, Stat, StatVfsMountFlags, fstat, fstatvfs, open, openat};
use rustix::io::Errno;
use rustix::process::geteuid;

use super::rules::{STICKY, folder_of, refused};

/// Permission bits that group and others must not have.
const WRITE_OF_OTHERS: u32 = 0o022;

/// Opens a file for reading; none if it is not there.
///
/// The file and its folder belong to this user or root, and no other user can write to them; a link
/// is not followed. A read-only mount is accepted whatever its modes and owners are.
pub(crate) fn open_trusted(path: &Path) -> io::Result<Option<File>> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let flags = OFlags::RDONLY | OFlags::CLOEXEC;
    let folder = open(folder_of(path), flags | OFlags::DIRECTORY, Mode::empty());
    let folder = match folder {
        Err(Errno::NOENT) => return Ok(None),
        folder => folder?,
    };
    let flags = flags | OFlags::NONBLOCK | OFlags::NOFOLLOW;
    let file = match openat(&folder, name, flags, Mode::empty()) {
        Err(Errno::NOENT) => return Ok(None),
        Err(Errno::LOOP) => return Err(refused("it is a link")),
        file => file?,
    };
    let (of_folder, of_file) = (fstat(&folder)?, fstat(&file)?);
    if FileType::from_raw_mode(of_file.st_mode) != FileType::RegularFile {
        return Err(refused("it is not a regular file"));
    }
    if !fstatvfs(&file)?.f_flag.contains(StatVfsMountFlags::RDONLY) {
        check(&of_folder, "its folder", of_folder.st_mode & STICKY != 0)?;
        check(&of_file, "it", false)?;
    }
    Ok(Some(File::from(file)))
}

fn check(stat: &Stat, what: &str, is_sticky: bool) -> io::Result<()> {
    let owner = stat.st_uid;
    if owner != 0 && owner != geteuid().as_raw() {
        let rule = format!("{what} belongs to another user ({owner})");
        return Err(refused(&rule));
    }
    if stat.st_mode & WRITE_OF_OTHERS != 0 && !is_sticky {
        let rule = format!("others can write to {what}; take that right from them (chmod go-w)");
        return Err(refused(&rule));
    }
    Ok(())
}
