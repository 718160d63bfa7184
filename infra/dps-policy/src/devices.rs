//! The devices that a command decides: those of files, or made from the tables.

use std::io::{self, IsTerminal as _};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use dps_allocation::tables::Tables;
use dps_fleet::fleet::{Batch, FleetError, Synthetic, Watch};

use crate::hashed::Hashed;
use crate::input::{self, Inputs};
use crate::source::Source;
use crate::{output, progress};

/// The devices that a command decides.
#[derive(Debug, clap::Args)]
pub(crate) struct Devices {
    /// List of devices, or several; `-` reads stdin
    #[arg(long, value_name = "FILE", required_unless_present = "synthetic")]
    pub(crate) fleet: Vec<PathBuf>,

    /// Number of devices to make from the tables
    #[arg(long, value_name = "N", conflicts_with = "fleet", value_parser = input::made_devices())]
    pub(crate) synthetic: Option<u64>,

    #[command(flatten)]
    pub(crate) hashed: Hashed,
}

/// Batches of devices or of decisions.
pub(crate) type Batches = Box<dyn Iterator<Item = Result<Batch, FleetError>>>;

/// How a run works through them.
pub(crate) struct Run<'w> {
    pub(crate) threads: NonZeroUsize,
    /// How many devices there may be.
    pub(crate) about: Option<u64>,
    pub(crate) watch: &'w Watch,
}

impl Devices {
    /// Their name in reports; `source` holds the tables that devices are made from.
    pub(crate) fn name(&self, source: &Source) -> String {
        match self.synthetic {
            Some(count) => format!("{count} made from {source}"),
            None => names(&self.fleet),
        }
    }

    /// Runs `decide` on them, and shows its progress on a terminal.
    ///
    /// # Errors
    /// When a file cannot be read, or is not a fleet.
    pub(crate) fn each<T>(
        &self,
        tables: &Tables,
        decide: impl FnOnce(Batches, &Run<'_>) -> T,
    ) -> anyhow::Result<T> {
        match self.synthetic {
            Some(count) => {
                let made = Box::new(Synthetic::new(tables, count));
                work(made, None, Some(count), Some(count), decide)
            }
            None => each_of(&self.fleet, &self.hashed, decide),
        }
    }
}

/// The names of files in reports.
pub(crate) fn names(files: &[PathBuf]) -> String {
    let names = files.iter().map(|path| input::name(path));
    names.collect::<Vec<_>>().join(", ")
}

/// Runs `decide` on the files of a fleet or a log, as [`Devices::each`] does.
pub(crate) fn each_of<T>(
    files: &[PathBuf],
    hashed: &Hashed,
    decide: impl FnOnce(Batches, &Run<'_>) -> T,
) -> anyhow::Result<T> {
    let inputs = Inputs::open(files, hashed.revealed()?)?;
    for (name, unread) in inputs.unread_columns() {
        output::note(&format!(
            "{name} has columns that say nothing here: {unread}"
        ));
    }
    let (size, about) = (inputs.size, inputs.devices());
    work(Box::new(inputs), size, None, about, decide)
}

/// Whether a run has read everything; prints a note if it was interrupted.
///
/// # Errors
/// When a file could not be read to its end.
pub(crate) fn is_whole(broken: Option<FleetError>, interrupted: bool) -> anyhow::Result<bool> {
    if let Some(broken) = broken {
        return Err(broken.into());
    }
    if interrupted {
        output::note("interrupted; this is what was found so far");
    }
    Ok(!interrupted)
}

fn work<T>(
    batches: Batches,
    size: Option<u64>,
    count: Option<u64>,
    about: Option<u64>,
    decide: impl FnOnce(Batches, &Run<'_>) -> T,
) -> anyhow::Result<T> {
    let watch = Arc::new(Watch::default());
    progress::stop_on_interrupt(&watch).context("the signal of Ctrl-C cannot be received")?;
    let shown = progress::show(&watch, size, count, io::stderr().is_terminal());
    let run = Run {
        threads: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
        about,
        watch: &watch,
    };
    let decided = decide(batches, &run);
    shown.end();
    Ok(decided)
}
