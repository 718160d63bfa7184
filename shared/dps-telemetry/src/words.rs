//! The words that spans, metrics and log lines use as values.

use strum::IntoStaticStr;

/// The route that DPS calls, as the Functions host publishes it.
pub(crate) const ALLOCATE: &str = "/api/allocate";

/// How a request to allocate ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Outcome {
    /// With a hub.
    Assigned,
    /// With the answer that the device may not be assigned: as the policy says, so no error.
    Refused,
    /// Not now: an error.
    Unavailable,
    /// By a fault of the program: an error.
    Failed,
}

/// How a poll of the config tables ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum PollOutcome {
    /// The tables are those that were read before. Not exported, unless a call failed: thousands a
    /// day that say nothing.
    Unchanged,
    /// The tables have changed, and may change again.
    Editing,
    /// A push is under way; the policy before it stays in use.
    Pushing,
    /// The same for so long that the push was probably interrupted.
    #[strum(serialize = "pushing")]
    PushOverdue,
    /// A policy was installed. Its word is published, and queries hold it.
    #[strum(serialize = "taken")]
    Installed,
    /// The tables were refused.
    Refused,
    /// The tables could not be read.
    Failed,
}

/// A call of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Operation {
    /// Whether the tables have changed.
    Fingerprint,
    /// All tables.
    ReadTables,
    /// The row of one device.
    ReadDevice,
}

/// The routes that need a key, by the paths that the Functions host publishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
pub enum Guarded {
    /// What DPS calls.
    #[strum(serialize = "/api/allocate")]
    Allocate,
    /// The reasoning, for operators.
    #[strum(serialize = "/api/explain")]
    Explain,
    /// The policy in use, for operators.
    #[strum(serialize = "/api/policy")]
    Policy,
}

/// The word for an attribute.
pub(crate) fn word(value: impl Into<&'static str>) -> &'static str {
    value.into()
}

impl Outcome {
    /// The word for spans, metrics and logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}
