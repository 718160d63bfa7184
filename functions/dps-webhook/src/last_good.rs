//! The last good policy on disk, for a start while the tables cannot be loaded.

use std::env;
use std::path::PathBuf;

use dps_allocation::tables::Tables;
use dps_allocation::{Policy, Reading};
use dps_policy_store::LastGood;
use jiff::Timestamp;
use tracing::warn;

/// Where the last good policy is stored, and where one may have come with the deployment.
#[derive(Clone, Debug, Default)]
pub struct LastGoodFiles {
    stored: Option<PathBuf>,
    deployed: Option<PathBuf>,
}

/// Where AWS Lambda has unpacked the function.
pub(crate) const LAMBDA_TASK_ROOT: &str = "LAMBDA_TASK_ROOT";

const NAME: &str = "last-good.policy";

impl LastGoodFiles {
    /// The files in the cache folder and in the folder of the deployment, if there are such folders.
    #[must_use]
    pub fn of(cache_dir: Option<PathBuf>, deployed: Option<PathBuf>) -> Self {
        let file = |folder: PathBuf| folder.join(NAME);
        Self {
            stored: cache_dir.map(file),
            deployed: deployed.map(file),
        }
    }

    /// The folder of the deployment: that of this program if `host.json` is in it, as in a function
    /// app, or on Lambda, where it is the root of the package. Not the working directory.
    #[must_use]
    pub fn deployed() -> Option<PathBuf> {
        let program = env::current_exe().ok()?;
        let folder = program.parent()?;
        let on_lambda = env::var_os(LAMBDA_TASK_ROOT).is_some();
        (on_lambda || folder.join("host.json").is_file()).then(|| folder.to_owned())
    }

    /// The last good policy of a store, and when it was saved; files that cannot be used are
    /// reported in the log.
    pub(crate) fn read(&self, source: &str) -> Option<(Policy, Timestamp)> {
        let files = [&self.stored, &self.deployed].into_iter().flatten();
        files.into_iter().find_map(|path| {
            let usable = match LastGood::read(path) {
                Ok(None) => return None,
                Ok(Some(file)) => usable(&file, source),
                Err(error) => Err(error.to_string()),
            };
            match usable {
                Ok(found) => Some(found),
                Err(reason) => {
                    warn!(file = %path.display(), reason, "the last good policy is ignored");
                    None
                }
            }
        })
    }

    /// Stores the tables of a policy that was installed.
    pub(crate) fn write(&self, source: &str, tables: &Tables) {
        let Some(path) = &self.stored else { return };
        if let Err(error) = LastGood::write(path, source, Timestamp::now(), tables) {
            let file = path.display();
            warn!(%file, %error, "the last good policy is not stored");
        }
    }
}

fn usable(file: &LastGood, source: &str) -> Result<(Policy, Timestamp), String> {
    if file.source != source {
        return Err(format!("it belongs to {}", file.source));
    }
    let Reading { policy, findings } = Policy::read(&file.tables);
    let policy =
        policy.ok_or_else(|| format!("this version finds {} errors in it", findings.len()))?;
    Ok((policy, file.saved))
}
