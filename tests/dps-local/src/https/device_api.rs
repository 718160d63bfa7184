//! The API of devices: <https://learn.microsoft.com/rest/api/iot-dps/>.

use hyper::Method;

use super::reply::Reply;
use super::request::Read;
use crate::dps::{Caller, Credential, Dps, Transport};
use crate::refusal::Refusal;

pub(super) async fn answer(dps: &Dps, request: &Read) -> Result<Reply, Refusal> {
    let [id_scope, _, registration_id, rest @ ..] = &*request.segments else {
        return Err(Refusal::not_found("Path"));
    };
    let caller = Caller {
        id_scope: id_scope.clone(),
        registration_id: registration_id.clone(),
        credential: Credential::new(request.authorization(), &request.certificates),
        transport: Transport::Https,
    };
    let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
    match (&request.method, &*rest) {
        (&Method::PUT, ["register"]) => {
            let reply = Reply::answer(dps.register(&caller, &request.body).await);
            let host = &request.host;
            Ok(reply.located(format!(
                "https://{host}/{id_scope}/registrations/{registration_id}/register"
            )))
        }
        (&Method::GET, ["operations", operation]) => {
            Ok(Reply::answer(dps.operation(&caller, operation)))
        }
        (&Method::POST, []) => Ok(Reply::answer(dps.lookup(&caller, &request.body))),
        (_, [] | ["register"] | ["operations", _]) => Err(Refusal::method_not_allowed()),
        _ => Err(Refusal::not_found("Path")),
    }
}
