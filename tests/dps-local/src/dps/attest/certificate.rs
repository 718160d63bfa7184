//! Devices with certificates.

use rustls::pki_types::CertificateDer;

use super::error::AttestationError;
use crate::authority::Authority;
use crate::certificate::Certificate;
use crate::chain::Chain;
use crate::dps::core::Core;
use crate::enrollment::{Attestation, Group, Individual, Trusted};
use crate::id::RegistrationId;
use crate::registration::{Attested, Evidence, Source};
use crate::state::State;

/// The certificates that a chain is checked against.
enum Known {
    /// Those of the device's own enrollment.
    Individual(RegistrationId, Attestation),
    /// Each one that a group trusts.
    Groups(Vec<(RegistrationId, Certificate)>),
}

pub(super) fn attest(
    core: &Core,
    id: &RegistrationId,
    presented: &[CertificateDer<'_>],
) -> Result<Attested, AttestationError> {
    let chain = Chain::read(presented).ok_or(AttestationError::Unreadable)?;
    let (named, now) = (chain.leaf.common_name(), core.now());
    if !named.is_some_and(|name| name.eq_ignore_ascii_case(id.as_str())) {
        return Err(AttestationError::CommonName);
    }
    if !chain.leaf.is_valid_at(now) {
        return Err(AttestationError::NotValidNow);
    }
    let known = known(&core.data.read(), id);
    let (source, signing) = match known {
        Known::Individual(enrolled, Attestation::X509(Trusted::ClientCertificates(stated))) => {
            if !stated.iter().any(|stated| stated.certificate == chain.leaf) {
                return Err(AttestationError::NotTrusted);
            }
            (Source::Individual(enrolled), None)
        }
        Known::Individual(..) => return Err(AttestationError::OtherMechanism),
        // The group whose certificate is nearest to the leaf in the chain counts.
        Known::Groups(anchors) => {
            let anchors = anchors.into_iter();
            let reached = anchors
                .filter_map(|(group, anchor)| Some((chain.distance(&anchor, now)?, group, anchor)));
            let (_, group, anchor) = reached
                .min_by_key(|(distance, ..)| *distance)
                .ok_or(AttestationError::NotTrusted)?;
            (Source::Group(group), Some(anchor))
        }
    };
    Ok(Attested {
        source,
        evidence: Evidence::X509 {
            leaf: chain.leaf,
            signing,
        },
    })
}

fn known(state: &State, id: &RegistrationId) -> Known {
    if let Some(individual) = state.get::<Individual>(&id.key()) {
        let attestation = individual.terms.attestation.clone();
        return Known::Individual(individual.registration_id.clone(), attestation);
    }
    let groups = state.all::<Group>().values();
    let anchored = groups.flat_map(|group| {
        let anchors = anchors(state, group).into_iter();
        anchors.map(|anchor| (group.enrollment_group_id.clone(), anchor))
    });
    Known::Groups(anchored.collect())
}

fn anchors(state: &State, group: &Group) -> Vec<Certificate> {
    let Attestation::X509(trusted) = &group.terms.attestation else {
        return Vec::new();
    };
    match trusted {
        Trusted::ClientCertificates(_) => Vec::new(),
        Trusted::SigningCertificates(stated) => {
            stated.iter().map(|it| it.certificate.clone()).collect()
        }
        Trusted::CaReferences(names) => {
            let keys = names.iter().map(|name| name.to_lowercase());
            let authorities = keys.filter_map(|key| state.get::<Authority>(&key));
            let verified = authorities.filter(|authority| authority.is_verified);
            verified
                .map(|authority| authority.certificate.clone())
                .collect()
        }
    }
}
