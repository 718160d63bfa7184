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

    /// Whether the table's rows count into the revision: `devices` holds facts about single devices.
    #[must_use]
    pub fn is_in_revision(self) -> bool {
        self != Self::Devices
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
#[expect(
    missing_docs,
    reason = "the README explains them column by column, table by table"
)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    PartitionKey,
    RowKey,
    Region,
    Geography,
    Pools,
    Weight,
    Tier,
    State,
    Twin,
    Tenants,
    TenantFrom,
    Location,
    DeviceRows,
    Residency,
    Placement,
    ToleranceMs,
    WithoutLocation,
    OnReprovision,
    LocationFrom,
    Reply,
    Salt,
    When,
    Hub,
    Refuse,
    From,
    To,
    Cohort,
    Steps,
    Ramp,
    PausedAt,
    AbortedAt,
    Return,
    Include,
    Exclude,
    Milliseconds,
    Tags,
    Desired,
    Tenant,
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
    /// The host name of a hub.
    Host,
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

const HUBS: &[(Column, Kind)] = &[
    (Column::Region, Kind::Location),
    (Column::Geography, Kind::Name),
    (Column::Pools, Kind::Names),
    (Column::Weight, Kind::Integer(0, MAX_WEIGHT)),
    (Column::Tier, Kind::Integer(0, MAX_TIER)),
    (Column::State, Kind::Choice(&["open", "draining", "closed"])),
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
    (Column::From, Kind::Names),
    (Column::To, Kind::Names),
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
    (Column::Twin, Kind::Name),
];
