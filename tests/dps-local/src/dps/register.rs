//! The beginning of a registration.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::assign;
use super::attest::{AttestationError, Purpose, attest, challenge};
use super::caller::{Answer, Caller, Credential};
use super::core::Core;
use super::request::read;
use crate::enrollment::{Group, Individual, ProvisioningStatus, Terms, TpmKeys};
use crate::id::RegistrationId;
use crate::issuing::Csr;
use crate::log::Attempt;
use crate::refusal::Refusal;
use crate::registration::{Attested, Pending, Registration, Source};
use crate::state::State;
use crate::store::NotStored;

/// The member of an answer with the key for a TPM.
const AUTHENTICATION_KEY: &str = "authenticationKey";

/// What a registration begins with.
enum Begun {
    Assigning {
        operation: String,
    },
    Disabled(Attested),
    /// A key for the device's TPM, wrapped, in base64.
    Challenged(String),
}

/// Why it does not begin.
enum Refused {
    Attestation(AttestationError),
    Other(Refusal),
}

impl From<AttestationError> for Refused {
    fn from(error: AttestationError) -> Self {
        Self::Attestation(error)
    }
}

impl From<NotStored> for Refused {
    fn from(not_stored: NotStored) -> Self {
        Self::Other(not_stored.into())
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::Other(refusal)
    }
}

pub(super) async fn register(core: &Arc<Core>, caller: &Caller, body: &[u8]) -> Answer {
    let begun = begin(core, caller, body).await;
    answer(core, caller, begun)
}

/// Challenges a TPM whose device has not asked to register yet; the key for it, wrapped, or none if it is refused.
pub(super) fn challenge_ahead(
    core: &Arc<Core>,
    caller: &Caller,
    shown: TpmKeys,
) -> Option<Vec<u8>> {
    let begun = read(core, caller, b"")
        .map_err(Refused::from)
        .and_then(|(id, _)| challenged(core, id, caller, shown));
    let body = answer(core, caller, begun).body;
    STANDARD
        .decode(body.get(AUTHENTICATION_KEY)?.as_str()?)
        .ok()
}

/// Writes down how an attempt has begun, and goes on with it.
fn answer(
    core: &Arc<Core>,
    caller: &Caller,
    begun: Result<(RegistrationId, Begun), Refused>,
) -> Answer {
    let attempt = Attempt {
        time: core.written_now(),
        registration_id: &caller.registration_id,
        transport: Some(caller.transport.word()),
        ..Attempt::default()
    };
    match begun {
        Ok((id, Begun::Assigning { operation })) => {
            tokio::spawn(assign::run(Arc::clone(core), id.key(), operation.clone()));
            Answer {
                retry_after: Some(core.options.retry_after),
                ..Answer::new(
                    202,
                    json!({ "operationId": operation, "status": "assigning" }),
                )
            }
        }
        Ok((id, Begun::Disabled(attested))) => {
            core.record(&Attempt {
                outcome: "disabled",
                attestation_type: Some(attested.evidence.kind()),
                enrollment: Some(attested.source.id().as_str()),
                ..attempt
            });
            let state = json!({ "registrationId": id, "status": "disabled" });
            let body =
                json!({ "operationId": "", "status": "disabled", "registrationState": state });
            Answer::new(200, body)
        }
        Ok((id, Begun::Challenged(authentication_key))) => {
            core.record(&Attempt {
                outcome: "challenged",
                attestation_type: Some("tpm"),
                enrollment: Some(id.as_str()),
                ..attempt
            });
            let body = json!({
                "message": "Authorization required",
                AUTHENTICATION_KEY: authentication_key,
                "keyName": "registration",
            });
            Answer::new(401, body)
        }
        Err(refused) => {
            let has_failed_attestation = matches!(refused, Refused::Attestation(_));
            let (refusal, why) = match refused {
                Refused::Attestation(error) => (error.refusal(), error.to_string()),
                Refused::Other(refusal) => (refusal.clone(), refusal.message),
            };
            core.record(&Attempt {
                outcome: "refused",
                error_code: Some(refusal.code),
                error: Some(&why),
                has_failed_attestation,
                ..attempt
            });
            Answer::refused(&refusal, core.now())
        }
    }
}

async fn begin(
    core: &Core,
    caller: &Caller,
    body: &[u8],
) -> Result<(RegistrationId, Begun), Refused> {
    let (id, request) = read(core, caller, body)?;
    let csr = request.csr.map(|csr| Csr::read(csr, &id));
    let csr = csr.transpose().map_err(Refusal::invalid)?;
    if let (Credential::None, Some(tpm)) = (&caller.credential, request.tpm) {
        return challenged(core, id, caller, tpm);
    }
    core.count_registration()?;
    let attested = attest(core, &id, caller, Purpose::Register)?;
    let begun = core.data.edit(|edit| {
        // Of an enrollment that was deleted meanwhile, too.
        if status(edit, &attested.source) == ProvisioningStatus::Disabled {
            return Ok::<_, Refused>(Begun::Disabled(attested));
        }
        if csr.is_some() && !issues(edit, &attested.source) {
            let lacks = "the enrollment has no `certificatePolicyName`: no certificate is issued";
            return Err(Refusal::invalid(lacks).into());
        }
        let payload = request.payload;
        let (pending, now) = (Pending { payload, csr }, core.written_now());
        let registration = match edit.get::<Registration>(&id.key()) {
            Some(before) if before.is_assigning() => return Err(Refusal::conflict().into()),
            Some(before) => {
                let mut registration = before.clone();
                registration.begin(attested, pending, now);
                registration
            }
            None => {
                let count = edit.all::<Registration>().len();
                Refusal::check_count(count, core.options.limits.registrations, "registrations")?;
                Registration::new(id.clone(), attested, pending, now)
            }
        };
        let operation = registration.operation.clone();
        edit.put(registration);
        Ok(Begun::Assigning { operation })
    });
    let begun = begun.await??;
    core.challenges.end(&id);
    Ok((id, begun))
}

fn challenged(
    core: &Core,
    id: RegistrationId,
    caller: &Caller,
    shown: TpmKeys,
) -> Result<(RegistrationId, Begun), Refused> {
    core.count_registration()?;
    let authentication_key = challenge(core, &id, caller, shown)?;
    Ok((id, Begun::Challenged(authentication_key)))
}

fn status(state: &State, source: &Source) -> ProvisioningStatus {
    terms(state, source).map_or(ProvisioningStatus::Disabled, |terms| {
        terms.provisioning_status
    })
}

/// Whether devices of the enrollment can ask for a certificate.
fn issues(state: &State, source: &Source) -> bool {
    terms(state, source).is_some_and(|terms| terms.issuing_policy().is_some())
}

fn terms<'s>(state: &'s State, source: &Source) -> Option<&'s Terms> {
    let key = source.id().key();
    match source {
        Source::Individual(_) => state.get::<Individual>(&key).map(|it| &it.terms),
        Source::Group(_) => state.get::<Group>(&key).map(|it| &it.terms),
    }
}
