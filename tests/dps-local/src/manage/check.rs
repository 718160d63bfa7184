//! What an enrollment has to be to be taken.

use crate::authority::Authority;
use crate::enrollment::{AllocationPolicy, Attestation, Terms, Trusted};
use crate::hub::LinkedHub;
use crate::refusal::Refusal;
use crate::state::State;

pub(super) fn check(state: &State, terms: &Terms, of_group: bool) -> Result<(), Refusal> {
    let problem = attestation(state, &terms.attestation, of_group)
        .or_else(|| allocation(terms))
        .or_else(|| hubs(state, terms));
    match problem {
        None => Ok(()),
        Some(problem) => Err(Refusal::invalid(problem)),
    }
}

fn attestation(state: &State, attestation: &Attestation, of_group: bool) -> Option<String> {
    let trusted = match attestation {
        Attestation::SymmetricKey(_) => return None,
        Attestation::Tpm(_) => {
            let problem =
                "attestation `tpm` is for individual enrollments: each TPM has keys of its own";
            return of_group.then(|| problem.to_owned());
        }
        Attestation::X509(trusted) => trusted,
    };
    let (count, of_groups) = match trusted {
        Trusted::ClientCertificates(stated) => (stated.iter().count(), false),
        Trusted::SigningCertificates(stated) => (stated.iter().count(), true),
        Trusted::CaReferences(names) => (names.iter().count(), true),
    };
    if of_group != of_groups {
        return Some(
            "individual enrollments have clientCertificates, groups have signingCertificates or caReferences"
                .to_owned(),
        );
    }
    if count == 0 {
        return Some("there has to be a primary or a secondary certificate".to_owned());
    }
    let Trusted::CaReferences(names) = trusted else {
        return None;
    };
    let is_verified = |name: &&String| {
        let authority = state.get::<Authority>(&name.to_lowercase());
        authority.is_some_and(|authority| authority.is_verified)
    };
    let unknown = names.iter().find(|name| !is_verified(name))?;
    Some(format!(
        "`{unknown}` is not the name of a verified certificate of this service"
    ))
}

fn allocation(terms: &Terms) -> Option<String> {
    let custom = terms.custom_allocation_definition.as_ref();
    let complete =
        custom.is_some_and(|it| !it.webhook_url.is_empty() && !it.api_version.is_empty());
    let hubs = terms.iot_hubs.as_ref().map_or(0, Vec::len)
        + usize::from(terms.iot_hub_host_name.is_some());
    match terms.allocation_policy {
        AllocationPolicy::Custom if !complete => Some(
            "A CustomAllocationDefinition is required when the allocation policy is set to 'Custom'".to_owned(),
        ),
        AllocationPolicy::Static if hubs == 0 => {
            Some("the allocation policy 'static' needs a hub in iotHubs".to_owned())
        }
        _ => None,
    }
}

fn hubs(state: &State, terms: &Terms) -> Option<String> {
    let named = terms
        .iot_hubs
        .iter()
        .flatten()
        .chain(&terms.iot_hub_host_name);
    let mut unknown = named.filter(|hub| state.get::<LinkedHub>(&hub.key()).is_none());
    unknown
        .next()
        .map(|hub| format!("`{hub}` is not linked to this service"))
}
