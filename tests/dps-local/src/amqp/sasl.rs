//! What a client shows before it opens a connection: a token, the certificate of its handshake, or a TPM.
//!
//! Tokens and certificates are checked with each request, as over MQTT.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use fe2o3_amqp::acceptor::SaslAcceptor;
use fe2o3_amqp::acceptor::sasl_acceptor::SaslServerFrame;
use fe2o3_amqp::types::primitives::{Array, Symbol};
use fe2o3_amqp::types::sasl::{SaslChallenge, SaslCode, SaslInit, SaslOutcome, SaslResponse};
use rustls::pki_types::CertificateDer;

use crate::dps::{Caller, Credential, Dps, Transport};
use crate::enrollment::TpmKeys;
use crate::tpm::TpmKey;

/// What is sent at a time, so that it fits into the smallest frame, of 512 bytes.
const SEGMENT: usize = 400;

/// Before a segment, and before the last one.
const MORE: u8 = 0x80;
const LAST: u8 = 0xC0;

/// Who a client says it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) id_scope: String,
    pub(super) registration_id: String,
}

impl Name {
    /// Reads `{idScope}/registrations/{registrationId}`, a user name or the address of a link.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (id_scope, rest) = text.split_once('/')?;
        let registration_id = rest.strip_prefix("registrations/")?;
        Some(Self {
            id_scope: id_scope.to_owned(),
            registration_id: registration_id.to_owned(),
        })
    }
}

/// What a client has shown.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    /// None if only its links say who it is.
    pub(super) name: Option<Name>,
    pub(super) credential: Credential,
}

/// One negotiation. Clones are the same.
#[derive(Clone, Debug)]
pub(super) struct Sasl {
    dps: Dps,
    certificates: Arc<[CertificateDer<'static>]>,
    step: Arc<Mutex<Step>>,
}

#[derive(Debug)]
enum Step {
    Begun,
    /// A TPM has shown its endorsement key, and is to show the other one.
    Tpm(Name, TpmKey),
    /// Its challenge is being sent; then comes its answer.
    Challenged(Name, VecDeque<Vec<u8>>),
    Done(Shown),
    Failed,
}

impl Sasl {
    pub(super) fn new(dps: Dps, certificates: Arc<[CertificateDer<'static>]>) -> Self {
        Self {
            dps,
            certificates,
            step: Arc::new(Mutex::new(Step::Begun)),
        }
    }

    /// None if it has not ended well.
    pub(super) fn shown(&self) -> Option<Shown> {
        let step = self.step.lock().unwrap_or_else(PoisonError::into_inner);
        match &*step {
            Step::Done(shown) => Some(shown.clone()),
            _ => None,
        }
    }

    /// Goes on to the next step; without one the negotiation has failed.
    fn go_on(&self, next: impl FnOnce(Step) -> Option<(Step, Vec<u8>)>) -> SaslServerFrame {
        let mut step = self.step.lock().unwrap_or_else(PoisonError::into_inner);
        let next = next(std::mem::replace(&mut *step, Step::Failed));
        let challenge = next.and_then(|(next, challenge)| {
            *step = next;
            (!matches!(&*step, Step::Done(_))).then_some(challenge)
        });
        match (challenge, &*step) {
            (Some(challenge), _) => SaslServerFrame::Challenge(SaslChallenge {
                challenge: challenge.into(),
            }),
            (None, Step::Done(_)) => outcome(SaslCode::Ok),
            (None, _) => outcome(SaslCode::Auth),
        }
    }

    fn begin(&self, mechanism: &str, response: &[u8]) -> Option<(Step, Vec<u8>)> {
        match mechanism {
            "PLAIN" => {
                let [_, user, password] = parts(response)?;
                let shown = Shown {
                    name: Some(Name::parse(text(user)?)?),
                    credential: Credential::Token(text(password)?.to_owned()),
                };
                Some((Step::Done(shown), Vec::new()))
            }
            "EXTERNAL" => {
                let shown = Shown {
                    name: None,
                    credential: Credential::new(None, &self.certificates),
                };
                Some((Step::Done(shown), Vec::new()))
            }
            "TPM" => {
                let [_, id_scope, registration_id, key] = parts(response)?;
                let name = Name {
                    id_scope: text(id_scope)?.to_owned(),
                    registration_id: text(registration_id)?.to_owned(),
                };
                Some((Step::Tpm(name, TpmKey::read(key).ok()?), vec![0]))
            }
            _ => None,
        }
    }

    fn respond(&self, step: Step, response: &[u8]) -> Option<(Step, Vec<u8>)> {
        let [0, response @ ..] = response else {
            return None;
        };
        match step {
            Step::Tpm(name, endorsement_key) => {
                let keys = TpmKeys {
                    endorsement_key,
                    storage_root_key: Some(TpmKey::read(response).ok()?),
                };
                let challenge = self.dps.challenge(&caller(&name, Credential::None), keys)?;
                next_segment(name, segments(&challenge))
            }
            Step::Challenged(name, rest) if !rest.is_empty() => next_segment(name, rest),
            Step::Challenged(name, _) => {
                let shown = Shown {
                    name: Some(name),
                    credential: Credential::Token(text(response)?.to_owned()),
                };
                Some((Step::Done(shown), Vec::new()))
            }
            Step::Begun | Step::Done(_) | Step::Failed => None,
        }
    }
}

impl SaslAcceptor for Sasl {
    fn mechanisms(&self) -> Array<Symbol> {
        Array::from(["PLAIN", "EXTERNAL", "TPM"].map(Symbol::from).to_vec())
    }

    fn on_init(&mut self, init: SaslInit) -> SaslServerFrame {
        let response = init.initial_response.unwrap_or_default();
        self.go_on(|_| self.begin(init.mechanism.as_str(), &response))
    }

    fn on_response(&mut self, response: SaslResponse) -> SaslServerFrame {
        self.go_on(|step| self.respond(step, &response.response))
    }
}

pub(super) fn caller(name: &Name, credential: Credential) -> Caller {
    Caller {
        id_scope: name.id_scope.clone(),
        registration_id: name.registration_id.clone(),
        credential,
        transport: Transport::Amqp,
    }
}

/// So many parts with a zero between each and the next; the last may have zeros.
fn parts<const COUNT: usize>(bytes: &[u8]) -> Option<[&[u8]; COUNT]> {
    let parts = bytes.splitn(COUNT, |byte| *byte == 0);
    parts.collect::<Vec<_>>().try_into().ok()
}

fn text(bytes: &[u8]) -> Option<&str> {
    str::from_utf8(bytes).ok()
}

fn segments(challenge: &[u8]) -> VecDeque<Vec<u8>> {
    let count = challenge.len().div_ceil(SEGMENT);
    let chunks = challenge.chunks(SEGMENT).enumerate();
    let numbered = chunks.map(|(number, chunk)| {
        let control = if number + 1 == count { LAST } else { MORE };
        [&[control], chunk].concat()
    });
    numbered.collect()
}

fn next_segment(name: Name, mut rest: VecDeque<Vec<u8>>) -> Option<(Step, Vec<u8>)> {
    let segment = rest.pop_front()?;
    Some((Step::Challenged(name, rest), segment))
}

fn outcome(code: SaslCode) -> SaslServerFrame {
    SaslServerFrame::Outcome(SaslOutcome {
        code,
        additional_data: None,
    })
}
