//! The words of columns that hold one of a few: `Default` is what an empty cell means.

use strum::{EnumString, IntoStaticStr, VariantNames};

/// Whether a hub accepts devices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumString, VariantNames)]
#[strum(serialize_all = "camelCase")]
pub(crate) enum HubState {
    /// It accepts new devices and keeps its own.
    #[default]
    Open,
    /// It keeps its devices and accepts no new ones.
    Draining,
    /// It accepts and keeps no device.
    Closed,
}

/// What a hub speaks; it can never be changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumString, VariantNames)]
#[strum(serialize_all = "camelCase")]
pub(crate) enum HubProfile {
    #[default]
    Classic,
    MqttV5,
}

/// Which hubs a device can use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "camelCase")]
pub(crate) enum DeviceProfile {
    #[default]
    Classic,
    MqttV5,
    Both,
}

/// Whether an enrollment reads the row of the device in `devices`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumString, VariantNames)]
#[strum(serialize_all = "camelCase")]
pub enum DeviceRows {
    /// The table is not read.
    #[default]
    Off,
    /// A row counts if there is one. While the table cannot be read, a device keeps its hub, and
    /// DPS has to try again for a new device.
    Optional,
    /// A row counts if there is one; while the table cannot be read, the decision ignores it.
    BestEffort,
    /// A device without a row is refused; while the table cannot be read, DPS has to try again.
    Required,
}

/// Whether a tenant's devices are served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, EnumString, VariantNames)]
#[strum(serialize_all = "camelCase")]
pub(crate) enum TenantState {
    #[default]
    Active,
    Suspended,
}

/// How the hub of a device without one is chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, EnumString, VariantNames)]
#[strum(serialize_all = "camelCase")]
pub(crate) enum Placement {
    /// The nearest hubs, and among them by weight.
    Latency,
    /// By weight.
    #[default]
    Weighted,
    /// The first hub in host-name order that has a weight, the same for every device.
    Static,
}

/// What placement `latency` does without a usable location.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, EnumString, VariantNames)]
#[strum(serialize_all = "camelCase")]
pub(crate) enum WithoutLocation {
    #[default]
    Weighted,
    Refuse,
}

/// What happens to a device whose hub is still eligible.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, EnumString, VariantNames)]
#[strum(serialize_all = "camelCase")]
pub(crate) enum OnReprovision {
    #[default]
    Stay,
    Replace,
}

/// Whether a rule ends the search for the first one that matches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumString, VariantNames)]
#[strum(serialize_all = "camelCase")]
pub(crate) enum RuleMode {
    /// It does: of these rules, the first one that matches applies.
    #[default]
    First,
    /// It applies whenever it matches, besides all others.
    Also,
}

/// Which devices a rollout may select.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumString, VariantNames)]
#[strum(serialize_all = "camelCase")]
pub(crate) enum Cohort {
    /// Those without a hub.
    New,
    /// Those with a hub.
    Existing,
    #[default]
    All,
}

/// How the share of a rollout grows from one step to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumString, VariantNames)]
#[strum(serialize_all = "camelCase")]
pub enum Ramp {
    /// At once, when the step's time has come.
    #[default]
    Step,
    /// Evenly over the time between two steps.
    Linear,
}

/// Whether a rollout proceeds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumString, VariantNames)]
#[strum(serialize_all = "camelCase")]
pub(crate) enum RolloutPhase {
    #[default]
    Running,
    Paused,
    Aborted,
}
