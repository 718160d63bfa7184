//! What the operator says of devices if the fleet does not.

use dps_allocation::Parts;

/// What the operator says of devices if the fleet does not.
#[derive(Clone, Debug, Default)]
pub struct Assumed {
    /// The group that devices come through.
    pub group: Option<String>,
    /// Whether devices come through individual enrollments.
    pub individual: bool,
    /// The host name of the hub that devices are on.
    pub hub: Option<String>,
    /// The hubs that DPS links; `None`: those of both sets of tables.
    pub linked: Option<Vec<String>>,
    /// What no device has: a payload, a certificate.
    pub without: Parts,
    /// Whether devices register for the first time, whatever hub the fleet names.
    pub as_new: bool,
}
