//! Why there is no plan.

use crate::rollout::ScheduleError;

/// A plan cannot be made; nothing is edited.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// A word names no row of `hubs`; with the nearest.
    #[error("`{0}` is not a hub of the tables{1}")]
    UnknownHub(String, String),
    /// A word names no row of `hubs`, and no pool.
    #[error("`{0}` is neither a hub of the tables nor a pool{1}")]
    UnknownHubOrPool(String, String),
    /// Several hubs begin with that label.
    #[error("`{0}` names several hubs; write the host name of one")]
    Ambiguous(String),
    /// No row of `tenants`.
    #[error("`{0}` is not in the tenants table")]
    UnknownTenant(String),
    /// No row of `enrollments`.
    #[error("`{0}` is not in the enrollments table")]
    UnknownEnrollment(String),
    /// A hub that devices leave is also one that they go to.
    #[error("`{0}` is in --from and in --to; a device would stay where it is")]
    Both(String),
    /// The rows are there.
    #[error("there is a rollout `{0}` already; choose another id with --id")]
    Taken(String),
    /// The device has a row already: the scope and the id of its rollout.
    #[error(
        "rollout `{1}` moves this device already; to change its hub: dps-policy set rollouts '{0}/{1}' to=HUB"
    )]
    Moved(String, String),
    /// A plan would never move anybody.
    #[error("{0}")]
    Schedule(#[from] ScheduleError),
    /// Nothing is left.
    #[error("no other hub is open, so `{0}` cannot be emptied; open one, or name some with --to")]
    NowhereToGo(String),
    /// One hub, or none.
    #[error("--weights names {0}; it takes two hubs to balance")]
    TooFew(usize),
    /// All weights are 0.
    #[error("all weights are 0, so no hub is to have devices")]
    NoWeight,
    /// `check` refuses tables in which only targets of rollouts have a weight.
    #[error(
        "only hubs that get devices would keep a weight; empty the hubs of weight 0 with drain, or \
         leave one of those that give a weight of 1"
    )]
    OnlyTargets,
    /// The loads are those of other hubs.
    #[error("--loads has no `{0}`, which --weights names; count its devices too")]
    NoLoad(String),
    /// Nothing to do.
    #[error("the hubs are balanced already: no device has to move")]
    Balanced,
    /// A tenant may use only some of the hubs.
    #[error(
        "tenant `{tenant}` may not use `{hub}`, which its other hubs would hand devices to; balance \
         the hubs of each tenant for itself, with --tenant"
    )]
    Uneven {
        /// The tenant.
        tenant: String,
        /// A hub that is not its own.
        hub: String,
    },
    /// The moment has passed.
    #[error("{0} has passed already; name a later time")]
    Passed(String),
}
