//! The devices of a fleet that is given again, next to what the log says of them.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use dps_allocation::Policy;
use dps_fleet::Destination;
use dps_fleet::outcome::{Again, Followed, Named, NamedDevice, name};
use dps_fleet::preview::{Pair, Side};

use crate::base::Fingerprint;
use crate::checked::Checked;
use crate::csv_list::CsvList;
use crate::devices;
use crate::hashed::Hashed;
use crate::output;
use crate::plan_file::{PlanFile, Tables, is_fleet_of};
use crate::source::{self, LOG_ID_KEY, Source};

/// A fleet that is given again, and where its devices are listed.
#[derive(Debug, clap::Args)]
pub(super) struct Naming {
    /// The fleet that was previewed, to name its devices
    #[arg(long, value_name = "FILE", requires = "log")]
    fleet: Vec<PathBuf>,

    /// List its devices that went elsewhere or are to go; `-` is stdout
    #[arg(long, value_name = "FILE", requires = "fleet")]
    list: Option<PathBuf>,
}

const COLUMNS: [&str; 6] = [
    "registrationId",
    "outcome",
    "tenant",
    "from",
    "predicted",
    "seen",
];

impl Naming {
    pub(super) fn lists_on_stdout(&self) -> bool {
        self.list.as_deref() == Some(Path::new("-"))
    }

    /// What became of the devices; `None` without a fleet. `is_kept` says that the plan was pushed,
    /// so that both tables are revisions of the store.
    ///
    /// # Errors
    /// When tables or fleet cannot be read, or are not those of the plan.
    pub(super) async fn named(
        &self,
        plan: &PlanFile,
        is_kept: bool,
        followed: &Followed,
    ) -> anyhow::Result<Option<Named>> {
        if self.fleet.is_empty() {
            return Ok(None);
        }
        let key = source::id_key()?;
        anyhow::ensure!(
            key.is_some() || !followed.hides_ids(),
            "the log has hashes in place of registration ids; set {LOG_ID_KEY} to the key of the \
             webhook, so that the fleet can be found in it"
        );
        if !is_fleet_of(plan, &self.fleet)? {
            output::note("the fleet is not the one that was previewed, so more may differ");
        }
        let sources = [
            source_of(&plan.from, is_kept)?,
            source_of(&plan.to, is_kept)?,
        ];
        let includes_devices = plan.device_rows.pushed.is_some();
        let [from, to] = Checked::all_as_in_use(sources, includes_devices).await?;
        let from_policy = policy(&from, &plan.from)?;
        let to_policy = policy(&to, &plan.to)?;
        let rows = Fingerprint::of_devices(&from.tables);
        let planned = [&plan.device_rows.stored, &plan.device_rows.pushed];
        let are_known = planned.into_iter().flatten().any(|it| *it == rows);
        if plan.device_rows.stored.is_some() && !are_known {
            output::note("device rows have changed since the preview, so more may differ");
        }
        let side =
            |policy, of: &Checked, at| Side::new(policy, &of.tables, of.source.to_string(), at);
        let pair = Pair::new(
            side(from_policy, &from, plan.from.at),
            side(to_policy, &to, plan.to.at),
            plan.assumed.assumed(),
        );
        let list = self.list.as_deref();
        let mut list = list
            .map(|path| CsvList::create(path, &COLUMNS))
            .transpose()?;
        let (named, broken) = devices::each_of(&self.fleet, &Hashed::default(), |batches, run| {
            let again = Again {
                pair: &pair,
                key: key.as_ref(),
                about: run.about,
            };
            let write = |named: &[NamedDevice]| {
                if let Some(list) = &mut list {
                    for it in named {
                        write(list, it);
                    }
                }
            };
            name(batches, &again, followed, run.threads, run.watch, write)
        })?;
        if let Some(list) = list {
            list.finish()?;
        }
        broken.map_or(Ok(Some(named)), |error| Err(error.into()))
    }
}

/// Where one side of the plan is, as it was.
fn source_of(of: &Tables, is_kept: bool) -> anyhow::Result<Source> {
    Ok(match Source::parse(OsStr::new(&of.source))? {
        folder @ Source::Folder(_) if !is_kept => folder,
        _ => Source::Revision(of.revision.clone()),
    })
}

/// The policy of one side, if it is that of the plan.
fn policy<'c>(checked: &'c Checked, of: &Tables) -> anyhow::Result<&'c Policy> {
    let source = &checked.source;
    let policy = checked.policy.as_ref();
    let policy = policy.with_context(|| format!("`{source}` has errors, which check shows"))?;
    anyhow::ensure!(
        of.revision.matches(policy.revision()),
        "`{source}` holds revision {} now, and the plan was made of {}; without the tables of then, \
         leave out --fleet",
        policy.revision().short(),
        of.revision.short()
    );
    Ok(policy)
}

fn write(list: &mut CsvList, it: &NamedDevice) {
    let to = |to: &Destination| match to {
        Destination::Hub(it) | Destination::Refused(it) => it.clone(),
    };
    list.write([
        &it.id,
        it.fate.as_str(),
        it.predicted.tenant.as_deref().unwrap_or_default(),
        it.predicted.from.as_deref().unwrap_or_default(),
        &to(&it.predicted.to),
        &it.seen.as_ref().map(to).unwrap_or_default(),
    ]);
}
