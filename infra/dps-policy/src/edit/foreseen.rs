//! What an edit does to a fleet, shown before it is written.

use anyhow::Context as _;
use dps_allocation::Policy;
use dps_allocation::tables::Tables;
use dps_fleet::preview::{Assumed, Pair, Preview, Side, preview};
use jiff::Timestamp;

use crate::devices::Devices;
use crate::output;
use crate::preview::text;
use crate::source::Source;

/// What is asked of an edit.
#[derive(Debug)]
pub(crate) struct Foreseen {
    /// `None`: nothing is previewed.
    pub(crate) devices: Option<Devices>,
    pub(crate) assumed: Assumed,
    /// When devices register, without the edit and with it.
    pub(crate) at: Timestamp,
}

/// How to get what is not shown.
const NONE: &str = "no fleet was named, so nothing was previewed: --fleet FILE or --synthetic N shows \
                    who moves\n";

/// For people, and for `--json`.
pub(super) struct Shown {
    pub(super) text: String,
    pub(super) preview: Option<Preview>,
}

impl Foreseen {
    /// Whether device rows matter.
    pub(super) fn needs_device_rows(&self) -> bool {
        self.devices.is_some()
    }

    /// Decides the fleet by the tables before and after.
    ///
    /// # Errors
    /// When the fleet cannot be read to its end.
    pub(super) fn show(
        &self,
        source: &Source,
        before: &Tables,
        after: &Tables,
    ) -> anyhow::Result<Shown> {
        let Some(devices) = &self.devices else {
            return Ok(Shown {
                text: NONE.to_owned(),
                preview: None,
            });
        };
        let policy = |tables| Policy::read(tables).policy;
        let policies = policy(before).zip(policy(after));
        let (from, to) = policies.context("the tables have errors, so nothing can be previewed")?;
        let planned = format!("{source} with the plan");
        let pair = Pair::new(
            Side::new(&from, before, source.to_string(), self.at),
            Side::new(&to, after, planned, self.at),
            self.assumed.clone(),
        );
        let (found, broken) = devices.each(before, |batches, run| {
            let nobody = |_: &[_]| {};
            preview(batches, &pair, run.threads, run.about, run.watch, nobody)
        })?;
        if let Some(broken) = broken {
            return Err(broken.into());
        }
        anyhow::ensure!(!found.interrupted, "interrupted; nothing was written");
        let text = text(&found, &devices.name(source), output::width());
        Ok(Shown {
            text: text + "\n",
            preview: Some(found),
        })
    }
}
