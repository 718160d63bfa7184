//! Registrations that DPS has not posted: from a log or a list of devices.

use super::version::Version;
use crate::evidence::Evidence;
use crate::parts::Parts;

/// What is known of a registration that DPS has not posted.
#[derive(Clone, Copy, Debug)]
pub enum Known<'a> {
    /// All but these parts, whatever the registration says of them.
    AllBut(Parts),
    /// What a line of the decision log holds; payload and certificate are not read.
    Recorded(Version, &'a Evidence),
}

impl Known<'_> {
    pub(super) fn version(self) -> Version {
        match self {
            Self::AllBut(_) => Version::NEWEST,
            Self::Recorded(version, _) => version,
        }
    }
}
