//! Which columns each table has, and what kind of value each column holds.

use serde::Serialize;

/// The eight config tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TableName {
    /// The IoT hubs, one row each.
    Hubs,
    /// Which tenants may come through an enrollment.
    Enrollments,
    /// The tenants and their placement.
    Tenants,
    /// Exceptions: the first rule that matches changes the placement.
    Rules,
    /// Planned, phased movements of a share of devices.
    Rollouts,
    /// Measured round trips from device locations to hub regions.
    Latency,
    /// Initial twin templates.
    Twins,
    /// The sales record: one row a device, read by key.
    Devices,
}

impl TableName {
    /// Every table, in the order of the documentation.
    pub const ALL: [Self; 8] = [
        Self::Hubs,
        Self::Enrollments,
        Self::Tenants,
        Self::Rules,
        Self::Rollouts,
        Self::Latency,
        Self::Twins,
        Self::Devices,
    ];

    /// The name of the CSV file without its ending.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hubs => "hubs",
            Self::Enrollments => "enrollments",
            Self::Tenants => "tenants",
            Self::Rules => "rules",
            Self::Rollouts => "rollouts",
            Self::Latency => "latency",
            Self::Twins => "twins",
            Self::Devices => "devices",
        }
    }

    /// The columns besides `PartitionKey` and `RowKey`, in the order of the documentation.
    #[must_use]
    pub fn columns(self) -> &'static [(Column, Kind)] {
        match self {
            Self::Hubs => HUBS,
            Self::Enrollments => ENROLLMENTS,
            Self::Tenants => TENANTS,
            Self::Rules => RULES,
            Self::Rollouts => ROLLOUTS,
            Self::Latency => LATENCY,
            Self::Twins => TWINS,
            Self::Devices => DEVICES,
        }
    }

    /// The tables whose rows count into the revision, in the order in which they are hashed, which
    /// never changes: `devices` holds facts about single devices. A new table comes last.
    pub(crate) const IN_REVISION: [Self; 7] = [
        Self::Hubs,
        Self::Enrollments,
        Self::Tenants,
        Self::Rules,
        Self::Rollouts,
        Self::Latency,
        Self::Twins,
    ];

    /// Whether the table's rows count into the revision.
    #[must_use]
    pub fn is_in_revision(self) -> bool {
        Self::IN_REVISION.contains(&self)
    }

    /// How the two keys are read.
    pub(crate) fn keys(self) -> (Kind, Kind) {
        match self {
            Self::Hubs => (Kind::Choice(&["hub"]), Kind::Host),
            Self::Enrollments => (Kind::Choice(&["enrollment"]), Kind::Pattern),
            Self::Tenants => (Kind::Choice(&["tenant"]), Kind::Id),
            Self::Rules | Self::Rollouts => (Kind::Scope, Kind::Text),
            Self::Latency => (Kind::Location, Kind::Location),
            Self::Twins => (Kind::Scope, Kind::Name),
            Self::Devices => (Kind::Id, Kind::Choice(&["device"])),
        }
    }
}

/// Every column that has a meaning, whatever its table.
///
/// The numbers are part of the revision, which every instance and every stored history must agree
/// on: they say in which order the cells of a row are hashed. So a number never changes and is
/// never used again; a new column takes the next free one, wherever its line stands. Likewise the
/// names of columns and the canonical forms of [`Kind`]s never change.
#[expect(
    missing_docs,
    reason = "`TABLES.md` explains them column by column, table by table"
)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    PartitionKey = 0,
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
}

impl Column {
    /// The name as the documentation spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PartitionKey => "PartitionKey",
            Self::RowKey => "RowKey",
            Self::Region => "region",
            Self::Geography => "geography",
            Self::Pools => "pools",
            Self::Weight => "weight",
            Self::Tier => "tier",
            Self::State => "state",
            Self::Twin => "twin",
            Self::Tenants => "tenants",
            Self::TenantFrom => "tenantFrom",
            Self::Location => "location",
            Self::DeviceRows => "deviceRows",
            Self::Residency => "residency",
            Self::Placement => "placement",
            Self::ToleranceMs => "toleranceMs",
            Self::WithoutLocation => "withoutLocation",
            Self::OnReprovision => "onReprovision",
            Self::LocationFrom => "locationFrom",
            Self::Reply => "reply",
            Self::Salt => "salt",
            Self::When => "when",
            Self::Hub => "hub",
            Self::Refuse => "refuse",
            Self::From => "from",
            Self::To => "to",
            Self::Cohort => "cohort",
            Self::Steps => "steps",
            Self::Ramp => "ramp",
            Self::PausedAt => "pausedAt",
            Self::AbortedAt => "abortedAt",
            Self::Return => "return",
            Self::Include => "include",
            Self::Exclude => "exclude",
            Self::Milliseconds => "milliseconds",
            Self::Tags => "tags",
            Self::Desired => "desired",
            Self::Tenant => "tenant",
            Self::Profile => "profile",
            Self::Namespace => "namespace",
        }
    }
}

/// What a column's text means, so that one reader serves every table and every tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Free text, kept as written (salts, names of rules).
    Text,
    /// A word, compared without case (pools, geographies, twins).
    Name,
    /// Words, separated by `;` or `,`, or a JSON array of strings.
    Names,
    /// A registration, enrollment or tenant id.
    Id,
    /// A tenant id, or `*` for every tenant.
    Scope,
    /// An id in which `*` stands for any characters.
    Pattern,
    /// Several patterns, separated like [`Kind::Names`].
    Patterns,
    /// A host name of a hub; the canonical one is the classic, see [`crate::HubName`].
    Host,
    /// Hubs by their host names, and pools, separated like [`Kind::Names`].
    HubsOrPools,
    /// A place: a word or `lat,lon`; white space and case do not matter.
    Location,
    /// A CEL expression.
    Expression,
    /// A JSON object.
    Object,
    /// A whole number between the two, both included.
    Integer(u32, u32),
    /// One of these words.
    Choice(&'static [&'static str]),
    /// `true` or `false`.
    Flag,
    /// A point in time, ISO 8601; a date alone means 00:00 UTC.
    Instant,
    /// The steps of a rollout: `2026-12-01T00:00Z=1% 2026-12-08=10%`.
    Steps,
}

/// Largest weight (the `hubs` table; DPS's own hub weights go from 1 to 1000 too).
const MAX_WEIGHT: u32 = 1000;

/// Largest tier; lower ones are used first.
const MAX_TIER: u32 = 1000;

/// Longest latency and tolerance: a minute is more than any network route.
const MAX_MS: u32 = 60_000;

const PLACEMENTS: Kind = Kind::Choice(&["latency", "weighted", "static"]);

/// Which hubs devices speak to.
const PROFILES: Kind = Kind::Choice(&["classic", "mqttV5", "both"]);

const HUBS: &[(Column, Kind)] = &[
    (Column::Region, Kind::Location),
    (Column::Geography, Kind::Name),
    (Column::Pools, Kind::Names),
    (Column::Weight, Kind::Integer(0, MAX_WEIGHT)),
    (Column::Tier, Kind::Integer(0, MAX_TIER)),
    (Column::State, Kind::Choice(&["open", "draining", "closed"])),
    (Column::Profile, Kind::Choice(&["classic", "mqttV5"])),
    (Column::Namespace, Kind::Name),
    (Column::Twin, Kind::Name),
];

const ENROLLMENTS: &[(Column, Kind)] = &[
    (Column::Tenants, Kind::Patterns),
    (Column::TenantFrom, Kind::Expression),
    (Column::Location, Kind::Location),
    (
        Column::DeviceRows,
        Kind::Choice(&["off", "optional", "bestEffort", "required"]),
    ),
    (Column::Profile, PROFILES),
    (Column::Twin, Kind::Name),
];

const TENANTS: &[(Column, Kind)] = &[
    (Column::State, Kind::Choice(&["active", "suspended"])),
    (Column::Pools, Kind::Names),
    (Column::Residency, Kind::Names),
    (Column::Placement, PLACEMENTS),
    (Column::ToleranceMs, Kind::Integer(0, MAX_MS)),
    (
        Column::WithoutLocation,
        Kind::Choice(&["weighted", "refuse"]),
    ),
    (Column::OnReprovision, Kind::Choice(&["stay", "replace"])),
    (Column::LocationFrom, Kind::Expression),
    (Column::Twin, Kind::Name),
    (Column::Reply, Kind::Object),
    (Column::Salt, Kind::Text),
];

const RULES: &[(Column, Kind)] = &[
    (Column::When, Kind::Expression),
    (Column::Pools, Kind::Names),
    (Column::Hub, Kind::Host),
    (Column::Placement, PLACEMENTS),
    (Column::Twin, Kind::Name),
    (Column::Refuse, Kind::Flag),
];

const ROLLOUTS: &[(Column, Kind)] = &[
    (Column::From, Kind::HubsOrPools),
    (Column::To, Kind::HubsOrPools),
    (Column::Cohort, Kind::Choice(&["new", "existing", "all"])),
    (Column::When, Kind::Expression),
    (Column::Steps, Kind::Steps),
    (Column::Ramp, Kind::Choice(&["step", "linear"])),
    (
        Column::State,
        Kind::Choice(&["running", "paused", "aborted"]),
    ),
    (Column::PausedAt, Kind::Instant),
    (Column::AbortedAt, Kind::Instant),
    (Column::Return, Kind::Flag),
    (Column::Include, Kind::Patterns),
    (Column::Exclude, Kind::Patterns),
    (Column::Salt, Kind::Text),
    (Column::Twin, Kind::Name),
];

const LATENCY: &[(Column, Kind)] = &[(Column::Milliseconds, Kind::Integer(0, MAX_MS))];

const TWINS: &[(Column, Kind)] = &[
    (Column::Tags, Kind::Object),
    (Column::Desired, Kind::Object),
];

const DEVICES: &[(Column, Kind)] = &[
    (Column::Tenant, Kind::Id),
    (Column::Location, Kind::Location),
    (Column::Hub, Kind::Host),
    (Column::Profile, PROFILES),
    (Column::Twin, Kind::Name),
];
