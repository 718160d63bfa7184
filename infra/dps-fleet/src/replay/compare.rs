//! A logged decision next to the one that is taken again.

use dps_allocation::{
    Decision, DecisionRecord, Facts, HubName, Known, Policy, RecordError, deciding_row, foresee,
};
use jiff::Timestamp;

use super::report::Difference;
use crate::fleet::HASHED;

/// What became of a logged decision.
pub(super) enum Compared {
    Same,
    Different(Difference),
    /// The log does not hold what the policy reads; names the row that reads it.
    Unknown(String),
    /// There is nothing to decide again; says why.
    Nothing(String),
}

/// Decides again and compares outcome, reason, tenant, hub and rollout.
///
/// # Errors
/// The rule that the line breaks.
pub(super) fn compare(
    policy: &Policy,
    at: Option<Timestamp>,
    record: &DecisionRecord<'_>,
) -> Result<Compared, String> {
    if record.ids_hashed {
        return Ok(Compared::Unknown(HASHED.to_owned()));
    }
    match again(policy, at, record) {
        Err(RecordError::NoRegistration(reason)) => Ok(Compared::Nothing(reason)),
        compared => compared.map_err(|error| error.to_string()),
    }
}

fn again(
    policy: &Policy,
    at: Option<Timestamp>,
    record: &DecisionRecord<'_>,
) -> Result<Compared, RecordError> {
    let registration = record.registration()?;
    let row = record.row()?;
    let facts = Facts {
        now: at.unwrap_or(record.time),
        // A row that names what the policy does not have is like one with errors.
        device: record.device(policy, row.as_ref())?,
    };
    let known = Known::Recorded(record.version()?, &record.evidence);
    let decision = match foresee(policy, &registration, &facts, known) {
        Ok(foreseen) => foreseen.decision,
        Err(missing) => return Ok(Compared::Unknown(missing.asked().to_owned())),
    };
    let logged = Answer {
        outcome: &record.outcome,
        reason: &record.reason,
        tenant: record.tenant.as_deref(),
        hub: record.hub.as_deref(),
        rollout: record.rollout.as_deref(),
    };
    let now = Answer::of(&decision);
    if logged.is_like(&now) {
        return Ok(Compared::Same);
    }
    let row = deciding_row(policy, &registration, &facts, known);
    Ok(Compared::Different(Difference {
        tenant: now.tenant.or(logged.tenant).map(str::to_owned),
        logged: logged.text(),
        now: now.text(),
        row: row.map(|row| crate::rows::name(&row)),
    }))
}

/// What of a decision counts.
struct Answer<'a> {
    outcome: &'a str,
    reason: &'a str,
    tenant: Option<&'a str>,
    hub: Option<&'a str>,
    rollout: Option<&'a str>,
}

impl<'a> Answer<'a> {
    fn of(decision: &'a Decision<'a>) -> Self {
        let assigned = match decision {
            Decision::Assigned(it) => Some(it),
            Decision::Refused(_) | Decision::Unavailable(_) => None,
        };
        Self {
            outcome: decision.outcome(),
            reason: decision.reason(),
            tenant: decision.tenant(),
            hub: assigned.map(|it| &*it.hub_name),
            rollout: assigned.and_then(|it| it.rollout),
        }
    }

    /// Whether both say the same; a hub has two host names.
    fn is_like(&self, other: &Self) -> bool {
        let hub = |it: &Self| it.hub.map(|hub| HubName::fold(hub).into_owned());
        (self.outcome, self.reason, self.tenant, self.rollout)
            == (other.outcome, other.reason, other.tenant, other.rollout)
            && hub(self) == hub(other)
    }

    /// `a.net, weighted`; of a refusal the reason alone.
    fn text(&self) -> String {
        let hub = self.hub.map(HubName::fold);
        let parts = [hub.as_deref(), Some(self.reason), self.rollout];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}
