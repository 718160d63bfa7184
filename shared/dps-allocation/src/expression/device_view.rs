//! A row of the `devices` table, for expressions.

use crate::hidden::Hidden;

/// The row of the `devices` table as expressions see it.
#[derive(Clone, Copy, Debug)]
pub struct DeviceView<'a> {
    /// The tenant's id.
    pub tenant: Option<&'a str>,
    /// Where the device is, in the canonical form of locations.
    pub location: Option<&'a str>,
    /// The host name of the hub that the device is to have, the first of several.
    pub hub: Option<&'a str>,
    /// What the device speaks: `classic`, `mqttV5` or `both`.
    pub profile: Option<&'a str>,
    /// A JSON object, which no log may hold.
    pub(crate) attributes: Option<Hidden<&'a str>>,
}
