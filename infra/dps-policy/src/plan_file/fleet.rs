//! The files of a fleet, and whether they are still the same.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use data_encoding::HEXLOWER;
use dps_fleet::fleet::Watch;
use sha2::{Digest as _, Sha256};

use super::model::{Fleet, FleetFile, PlanFile};
use crate::devices::Devices;

/// Bytes that are read at a time.
const PIECE: usize = 64 * 1024;

/// Devices as a plan binds them: if a file changes later, even during the preview, the plan does
/// not fit it.
///
/// # Errors
/// When a file cannot be read, or cannot be read twice, or the run is to end.
pub(crate) fn fleet(devices: &Devices, watch: &Watch) -> anyhow::Result<Fleet> {
    if let Some(count) = devices.synthetic {
        return Ok(Fleet::Synthetic(count));
    }
    let files: anyhow::Result<Vec<_>> = devices.fleet.iter().map(|path| of(path, watch)).collect();
    Ok(Fleet::Files(files?))
}

/// Whether the files are those of the plan, in their order; a plan that is kept may name fewer.
///
/// # Errors
/// When a file cannot be read, or cannot be read twice.
pub(crate) fn is_fleet_of(plan: &PlanFile, paths: &[PathBuf]) -> anyhow::Result<bool> {
    let Fleet::Files(planned) = &plan.fleet else {
        return Ok(false);
    };
    for (planned, path) in planned.iter().zip(paths) {
        if of(path, &Watch::default())?.sha256 != planned.sha256 {
            return Ok(false);
        }
    }
    Ok(planned.len() <= paths.len())
}

fn of(path: &Path, watch: &Watch) -> anyhow::Result<FleetFile> {
    let shown = path.display();
    let unreadable = || format!("`{shown}` cannot be read");
    anyhow::ensure!(
        path != Path::new("-"),
        "the fleet is read twice, which stdin cannot be; write it to a file"
    );
    let is_file = path.metadata().with_context(unreadable)?.is_file();
    anyhow::ensure!(
        is_file,
        "the fleet is read twice, and `{shown}` is not a file; write it to one"
    );
    let name = std::path::absolute(path).with_context(unreadable)?;
    anyhow::ensure!(
        name.to_str().is_some(),
        "a plan needs a fleet whose name is UTF-8, and `{shown}` is not; rename the file"
    );
    let file = File::open(path).with_context(unreadable)?;
    let (bytes, sha256) = read(file, watch).with_context(unreadable)?;
    anyhow::ensure!(!watch.is_stopped(), "interrupted; no plan was written");
    Ok(FleetFile {
        name,
        bytes,
        sha256,
    })
}

impl FleetFile {
    /// Whether the file is there and differs.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub(super) fn has_changed(&self) -> anyhow::Result<bool> {
        let found = File::open(&self.name).and_then(|file| {
            // What is not a file may never end.
            let now = file.metadata()?;
            Ok(now.is_file()
                && now.len() == self.bytes
                && read(file, &Watch::default())?.1 == self.sha256)
        });
        match found {
            Ok(same) => Ok(!same),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => {
                Err(error).with_context(|| format!("`{}` cannot be read", self.name.display()))
            }
        }
    }
}

/// The length and the hash of a file, or of its beginning where the run is to end.
fn read(mut file: File, watch: &Watch) -> io::Result<(u64, String)> {
    let (mut hash, mut bytes, mut piece) = (Sha256::new(), 0, vec![0; PIECE]);
    loop {
        let count = file.read(&mut piece)?;
        let Some(read) = piece
            .get(..count)
            .filter(|read| !read.is_empty() && !watch.is_stopped())
        else {
            return Ok((bytes, HEXLOWER.encode(&hash.finalize())));
        };
        hash.update(read);
        bytes += read.len() as u64;
    }
}
