//! The API of operators (<https://learn.microsoft.com/rest/api/iot-dps/>), what ARM does on Azure
//! (`certificates`, `linkedHubs`, `keys`), and metrics.

use hyper::Method;
use serde::Deserialize;

use super::reply::Reply;
use super::request::Read;
use crate::access::Right;
use crate::dps::Core;
use crate::enrollment::{Group, Individual};
use crate::manage::{
    Enrollment, attestation_mechanism, authorize, bulk, challenge, delete_authority,
    delete_enrollment, delete_hub, delete_registration, get_authority, get_enrollment, get_hub,
    get_registration, list_authorities, list_hubs, list_policies, put_authority, put_enrollment,
    put_hub, put_policy, query_enrollments, query_registrations, verify_authority,
};
use crate::refusal::Refusal;

pub(super) async fn answer(core: &Core, request: &Read) -> Result<Reply, Refusal> {
    let Some((collection, rest)) = request.segments.split_first() else {
        return Err(Refusal::not_found("Path"));
    };
    let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
    match collection.to_ascii_lowercase().as_str() {
        "enrollments" => enrollments::<Individual>(core, request, &rest).await,
        "enrollmentgroups" => enrollments::<Group>(core, request, &rest).await,
        "registrations" => registrations(core, request, &rest).await,
        "certificates" => certificates(core, request, &rest).await,
        "linkedhubs" => linked_hubs(core, request, &rest).await,
        "keys" => keys(core, request, &rest).await,
        "metrics" => metrics(core, request, &rest),
        _ => Err(Refusal::not_found("Path")),
    }
}

/// `{"query": ".."}`.
#[derive(Deserialize)]
struct Query {
    query: String,
}

async fn enrollments<E: Enrollment>(
    core: &Core,
    request: &Read,
    rest: &[&str],
) -> Result<Reply, Refusal> {
    let allowed = |right| authorize(core, request.authorization(), right);
    let (body, if_match) = (&request.body, request.if_match());
    match (&request.method, rest) {
        (&Method::POST, []) => {
            allowed(Right::EnrollmentWrite)?;
            bulk::<E>(core, body).await.map(Reply::ok)
        }
        (&Method::POST, [query]) if query.eq_ignore_ascii_case("query") => {
            allowed(Right::EnrollmentRead)?;
            let query: Query = serde_json::from_slice(body).map_err(Refusal::invalid)?;
            query_enrollments::<E>(core, &query.query, &request.page()?).map(Reply::page)
        }
        (&Method::POST, [id, mechanism])
            if mechanism.eq_ignore_ascii_case("attestationmechanism") =>
        {
            // What it shows, only those who may write it need to see.
            allowed(Right::EnrollmentWrite)?;
            attestation_mechanism::<E>(core, id).map(Reply::ok)
        }
        (&Method::GET, [id]) => {
            allowed(Right::EnrollmentRead)?;
            get_enrollment::<E>(core, id).map(Reply::ok)
        }
        (&Method::PUT, [id]) => {
            allowed(Right::EnrollmentWrite)?;
            put_enrollment::<E>(core, id, body, if_match)
                .await
                .map(Reply::ok)
        }
        (&Method::DELETE, [id]) => {
            allowed(Right::EnrollmentWrite)?;
            delete_enrollment::<E>(core, id, if_match).await?;
            Ok(Reply::no_content())
        }
        (_, [] | [_]) => Err(Refusal::method_not_allowed()),
        _ => Err(Refusal::not_found("Path")),
    }
}

async fn registrations(core: &Core, request: &Read, rest: &[&str]) -> Result<Reply, Refusal> {
    let allowed = |right| authorize(core, request.authorization(), right);
    match (&request.method, rest) {
        (&Method::GET, [id]) => {
            allowed(Right::RegistrationStatusRead)?;
            get_registration(core, id).map(Reply::ok)
        }
        (&Method::DELETE, [id]) => {
            allowed(Right::RegistrationStatusWrite)?;
            delete_registration(core, id, request.if_match()).await?;
            Ok(Reply::no_content())
        }
        (&Method::POST, [group, query]) if query.eq_ignore_ascii_case("query") => {
            allowed(Right::RegistrationStatusRead)?;
            query_registrations(core, group, &request.page()?).map(Reply::page)
        }
        (_, [_]) => Err(Refusal::method_not_allowed()),
        _ => Err(Refusal::not_found("Path")),
    }
}

async fn certificates(core: &Core, request: &Read, rest: &[&str]) -> Result<Reply, Refusal> {
    authorize(core, request.authorization(), Right::ServiceConfig)?;
    let (body, if_match) = (&request.body, request.if_match());
    match (&request.method, rest) {
        (&Method::GET, []) => Ok(Reply::ok(list_authorities(core))),
        (&Method::GET, [name]) => get_authority(core, name).map(Reply::ok),
        (&Method::PUT, [name]) => put_authority(core, name, body, if_match)
            .await
            .map(Reply::ok),
        (&Method::DELETE, [name]) => {
            delete_authority(core, name, if_match).await?;
            Ok(Reply::no_content())
        }
        (&Method::POST, [name, "generateVerificationCode"]) => {
            challenge(core, name, if_match).await.map(Reply::ok)
        }
        (&Method::POST, [name, "verify"]) => verify_authority(core, name, body, if_match)
            .await
            .map(Reply::ok),
        (_, [] | [_]) => Err(Refusal::method_not_allowed()),
        _ => Err(Refusal::not_found("Path")),
    }
}

async fn linked_hubs(core: &Core, request: &Read, rest: &[&str]) -> Result<Reply, Refusal> {
    authorize(core, request.authorization(), Right::ServiceConfig)?;
    match (&request.method, rest) {
        (&Method::GET, []) => list_hubs(core).map(Reply::ok),
        (&Method::GET, [name]) => get_hub(core, name).map(Reply::ok),
        (&Method::PUT, [name]) => put_hub(core, name, &request.body).await.map(Reply::ok),
        (&Method::DELETE, [name]) => {
            delete_hub(core, name).await?;
            Ok(Reply::no_content())
        }
        (_, [] | [_]) => Err(Refusal::method_not_allowed()),
        _ => Err(Refusal::not_found("Path")),
    }
}

fn metrics(core: &Core, request: &Read, rest: &[&str]) -> Result<Reply, Refusal> {
    authorize(core, request.authorization(), Right::ServiceConfig)?;
    match (&request.method, rest) {
        (&Method::GET, []) => {
            let shown = core.metrics.shown();
            shown
                .map(Reply::ok)
                .map_err(|error| Refusal::internal(&error))
        }
        (_, []) => Err(Refusal::method_not_allowed()),
        _ => Err(Refusal::not_found("Path")),
    }
}

async fn keys(core: &Core, request: &Read, rest: &[&str]) -> Result<Reply, Refusal> {
    authorize(core, request.authorization(), Right::ServiceConfig)?;
    match (&request.method, rest) {
        (&Method::GET, []) => list_policies(core).map(Reply::ok),
        (&Method::PUT, [name]) => put_policy(core, name, &request.body).await.map(Reply::ok),
        (_, [] | [_]) => Err(Refusal::method_not_allowed()),
        _ => Err(Refusal::not_found("Path")),
    }
}
