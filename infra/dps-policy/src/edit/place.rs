//! Where rows are edited, when, and how.

use jiff::Timestamp;

use crate::moment::time;
use crate::publish::Options;
use crate::source::Source;

/// Where rows are edited, when, and how.
#[derive(Debug, clap::Args)]
pub(crate) struct Place {
    /// Folder or `tables` [default: what the settings name]
    #[arg(long, value_name = "SOURCE")]
    pub(super) policy: Option<Source>,

    /// Time from which the rows count [default: now]
    #[arg(long, value_name = "TIME", value_parser = time)]
    at: Option<Timestamp>,

    #[command(flatten)]
    pub(super) options: Options,
}

impl Place {
    /// The time from which the rows count.
    pub(crate) fn at(&self) -> Timestamp {
        self.at.unwrap_or_else(Timestamp::now)
    }
}
