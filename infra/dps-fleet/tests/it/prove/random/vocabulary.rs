//! What random tables are made of.

use dps_allocation::tables::TableName;

/// A row as `partition|row|column=text..`.
pub(super) type Row = (TableName, String);

pub(super) const HOSTS: [&str; 3] = [
    "h0.azure-devices.net",
    "h1.azure-devices.net",
    "h2.azure-devices.net",
];
pub(super) const TENANTS: [&str; 4] = ["t0", "t1", "t2", "t3"];
