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

use super::shown::{Name, Shown};
use crate::dps::{Credential, Dps};
use crate::enrollment::TpmKeys;
use crate::tpm::TpmKey;

/// What is sent at a time, so that it fits into the smallest frame, of 512 bytes.
const SEGMENT: usize = 400;

/// Before a segment, and before the last one.
const MORE: u8 = 0x80;
const LAST: u8 = 0xC0;

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

/// How a negotiation goes on.
enum Next {
    Challenge(Step, Vec<u8>),
    Done(Shown),
}

impl Sasl {
    pub(super) fn new(dps: Dps, certificates: Arc<[CertificateDer<'static>]>) -> Self {
        Self {
            dps,
            certificates,
            step: Arc::new(Mutex::new(Step::Begun)),
        }
    }

    /// `None` if it has not ended well.
    pub(super) fn shown(&self) -> Option<Shown> {
        let step = self.step.lock().unwrap_or_else(PoisonError::into_inner);
        match &*step {
            Step::Done(shown) => Some(shown.clone()),
            _ => None,
        }
    }

    /// Goes on to the next step; without one the negotiation has failed.
    fn go_on(&self, next: impl FnOnce(Step) -> Option<Next>) -> SaslServerFrame {
        let mut step = self.step.lock().unwrap_or_else(PoisonError::into_inner);
        match next(std::mem::replace(&mut *step, Step::Failed)) {
            Some(Next::Challenge(next, challenge)) => {
                *step = next;
                SaslServerFrame::Challenge(SaslChallenge {
                    challenge: challenge.into(),
                })
            }
            Some(Next::Done(shown)) => {
                *step = Step::Done(shown);
                outcome(SaslCode::Ok)
            }
            None => outcome(SaslCode::Auth),
        }
    }

    fn begin(&self, mechanism: &str, response: &[u8]) -> Option<Next> {
        match mechanism {
            "PLAIN" => {
                let [_, user, password] = parts(response)?;
                let shown = Shown {
                    name: Some(Name::parse(text(user)?)?),
                    credential: Credential::Token(text(password)?.to_owned()),
                };
                Some(Next::Done(shown))
            }
            "EXTERNAL" => {
                let shown = Shown {
                    name: None,
                    credential: Credential::new(None, &self.certificates),
                };
                Some(Next::Done(shown))
            }
            "TPM" => {
                let [_, id_scope, registration_id, key] = parts(response)?;
                let name = Name {
                    id_scope: text(id_scope)?.to_owned(),
                    registration_id: text(registration_id)?.to_owned(),
                };
                let step = Step::Tpm(name, TpmKey::read(key).ok()?);
                Some(Next::Challenge(step, vec![0]))
            }
            _ => None,
        }
    }

    fn respond(&self, step: Step, response: &[u8]) -> Option<Next> {
        let [0, response @ ..] = response else {
            return None;
        };
        match step {
            Step::Tpm(name, endorsement_key) => {
                let keys = TpmKeys {
                    endorsement_key,
                    storage_root_key: Some(TpmKey::read(response).ok()?),
                };
                let challenge = self.dps.challenge(&name.caller(Credential::None), keys)?;
                next_segment(name, segments(&challenge))
            }
            Step::Challenged(name, rest) if !rest.is_empty() => next_segment(name, rest),
            Step::Challenged(name, _) => {
                let shown = Shown {
                    name: Some(name),
                    credential: Credential::Token(text(response)?.to_owned()),
                };
                Some(Next::Done(shown))
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

fn next_segment(name: Name, mut rest: VecDeque<Vec<u8>>) -> Option<Next> {
    let segment = rest.pop_front()?;
    Some(Next::Challenge(Step::Challenged(name, rest), segment))
}

fn outcome(code: SaslCode) -> SaslServerFrame {
    SaslServerFrame::Outcome(SaslOutcome {
        code,
        additional_data: None,
    })
}
