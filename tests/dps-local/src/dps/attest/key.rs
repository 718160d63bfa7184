//! Devices with tokens.

use super::error::AttestationError;
use super::purpose::Purpose;
use super::tpm;
use crate::dps::caller::Caller;
use crate::dps::core::Core;
use crate::enrollment::{Attestation, Group, Individual};
use crate::id::RegistrationId;
use crate::key::KeyPair;
use crate::registration::{Attested, Evidence, Source};
use crate::state::State;
use crate::token::Token;

/// What a token may be signed with.
enum Known {
    /// The keys of the device's own enrollment.
    Individual(RegistrationId, Attestation),
    /// Of every group that attests with keys.
    Groups(Vec<(RegistrationId, KeyPair)>),
}

pub(super) fn attest(
    core: &Core,
    id: &RegistrationId,
    caller: &Caller,
    purpose: Purpose,
    token: &Token<'_>,
) -> Result<Attested, AttestationError> {
    let known = known(&core.data.read(), id);
    let (resource, now) = (
        format!("{}/registrations/{id}", core.options.id_scope),
        core.now(),
    );
    match known {
        Known::Individual(enrolled, Attestation::SymmetricKey(Some(keys))) => {
            token.check(&resource, keys.keys(), now)?;
            Ok(Attested {
                source: Source::Individual(enrolled),
                evidence: Evidence::SymmetricKey(keys),
            })
        }
        Known::Individual(enrolled, Attestation::Tpm(stated)) => {
            tpm::attest(core, id, caller, purpose, token, (enrolled, &stated))
        }
        Known::Individual(..) => Err(AttestationError::OtherMechanism),
        // The device does not say which group it belongs to: it is in the one whose key its key was derived from.
        Known::Groups(groups) => {
            let mut error = AttestationError::NoEnrollment;
            for (group, keys) in groups {
                // As the device writes its id: that is what it has derived its key from.
                let derived = keys.derive(id.as_str());
                match token.check(&resource, derived.keys(), now) {
                    Ok(()) => {
                        return Ok(Attested {
                            source: Source::Group(group),
                            evidence: Evidence::SymmetricKey(derived),
                        });
                    }
                    Err(why) => error = why.into(),
                }
            }
            Err(error)
        }
    }
}

fn known(state: &State, id: &RegistrationId) -> Known {
    if let Some(individual) = state.get::<Individual>(&id.key()) {
        let attestation = individual.terms.attestation.clone();
        return Known::Individual(individual.registration_id.clone(), attestation);
    }
    let groups = state.all::<Group>().values();
    let with_keys = groups.filter_map(|group| match &group.terms.attestation {
        Attestation::SymmetricKey(Some(keys)) => {
            Some((group.enrollment_group_id.clone(), keys.clone()))
        }
        _ => None,
    });
    Known::Groups(with_keys.collect())
}
