//! The time, and what is known of the device's row.

use jiff::Timestamp;

use crate::policy::DeviceRow;

/// What the caller supplies for one decision.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The time, which decides the shares of rollouts.
    pub now: Timestamp,
    /// The device's row, if [`crate::Policy::device_rows`] needs it.
    pub device: DeviceFact<'a>,
}

/// What is known of the device's row in the `devices` table.
#[derive(Clone, Copy, Debug)]
pub enum DeviceFact<'a> {
    /// The table was not read.
    NotRead,
    /// The device's row.
    Row(DeviceRow<'a>),
    /// The table has no row for the device.
    Missing,
    /// The table could not be read.
    Unavailable,
    /// The row has an invalid cell, or a name that the policy does not have.
    Invalid,
}
