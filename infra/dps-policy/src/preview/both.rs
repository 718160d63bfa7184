//! The tables before and after a change, with the device rows that count.

use dps_allocation::tables::{Canonical, Column, TableName, Tables};

use super::arguments::Arguments;
use crate::base::Fingerprint;
use crate::checked::Checked;
use crate::plan_file::DeviceRows;

/// The tables before and after a change.
#[derive(Debug)]
pub(crate) struct Both {
    pub(crate) from: Checked,
    pub(crate) to: Checked,
}

impl Both {
    pub(super) async fn read(arguments: &Arguments) -> anyhow::Result<Self> {
        let sources = [&arguments.from, &arguments.to].map(Clone::clone);
        let [from, to] = Checked::all_as_in_use(sources, arguments.devices).await?;
        Ok(Self { from, to })
    }

    /// The device rows of a plan: those that the tables must hold, and those of the folder if a
    /// push `includes_devices` or the decisions depend on them.
    pub(super) fn device_rows(&self, includes_devices: bool) -> DeviceRows {
        let of = |side: &Checked| Fingerprint::of_devices(&side.tables);
        let asks = [&self.from, &self.to].map(|side| ask_for_devices(&side.tables));
        let (before, after) = (of(&self.from), of(&self.to));
        let asked = asks.contains(&true);
        // Between two folders each has its own rows, whether they are to be pushed or not.
        let differ = asked && before != after;
        DeviceRows {
            stored: asked.then_some(before),
            pushed: (includes_devices || differ).then_some(after),
        }
    }
}

/// Whether an enrollment asks for the rows of its devices.
fn ask_for_devices(tables: &Tables) -> bool {
    let (rows, _findings) = Canonical::read(tables);
    let mut enrollments = rows.rows(TableName::Enrollments);
    enrollments.any(|row| row.get(Column::DeviceRows).is_some_and(|it| it != "off"))
}
