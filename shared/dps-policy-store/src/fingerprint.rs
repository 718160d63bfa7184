//! The fingerprint of a state of the stored tables.

use sha2::{Digest, Sha256};

/// SHA-256 over the names and contents of the stored tables, byte for byte.
///
/// Unlike the revision of a policy it changes with comments and spelling too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

/// Collects files in the order of their names.
#[derive(Default)]
pub(crate) struct FingerprintBuilder(Sha256);

impl FingerprintBuilder {
    /// Adds a file; `content` is the digest of its bytes, none if only its name matters.
    pub(crate) fn add(&mut self, name: &str, content: Option<[u8; 32]>) {
        // Length first, so that no two sequences of files give the same bytes.
        self.0.update((name.len() as u64).to_le_bytes());
        self.0.update(name.as_bytes());
        self.0.update(content.unwrap_or_default());
    }

    pub(crate) fn finish(self) -> Fingerprint {
        Fingerprint(self.0.finalize().into())
    }
}
