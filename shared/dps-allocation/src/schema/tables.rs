//! The columns of each table, in the order of the documentation.

use strum::VariantNames;

use super::choice::{
    Cohort, DeviceProfile, DeviceRows, HubProfile, HubState, OnReprovision, Placement, Ramp,
    RolloutPhase, RuleMode, TenantState, WithoutLocation,
};
use super::column::Column;
use super::kind::Kind;

/// Largest weight, as in DPS's own weighted allocation.
const MAX_WEIGHT: u32 = 1000;

/// Largest tier; lower ones are used first.
const MAX_TIER: u32 = 1000;

/// Longest latency and tolerance: a minute is more than any network route.
const MAX_MS: u32 = 60_000;

const PLACEMENTS: Kind = Kind::Choice(Placement::VARIANTS);

/// Which hubs devices can use.
const PROFILES: Kind = Kind::Choice(DeviceProfile::VARIANTS);

pub(super) const HUBS: &[(Column, Kind)] = &[
    (Column::Region, Kind::Location),
    (Column::Geography, Kind::Name),
    (Column::Pools, Kind::Names),
    (Column::Tenants, Kind::Patterns),
    (Column::Weight, Kind::Integer(0, MAX_WEIGHT)),
    (Column::Tier, Kind::Integer(0, MAX_TIER)),
    (Column::State, Kind::Choice(HubState::VARIANTS)),
    (Column::Begins, Kind::Instant),
    (Column::Ends, Kind::Instant),
    (Column::Profile, Kind::Choice(HubProfile::VARIANTS)),
    (Column::Namespace, Kind::Name),
    (Column::Twin, Kind::Name),
];

pub(super) const ENROLLMENTS: &[(Column, Kind)] = &[
    (Column::Tenants, Kind::Patterns),
    (Column::TenantFrom, Kind::Expression),
    (Column::Location, Kind::Location),
    (Column::DeviceRows, Kind::Choice(DeviceRows::VARIANTS)),
    (Column::Residency, Kind::Names),
    (Column::Profile, PROFILES),
    (Column::Twin, Kind::Name),
];

pub(super) const TENANTS: &[(Column, Kind)] = &[
    (Column::State, Kind::Choice(TenantState::VARIANTS)),
    (Column::Pools, Kind::Names),
    (Column::Residency, Kind::Names),
    (Column::Placement, PLACEMENTS),
    (Column::Hub, Kind::Hosts),
    (Column::ToleranceMs, Kind::Integer(0, MAX_MS)),
    (
        Column::WithoutLocation,
        Kind::Choice(WithoutLocation::VARIANTS),
    ),
    (Column::OnReprovision, Kind::Choice(OnReprovision::VARIANTS)),
    (Column::LocationFrom, Kind::Expression),
    (Column::GroupFrom, Kind::Expression),
    (Column::Twin, Kind::Name),
    (Column::Reply, Kind::Object),
    (Column::Salt, Kind::Text),
];

pub(super) const RULES: &[(Column, Kind)] = &[
    (Column::Mode, Kind::Choice(RuleMode::VARIANTS)),
    (Column::When, Kind::Expression),
    (Column::Unless, Kind::Expression),
    (Column::Begins, Kind::Instant),
    (Column::Ends, Kind::Instant),
    (Column::Pools, Kind::Names),
    (Column::Hub, Kind::Hosts),
    (Column::HubFrom, Kind::Expression),
    (Column::Placement, PLACEMENTS),
    (Column::Twin, Kind::Name),
    (Column::Refuse, Kind::Flag),
];

pub(super) const ROLLOUTS: &[(Column, Kind)] = &[
    (Column::From, Kind::HubsOrPools),
    (Column::To, Kind::HubsOrPools),
    (Column::Anew, Kind::Flag),
    (Column::MinGainMs, Kind::Integer(0, MAX_MS)),
    (Column::Cohort, Kind::Choice(Cohort::VARIANTS)),
    (Column::When, Kind::Expression),
    (Column::Steps, Kind::Steps),
    (Column::Ramp, Kind::Choice(Ramp::VARIANTS)),
    (Column::State, Kind::Choice(RolloutPhase::VARIANTS)),
    (Column::PausedAt, Kind::Instant),
    (Column::AbortedAt, Kind::Instant),
    (Column::Return, Kind::Flag),
    (Column::Include, Kind::Patterns),
    (Column::Exclude, Kind::Patterns),
    (Column::Salt, Kind::Text),
    (Column::Twin, Kind::Name),
];

pub(super) const LATENCY: &[(Column, Kind)] = &[(Column::Milliseconds, Kind::Integer(0, MAX_MS))];

pub(super) const TWINS: &[(Column, Kind)] = &[
    (Column::Tags, Kind::Object),
    (Column::Desired, Kind::Object),
    (Column::Reply, Kind::Object),
];

pub(super) const DEVICES: &[(Column, Kind)] = &[
    (Column::Tenant, Kind::Id),
    (Column::Location, Kind::Location),
    (Column::Residency, Kind::Names),
    (Column::Hub, Kind::Hosts),
    (Column::Group, Kind::Text),
    (Column::Profile, PROFILES),
    (Column::Attributes, Kind::Object),
    (Column::Twin, Kind::Name),
];
