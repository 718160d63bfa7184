//! Where the candidate is.

use std::path::{Path, PathBuf};

use dps_policy_store::azure::AzureTables;
use dps_policy_store::{PolicyStore, StoreSettings};

use crate::source;

/// Which tables are the candidate's.
#[derive(Debug, clap::Args)]
pub(super) struct Named {
    /// Prefix of the candidate's tables, or its folder if the live policy is a
    /// folder [default: `POLICY_SHADOW`, or else Shadow]
    #[arg(long, value_name = "NAME")]
    prefix: Option<String>,
}

/// The place of the candidate.
pub(super) enum Place {
    /// Tables beside those of the live policy.
    Tables {
        store: AzureTables,
        /// What `POLICY_SHADOW` should be.
        name: String,
    },
    /// A folder, as the live policy is one.
    Folder(PathBuf),
    /// The live policy is a folder, and nothing names that of the candidate.
    Unnamed,
}

/// How a push to the candidate's tables that has not ended is ended.
pub(super) const WAY_OUT: &str = "finish it with `dps-policy shadow start --resume DRAFT`, or \
                                  withdraw it with `dps-policy shadow stop --resume`";

/// The setting of the webhook.
const POLICY_SHADOW: &str = "POLICY_SHADOW";

/// The prefix if nothing names another.
const DEFAULT: &str = "Shadow";

impl Named {
    /// # Errors
    /// When the settings are wrong, or name the tables of the live policy.
    pub(super) fn find(&self) -> anyhow::Result<Place> {
        let live = source::settings()?;
        let set = std::env::var(POLICY_SHADOW).ok();
        let set = set.filter(|text| !text.is_empty());
        let name = self.prefix.clone().or(set);
        let name = match (name, &live) {
            (Some(name), _) => name,
            (None, StoreSettings::Tables { .. }) => DEFAULT.to_owned(),
            (None, StoreSettings::Folder(_)) => return Ok(Place::Unnamed),
        };
        let candidate = live.beside(&name).map_err(anyhow::Error::msg)?;
        if let StoreSettings::Folder(path) = candidate {
            if let StoreSettings::Folder(live) = &live {
                keep_apart(&path, live)?;
            }
            return Ok(Place::Folder(path));
        }
        match candidate.open()? {
            PolicyStore::Azure(store) => Ok(Place::Tables { store, name }),
            PolicyStore::Csv(_) => Ok(Place::Unnamed),
        }
    }
}

/// What is wrong if nothing names the folder.
pub(super) fn unnamed() -> anyhow::Error {
    anyhow::anyhow!(
        "the live policy is a folder, and nothing names the folder of the candidate; set \
         POLICY_SHADOW, or add --prefix FOLDER"
    )
}

/// Fails if the live policy is in the folder: `./live`, a link to it, and what is above it name it
/// too.
fn keep_apart(candidate: &Path, live: &Path) -> anyhow::Result<()> {
    let (Ok(candidate_at), Ok(live_at)) = (candidate.canonicalize(), live.canonicalize()) else {
        return Ok(());
    };
    anyhow::ensure!(
        !live_at.starts_with(&candidate_at),
        "`{}` names the live policy, or a folder that it is in; name another folder",
        candidate.display()
    );
    Ok(())
}
