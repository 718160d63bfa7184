//! Decides about a device under both policies.

mod judged;
mod registering;

use std::borrow::Cow;

use dps_allocation::wire::Text;
use dps_allocation::{
    Decision, DeviceFact, Facts, Foreseen, HubName, Known, Registration, foresee,
};

use super::pair::Pair;
use crate::fleet::Member;
use judged::Asked;
pub(crate) use judged::{Judged, Unjudged};
pub(crate) use registering::{Registering, Registrar};

/// Decides about devices, one after the other.
pub(crate) struct Judge<'p> {
    pair: &'p Pair<'p>,
    registrar: Registrar<'p>,
}

impl<'p> Judge<'p> {
    pub(crate) fn new(pair: &'p Pair<'p>) -> Self {
        Self {
            pair,
            registrar: Registrar::new(&pair.premises, &pair.from),
        }
    }

    /// Hands what is decided about a device to `use_it`.
    pub(crate) fn judge(
        &self,
        member: &Member<'_>,
        use_it: impl FnOnce(&Judged<'_>),
    ) -> Result<(), Unjudged> {
        let device = self.registrar.read(member)?;
        let pair = self.pair;
        let (from, to) = (device.row(pair.from.policy)?, device.row(pair.to.policy)?);
        let (registration, known) = (&device.registration, device.known);
        let before = self.before(registration, from, known)?;
        if !device.is_unplaced {
            return self.after(before, registration, to, known, use_it);
        }
        // The device is where the tables before the change place it.
        let host = match &before.decision {
            Decision::Assigned(it) => pair.premises.position(&it.hub_name),
            Decision::Refused(_) | Decision::Unavailable(_) => None,
        };
        let host = host.and_then(|at| pair.premises.hosts.get(usize::try_from(at).ok()?));
        let again = Registration {
            current_hub: host.map(|host| Text(Cow::Borrowed(&**host))),
            ..registration.clone()
        };
        let before = if pair.moves_at_once {
            self.before(&again, from, known)?
        } else {
            before
        };
        self.after(before, &again, to, known, use_it)
    }

    fn before<'a>(
        &self,
        registration: &'a Registration<'a>,
        device: DeviceFact<'a>,
        known: Known<'a>,
    ) -> Result<Foreseen<'a>, Unjudged>
    where
        'p: 'a,
    {
        let now = self.pair.from.at;
        let facts = Facts { now, device };
        Ok(foresee(self.pair.from.policy, registration, &facts, known)?)
    }

    fn after<'a>(
        &self,
        before: Foreseen<'a>,
        registration: &'a Registration<'a>,
        device: DeviceFact<'a>,
        known: Known<'a>,
        use_it: impl FnOnce(&Judged<'_>),
    ) -> Result<(), Unjudged>
    where
        'p: 'a,
    {
        let policy = self.pair.to.policy;
        let facts = Facts {
            now: self.pair.to.at,
            device,
        };
        let after = foresee(policy, registration, &facts, known)?;
        use_it(&Judged {
            id: registration.id.as_str(),
            enrollment: registration.enrollment.id.as_str(),
            now: registration.current_hub.as_deref().map(HubName::fold),
            twin_is_known: before.twin_is_known && after.twin_is_known,
            from: before.decision,
            to: after.decision,
            asked: Asked {
                policy,
                registration,
                facts,
                known,
            },
        });
        Ok(())
    }
}
