//! Writing to whatever an operator has named: a file, a link, a device or a pipe.

use std::borrow::Cow;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;
use std::process;

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

use super::rules::{folder_of, is_ours, is_special, refused};
use super::write::write_file;

/// How many links may follow each other: as many as Linux follows.
const MAX_LINKS: usize = 40;

/// Writes `content` to a file that an operator names: in place of a regular file, and into what is
/// a device or a pipe.
///
/// A link is followed, and so is each link that it leads to, unless another user (not root) has
/// made it. Links in the names of folders are followed whoever has made them. What a link of `/proc`
/// leads to is open already, `/dev/stdout` for instance: that is written into, even a regular file.
///
/// # Errors
/// When it cannot be written, or is a link, a device, a pipe or a socket of another user; a regular
/// file that would be replaced is as it was.
pub fn write_named_file(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut path = Cow::Borrowed(path);
    for _link in 0..=MAX_LINKS {
        // A new file, or one that cannot be reached, as the attempt to write it says.
        let Ok(there) = fs::symlink_metadata(&path) else {
            return write_file(&path, content);
        };
        let is_link = there.is_symlink();
        if !is_link && !is_special(&there) {
            return write_file(&path, content);
        }
        if !is_ours(&there) {
            return Err(refused(if is_link {
                "it is a link of another user; name a file"
            } else {
                "it is a device, a pipe or a socket of another user; name a file"
            }));
        }
        if !is_link {
            // Nor is a link followed that has come in its place.
            return write_into(&path, OFlags::NOFOLLOW, content);
        }
        let folder = folder_of(&path);
        let real = fs::canonicalize(folder)?;
        if real.starts_with("/proc") {
            return match Stream::of(&path, &real) {
                Some(stream) => stream.write(content),
                None => write_into(&path, OFlags::empty(), content),
            };
        }
        path = Cow::Owned(folder.join(fs::read_link(&path)?));
    }
    Err(Errno::LOOP.into())
}

/// What this program prints to. A file behind it, opened again, would be written from two places,
/// one over the other.
enum Stream {
    Stdout,
    Stderr,
}

impl Stream {
    /// What a link in this folder leads to, if it is printed to.
    fn of(path: &Path, folder: &Path) -> Option<Self> {
        let is_own = folder == Path::new(&format!("/proc/{}/fd", process::id()));
        match path.file_name().filter(|_| is_own)?.to_str()? {
            "1" => Some(Self::Stdout),
            "2" => Some(Self::Stderr),
            _ => None,
        }
    }

    fn write(self, content: &[u8]) -> io::Result<()> {
        match self {
            Self::Stdout => {
                let mut stdout = io::stdout().lock();
                stdout.write_all(content)?;
                stdout.flush()
            }
            Self::Stderr => io::stderr().write_all(content),
        }
    }
}

/// Writes after what is there: the regular file that a program has open may have content.
fn write_into(path: &Path, flags: OFlags, content: &[u8]) -> io::Result<()> {
    let flags = flags | OFlags::WRONLY | OFlags::APPEND | OFlags::CLOEXEC;
    let mut file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    file.write_all(content)
}
