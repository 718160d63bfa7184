//! Whether a device is who it says, and through which enrollment it comes.

use jiff::Timestamp;

use super::caller::{Caller, Credential};
use crate::authority::Authority;
use crate::certificate::Certificate;
use crate::chain::Chain;
use crate::enrollment::{Attestation, Group, Individual, Trusted};
use crate::id::RegistrationId;
use crate::refusal::Refusal;
use crate::registration::{Attested, Evidence, Source};
use crate::state::State;
use crate::token::{Token, TokenError};

/// Why a device is not who it says. The device is told less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum AttestationError {
    #[error("the id scope is another")]
    IdScope,
    #[error("there is no credential")]
    NoCredential,
    #[error("no enrollment attests like this")]
    NoEnrollment,
    #[error("the enrollment of the device attests in another way")]
    OtherMechanism,
    #[error(transparent)]
    Token(#[from] TokenError),
    #[error("the certificate cannot be read")]
    Unreadable,
    #[error("the common name of the certificate is not the registration id")]
    CommonName,
    #[error("the certificate is not valid at this time")]
    NotValidNow,
    #[error("the certificate is not one that the enrollment trusts")]
    NotTrusted,
}

impl AttestationError {
    pub(super) fn refusal(self) -> Refusal {
        match self {
            Self::NoCredential => Refusal::unauthorized(),
            Self::Unreadable | Self::CommonName | Self::NotValidNow | Self::NotTrusted => {
                Refusal::invalid_certificate()
            }
            Self::IdScope | Self::NoEnrollment | Self::OtherMechanism | Self::Token(_) => {
                Refusal::unauthorized_access()
            }
        }
    }
}

/// Checks a device's credential. An individual enrollment takes precedence over all groups.
pub(super) fn attest(
    state: &State,
    id_scope: &str,
    id: &RegistrationId,
    caller: &Caller,
    now: Timestamp,
) -> Result<Attested, AttestationError> {
    if caller.id_scope != id_scope {
        return Err(AttestationError::IdScope);
    }
    let individual = state.get::<Individual>(&id.key());
    match &caller.credential {
        Credential::None => Err(AttestationError::NoCredential),
        Credential::Token(text) => {
            let token = Token::parse(text)?;
            let resource = format!("{id_scope}/registrations/{id}");
            match individual {
                Some(individual) => by_key(individual, &token, &resource, now),
                None => by_derived_key(state, id, &token, &resource, now),
            }
        }
        Credential::Certificates(presented) => {
            let chain = Chain::read(presented).ok_or(AttestationError::Unreadable)?;
            let named = chain.leaf.common_name();
            if !named.is_some_and(|name| name.eq_ignore_ascii_case(id.as_str())) {
                return Err(AttestationError::CommonName);
            }
            if !chain.leaf.is_valid_at(now) {
                return Err(AttestationError::NotValidNow);
            }
            match individual {
                Some(individual) => by_leaf(individual, chain),
                None => by_issuer(state, chain, now),
            }
        }
    }
}

fn by_key(
    individual: &Individual,
    token: &Token<'_>,
    resource: &str,
    now: Timestamp,
) -> Result<Attested, AttestationError> {
    let Attestation::SymmetricKey(Some(keys)) = &individual.terms.attestation else {
        return Err(AttestationError::OtherMechanism);
    };
    token.check(resource, keys.keys(), now)?;
    Ok(Attested {
        source: Source::Individual(individual.registration_id.clone()),
        evidence: Evidence::SymmetricKey(keys.clone()),
    })
}

/// The device does not say which group it belongs to: it is in the one whose key its key was derived from.
fn by_derived_key(
    state: &State,
    id: &RegistrationId,
    token: &Token<'_>,
    resource: &str,
    now: Timestamp,
) -> Result<Attested, AttestationError> {
    let mut error = AttestationError::NoEnrollment;
    for group in state.all::<Group>().values() {
        let Attestation::SymmetricKey(Some(keys)) = &group.terms.attestation else {
            continue;
        };
        // As the device writes its id: that is what it has derived its key from.
        let derived = keys.derive(id.as_str());
        match token.check(resource, derived.keys(), now) {
            Ok(()) => {
                return Ok(Attested {
                    source: Source::Group(group.enrollment_group_id.clone()),
                    evidence: Evidence::SymmetricKey(derived),
                });
            }
            Err(why) => error = why.into(),
        }
    }
    Err(error)
}

fn by_leaf(individual: &Individual, chain: Chain) -> Result<Attested, AttestationError> {
    let Attestation::X509(Trusted::ClientCertificates(stated)) = &individual.terms.attestation
    else {
        return Err(AttestationError::OtherMechanism);
    };
    if !stated.iter().any(|stated| stated.certificate == chain.leaf) {
        return Err(AttestationError::NotTrusted);
    }
    Ok(Attested {
        source: Source::Individual(individual.registration_id.clone()),
        evidence: Evidence::X509 {
            leaf: chain.leaf,
            signing: None,
        },
    })
}

/// The group whose certificate is nearest to the leaf in the chain counts.
fn by_issuer(state: &State, chain: Chain, now: Timestamp) -> Result<Attested, AttestationError> {
    let groups = state.all::<Group>().values();
    let chain_leads = |anchor: &Certificate| chain.distance(anchor, now);
    let anchored = groups.flat_map(|group| {
        let anchors = anchors(state, group).into_iter();
        anchors.filter_map(move |anchor| Some((chain_leads(anchor)?, group, anchor)))
    });
    let (_, group, signing) = anchored
        .min_by_key(|(distance, ..)| *distance)
        .ok_or(AttestationError::NotTrusted)?;
    Ok(Attested {
        source: Source::Group(group.enrollment_group_id.clone()),
        evidence: Evidence::X509 {
            signing: Some(signing.clone()),
            leaf: chain.leaf,
        },
    })
}

fn anchors<'s>(state: &'s State, group: &'s Group) -> Vec<&'s Certificate> {
    let Attestation::X509(trusted) = &group.terms.attestation else {
        return Vec::new();
    };
    match trusted {
        Trusted::ClientCertificates(_) => Vec::new(),
        Trusted::SigningCertificates(stated) => stated.iter().map(|it| &it.certificate).collect(),
        Trusted::CaReferences(names) => {
            let keys = names.iter().map(|name| name.to_lowercase());
            let authorities = keys.filter_map(|key| state.get::<Authority>(&key));
            let verified = authorities.filter(|authority| authority.is_verified);
            verified.map(|authority| &authority.certificate).collect()
        }
    }
}
