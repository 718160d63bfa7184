//! Why a rollout cannot be steered that way.

use super::schedule::ScheduleError;

/// A command does not fit the rollout; nothing is edited.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RolloutError {
    /// No row has that id.
    #[error("`{0}` is not in the rollouts table{1}; rollout list shows all")]
    Unknown(String, String),
    /// Several tenants have a rollout of that id.
    #[error("`{id}` names several rollouts: {several}; write TENANT/ID")]
    Ambiguous {
        /// What was asked for.
        id: String,
        /// Each as `tenant/id`.
        several: String,
    },
    /// The command needs another state.
    #[error("rollout `{id}` is {is}; {help}")]
    State {
        /// The rollout.
        id: String,
        /// What it is.
        is: &'static str,
        /// What to do.
        help: &'static str,
    },
    /// Nothing is left to promote to.
    #[error(
        "rollout `{id}` has reached its last step, {share}; write --full to go to 100%, or another \
         step into its row"
    )]
    NoNextStep {
        /// The rollout.
        id: String,
        /// The share of the last step.
        share: String,
    },
    /// Every device is selected.
    #[error("rollout `{0}` has reached 100%: there is nothing to promote")]
    Complete(String),
    /// It moves no device.
    #[error("rollout `{0}` has no `to`: it moves no device, so nothing can go back")]
    MovesNobody(String),
    /// Nobody has moved.
    #[error(
        "rollout `{0}` has reached no share yet, so nobody has moved by it; stop it instead, which \
         also ends what `include` pins"
    )]
    NobodyMoved(String),
    /// The hubs to go back to are not known.
    #[error(
        "rollout `{0}` has an empty `from`, so nothing says where its devices go back to; name the \
         hubs with --to"
    )]
    NoFrom(String),
    /// The steps of the way back.
    #[error("{0}")]
    Schedule(#[from] ScheduleError),
    /// The row for the way back is there.
    #[error(
        "the way back of `{id}` is planned already, as rollout `{back}`; show, pause or stop that one"
    )]
    Planned {
        /// The rollout.
        id: String,
        /// The rollout that leads back.
        back: String,
    },
}
