//! The tables before and after a change, with the device rows that count.

use dps_allocation::tables::{TableName, Tables};

use super::arguments::Arguments;
use crate::checked::Checked;
use crate::source::{self, Source};

/// The tables before and after a change.
#[derive(Debug)]
pub(crate) struct Both {
    pub(crate) from: Checked,
    pub(crate) to: Checked,
}

impl Both {
    /// Reads both; rows of `devices` are in no revision, and a push leaves them alone.
    pub(super) async fn read(arguments: &Arguments) -> anyhow::Result<Self> {
        let mut from = source::read(&arguments.from).await?;
        let mut to = source::read(&arguments.to).await?;
        let is_folder = |source: &Source| matches!(source, Source::Folder(_));
        let folders = (is_folder(&arguments.from), is_folder(&arguments.to));
        if folders != (true, true) {
            let mut stored = Tables::default();
            let findings = source::add_devices(&mut stored).await?;
            for (read, is_folder) in [(&mut from, folders.0), (&mut to, folders.1)] {
                if !(is_folder && arguments.devices) {
                    let stored = stored.table(TableName::Devices).clone();
                    *read.tables.table_mut(TableName::Devices) = stored;
                    read.findings.extend(findings.iter().cloned());
                }
            }
        }
        Ok(Self {
            from: Checked::new(arguments.from.clone(), from),
            to: Checked::new(arguments.to.clone(), to),
        })
    }
}
