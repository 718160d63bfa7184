//! The columns that have a meaning.

use strum::IntoStaticStr;

/// Every column that has a meaning in some table.
///
/// The numbers are part of the revision, which every instance and every stored history must agree
/// on: the cells of a row are hashed in their order. So a number never changes and is never used
/// again; a new column gets the next free one, wherever its line stands. Likewise the names of
/// columns and the canonical forms of [`super::Kind`]s never change.
#[expect(
    missing_docs,
    reason = "`TABLES.md` explains them column by column, table by table"
)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr)]
#[strum(serialize_all = "camelCase")]
pub enum Column {
    #[strum(serialize = "PartitionKey")]
    PartitionKey = 0,
    #[strum(serialize = "RowKey")]
    RowKey = 1,
    Region = 2,
    Geography = 3,
    Pools = 4,
    Weight = 5,
    Tier = 6,
    State = 7,
    Twin = 8,
    Tenants = 9,
    TenantFrom = 10,
    Location = 11,
    DeviceRows = 12,
    Residency = 13,
    Placement = 14,
    ToleranceMs = 15,
    WithoutLocation = 16,
    OnReprovision = 17,
    LocationFrom = 18,
    Reply = 19,
    Salt = 20,
    When = 21,
    Hub = 22,
    Refuse = 23,
    From = 24,
    To = 25,
    Cohort = 26,
    Steps = 27,
    Ramp = 28,
    PausedAt = 29,
    AbortedAt = 30,
    Return = 31,
    Include = 32,
    Exclude = 33,
    Milliseconds = 34,
    Tags = 35,
    Desired = 36,
    Tenant = 37,
    Profile = 38,
    Namespace = 39,
    Anew = 40,
    MinGainMs = 41,
    Mode = 42,
    Unless = 43,
    Begins = 44,
    Ends = 45,
    HubFrom = 46,
    GroupFrom = 47,
    Group = 48,
    Attributes = 49,
}

impl Column {
    /// The name as the documentation spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}
