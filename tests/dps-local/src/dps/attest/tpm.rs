//! Devices with a TPM: they are challenged with a key that only their TPM can open, and answer with a token that is
//! signed with it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::error::AttestationError;
use super::purpose::Purpose;
use crate::dps::caller::{Caller, Transport};
use crate::dps::core::Core;
use crate::enrollment::{Attestation, Individual, TpmKeys};
use crate::id::RegistrationId;
use crate::key::KeyPair;
use crate::registration::{Attested, Evidence, Registration, Source, Tpm};
use crate::state::State;
use crate::token::Token;
use crate::tpm::activation;

/// Challenges the TPM that a device shows: the key for it, wrapped, in base64.
pub(crate) fn challenge(
    core: &Core,
    id: &RegistrationId,
    caller: &Caller,
    shown: TpmKeys,
) -> Result<String, AttestationError> {
    if caller.id_scope != core.options.id_scope {
        return Err(AttestationError::IdScope);
    }
    check_transport(caller)?;
    let stated = stated(&core.data.read(), id)?;
    let storage_root_key = match (shown.storage_root_key, stated.storage_root_key) {
        (Some(shown), Some(stated)) if shown != stated => return Err(AttestationError::OtherTpm),
        (Some(key), _) | (None, Some(key)) => key,
        (None, None) => return Err(AttestationError::NoStorageRootKey),
    };
    if shown.endorsement_key != stated.endorsement_key {
        return Err(AttestationError::OtherTpm);
    }
    let keys = KeyPair::random();
    let wrapped = activation(&shown.endorsement_key, &storage_root_key, &keys.primary_key);
    let tpm = Tpm {
        endorsement_key: shown.endorsement_key,
        storage_root_key,
        keys,
        authentication_key: STANDARD.encode(wrapped),
    };
    let authentication_key = tpm.authentication_key.clone();
    core.challenges.begin(id, tpm, core.now());
    Ok(authentication_key)
}

/// Checks the answer to a challenge; later, that the device still holds the key that it registered with.
pub(super) fn attest(
    core: &Core,
    id: &RegistrationId,
    caller: &Caller,
    purpose: Purpose,
    token: &Token<'_>,
    (enrolled, stated): (RegistrationId, &TpmKeys),
) -> Result<Attested, AttestationError> {
    check_transport(caller)?;
    let now = core.now();
    let tpm = match purpose {
        Purpose::Register => core.challenges.get(id, now),
        Purpose::Ask => registered(&core.data.read(), id),
    };
    // The enrollment may be for another TPM by now.
    let tpm = tpm.filter(|tpm| tpm.endorsement_key == stated.endorsement_key);
    let tpm = tpm.ok_or(AttestationError::NoChallenge)?;
    let resource = format!("{}/registrations/{id}", core.options.id_scope);
    token.check(&resource, [&tpm.keys.primary_key], now)?;
    Ok(Attested {
        source: Source::Individual(enrolled),
        evidence: Evidence::Tpm(Box::new(tpm)),
    })
}

/// Source: <https://learn.microsoft.com/azure/iot-dps/iot-dps-mqtt-support>
fn check_transport(caller: &Caller) -> Result<(), AttestationError> {
    match caller.transport {
        Transport::Mqtt => Err(AttestationError::TpmOverMqtt),
        Transport::Https | Transport::Amqp => Ok(()),
    }
}

fn stated(state: &State, id: &RegistrationId) -> Result<TpmKeys, AttestationError> {
    let individual = state.get::<Individual>(&id.key());
    match individual.map(|it| &it.terms.attestation) {
        Some(Attestation::Tpm(stated)) => Ok(stated.clone()),
        Some(_) => Err(AttestationError::OtherMechanism),
        None => Err(AttestationError::UnknownTpm),
    }
}

fn registered(state: &State, id: &RegistrationId) -> Option<Tpm> {
    let registration = state.get::<Registration>(&id.key())?;
    match &registration.attested.evidence {
        Evidence::Tpm(tpm) => Some(Tpm::clone(tpm)),
        Evidence::SymmetricKey(_) | Evidence::X509 { .. } => None,
    }
}
