//! A device that registers.

use super::topic::Topic;
use crate::dps::{Answer, Caller, Credential, Dps, Transport};

/// Where the service answers.
const ANSWERS: &str = "$dps/registrations/res/#";

/// The service as a device that is connected sees it.
#[derive(Debug)]
pub(super) struct Provisioning {
    dps: Dps,
    caller: Caller,
}

impl Provisioning {
    /// Reads `{idScope}/registrations/{registrationId}/api-version=..`. Credentials are checked with each request, and refused
    /// in its answer: what DPS does when a client connects is not known.
    pub(super) fn new(
        dps: &Dps,
        user_name: &str,
        client_id: &str,
        credential: Credential,
    ) -> Option<Self> {
        let mut parts = user_name.splitn(4, '/');
        let (id_scope, word, registration_id) = (parts.next()?, parts.next()?, parts.next()?);
        let rest = parts.next()?;
        let is_whole =
            word == "registrations" && rest.trim_start_matches('?').starts_with("api-version=");
        let names_itself = client_id.eq_ignore_ascii_case(registration_id);
        (is_whole && names_itself).then(|| Self {
            dps: dps.clone(),
            caller: Caller {
                id_scope: id_scope.to_owned(),
                registration_id: registration_id.to_owned(),
                credential,
                transport: Transport::Mqtt,
            },
        })
    }

    pub(super) fn may_subscribe(filter: &str) -> bool {
        filter == ANSWERS
    }

    /// Topic and body of the answer; `None` if there is nothing like this to ask.
    pub(super) async fn ask(&self, topic: &str, body: &[u8]) -> Option<(String, Vec<u8>)> {
        let topic = Topic::parse(topic);
        let request_id = topic.request_id()?;
        let answer = match topic.path {
            "$dps/registrations/PUT/iotdps-register" => self.dps.register(&self.caller, body).await,
            "$dps/registrations/GET/iotdps-get-operationstatus" => self
                .dps
                .operation(&self.caller, &topic.decoded("operationId")?),
            _ => return None,
        };
        Some(written(&answer, request_id))
    }
}

/// The id of the request comes first: the C# SDK expects nothing else.
fn written(answer: &Answer, request_id: &str) -> (String, Vec<u8>) {
    let wait = answer.retry_seconds();
    let wait = wait.map_or_else(String::new, |seconds| format!("&retry-after={seconds}"));
    let status = answer.status;
    let topic = format!("$dps/registrations/res/{status}/?$rid={request_id}{wait}");
    (topic, answer.body.to_string().into_bytes())
}
