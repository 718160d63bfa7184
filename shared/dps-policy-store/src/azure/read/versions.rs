//! What tells the state of tables from any other.

use dps_allocation::tables::TableName;
use sha2::{Digest as _, Sha256};

use crate::azure::model::StoredRow;
use crate::fingerprint::{Fingerprint, FingerprintBuilder};
use crate::unfinished::PUSHES;

/// Keys and versions of the rows of a table, in the order in which the service gives them.
#[derive(Default)]
pub(super) struct Versions {
    digest: Sha256,
    /// Not of all rows: there are more than a policy may have.
    pub(super) is_cut: bool,
}

impl Versions {
    /// Length first, so that no two sequences give the same bytes.
    pub(super) fn add(&mut self, rows: &[StoredRow]) {
        for row in rows {
            for text in [
                row.key.partition.as_str(),
                row.key.row.as_str(),
                &row.etag.0,
            ] {
                self.digest.update((text.len() as u64).to_le_bytes());
                self.digest.update(text);
            }
        }
    }

    fn finish(mut self) -> [u8; 32] {
        if self.is_cut {
            self.digest.update(u64::MAX.to_le_bytes());
        }
        self.digest.finalize().into()
    }
}

pub(super) fn fingerprint(
    tables: impl IntoIterator<Item = (TableName, Versions)>,
    pushes: &[StoredRow],
) -> Fingerprint {
    let mut fingerprint = FingerprintBuilder::default();
    for (name, versions) in tables {
        fingerprint.add(name.as_str(), Some(versions.finish()));
    }
    let mut versions = Versions::default();
    versions.add(pushes);
    fingerprint.add(PUSHES, Some(versions.finish()));
    fingerprint.finish()
}
