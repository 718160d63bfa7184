//! What the steps of a decision share, and how they end.

use super::evidence_mode::EvidenceMode;
use super::facts::Facts;
use super::hash_input::HashInput;
use super::version::Version;
use crate::decision::{AssignedReason, Refusal, RefusedReason, Unavailable};
use crate::expression::{Inputs, Unreadable};
use crate::policy::{DeviceRow, EnrollmentRow, HubIndex, HubSet, Policy, Rollout};
use crate::registration::Registration;
use crate::trace::Trace;

/// A registration that is being decided.
pub(super) struct Context<'a, 't> {
    pub(super) policy: &'a Policy,
    pub(super) registration: &'a Registration<'a>,
    pub(super) facts: &'t Facts<'a>,
    pub(super) version: Version,
    /// The hubs that accept new devices now.
    pub(super) open: HubSet,
    pub(super) enrollment: &'a EnrollmentRow,
    pub(super) enrollment_key: &'a str,
    pub(super) device: Option<DeviceRow<'a>>,
    pub(super) inputs: Inputs<'a>,
    pub(super) hash_input: HashInput<'a>,
    pub(super) trace: &'t mut Trace,
    pub(super) mode: &'t mut EvidenceMode<'a>,
}

/// The chosen hub, and what led to it.
pub(super) struct Choice<'a> {
    pub(super) hub: ChosenHub<'a>,
    pub(super) reason: AssignedReason,
    pub(super) rollout: Option<&'a Rollout>,
}

/// A hub that may be the answer.
#[derive(Clone, Copy)]
pub(super) enum ChosenHub<'a> {
    Listed(HubIndex),
    /// The device's hub, which has no row, as `linkedHubs` spells it.
    Unlisted(&'a str),
}

impl<'a> ChosenHub<'a> {
    /// Its name, for people.
    pub(super) fn host(self, policy: &'a Policy) -> &'a str {
        match self {
            Self::Listed(hub) => policy.hubs.host(hub),
            Self::Unlisted(hub) => hub,
        }
    }

    /// The reason of a device that keeps it.
    pub(super) fn stay_reason(self) -> AssignedReason {
        match self {
            Self::Listed(_) => AssignedReason::Stay,
            Self::Unlisted(_) => AssignedReason::StayUnlisted,
        }
    }
}

/// Why there is no hub.
pub(super) enum Unassigned {
    Refused(Refusal),
    Unavailable(Unavailable),
}

impl From<Unreadable> for Unassigned {
    fn from(unreadable: Unreadable) -> Self {
        refuse(RefusedReason::MalformedRequest, unreadable.to_string())
    }
}

impl Unassigned {
    /// Adds the tenant of the device to a refusal.
    pub(super) fn for_tenant(self, tenant: &str) -> Self {
        match self {
            Self::Refused(refusal) => Self::Refused(Refusal {
                tenant: Some(tenant.into()),
                ..refusal
            }),
            Self::Unavailable(_) => self,
        }
    }
}

pub(super) fn refuse(reason: RefusedReason, detail: impl Into<String>) -> Unassigned {
    Unassigned::Refused(Refusal {
        reason,
        detail: detail.into(),
        tenant: None,
    })
}
