//! Whether a device is who it says, and through which enrollment it comes.
//!
//! Signatures are computed and certificates compared while nothing is locked: the state is read for no longer than it
//! takes to copy what a credential is compared with.

mod certificate;
mod error;
mod key;
mod purpose;
mod tpm;

pub(super) use error::AttestationError;
pub(super) use purpose::Purpose;
pub(super) use tpm::challenge;

use super::caller::{Caller, Credential};
use super::core::Core;
use crate::id::RegistrationId;
use crate::registration::Attested;
use crate::token::Token;

/// Checks a device's credential. An individual enrollment takes precedence over all groups.
pub(super) fn attest(
    core: &Core,
    id: &RegistrationId,
    caller: &Caller,
    purpose: Purpose,
) -> Result<Attested, AttestationError> {
    if caller.id_scope != core.options.id_scope {
        return Err(AttestationError::IdScope);
    }
    match &caller.credential {
        Credential::None => Err(AttestationError::NoCredential),
        Credential::Token(text) => key::attest(core, id, caller, purpose, &Token::parse(text)?),
        Credential::Certificates(presented) => certificate::attest(core, id, presented),
    }
}
