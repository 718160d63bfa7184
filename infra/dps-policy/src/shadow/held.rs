//! What the candidate's tables hold.

use dps_allocation::Revision;
use dps_policy_store::{CsvFolder, PolicyStore};
use serde::Serialize;

use super::place::{Named, Place, unnamed};
use crate::checked::Checked;
use crate::output::the_tables;
use crate::source::Source;

/// What the candidate's tables hold.
#[derive(Serialize)]
pub(super) struct Held {
    pub(super) source: String,
    /// `None` if they hold no policy.
    pub(super) revision: Option<Revision>,
    /// Whether they are empty or missing.
    pub(super) withdrawn: bool,
}

/// Reads them.
///
/// # Errors
/// When they cannot be read, or nothing names them.
pub(super) async fn held(named: &Named) -> anyhow::Result<Held> {
    let (store, source) = match named.find()? {
        Place::Tables { store, .. } => (PolicyStore::Azure(store), Source::Tables),
        Place::Folder(path) => (
            PolicyStore::Csv(CsvFolder::new(&path)),
            Source::Folder(path),
        ),
        Place::Unnamed => return Err(unnamed()),
    };
    let nothing = Held {
        source: store.to_string(),
        revision: None,
        withdrawn: true,
    };
    let stored = match store.read().await {
        Ok(stored) => stored,
        Err(error) if error.is_nothing_there() => return Ok(nothing),
        Err(error) => {
            if let PolicyStore::Azure(tables) = &store
                && error.is_no_table()
            {
                let missing = the_tables(&tables.missing_tables().await?);
                anyhow::bail!(
                    "`{store}` lacks {missing} of the candidate; write it with `dps-policy shadow \
                     start DRAFT`, or withdraw it with `dps-policy shadow stop`"
                );
            }
            return Err(error.into());
        }
    };
    if stored.is_empty() {
        return Ok(nothing);
    }
    let policy = Checked::new(source, stored.into()).policy;
    Ok(Held {
        revision: policy.map(|policy| policy.revision()),
        withdrawn: false,
        ..nothing
    })
}
