//! Individual enrollments and groups, which are managed alike.

mod kind;

use serde_json::Value;

pub(crate) use kind::Enrollment;

use super::check::check;
use super::json::{read, read_body, written};
use super::paging::{Page, PageRequest};
use super::query::Query;
use crate::data::Edit;
use crate::dps::Core;
use crate::enrollment::{Attestation, without_secrets};
use crate::etag::Etag;
use crate::key::KeyPair;
use crate::refusal::Refusal;

pub(crate) fn get_enrollment<E: Enrollment>(core: &Core, id: &str) -> Result<Value, Refusal> {
    let state = core.data.read();
    let found = state.get::<E>(&id.to_ascii_lowercase());
    shown(found.ok_or_else(E::not_found)?)
}

/// The attestation with its keys.
pub(crate) fn attestation_mechanism<E: Enrollment>(
    core: &Core,
    id: &str,
) -> Result<Value, Refusal> {
    let state = core.data.read();
    let found = state
        .get::<E>(&id.to_ascii_lowercase())
        .ok_or_else(E::not_found)?;
    written(&found.terms().attestation)
}

/// Creates or replaces one.
pub(crate) async fn put_enrollment<E: Enrollment>(
    core: &Core,
    id: &str,
    body: &[u8],
    if_match: Option<&str>,
) -> Result<Value, Refusal> {
    let enrollment: E = read_body(body)?;
    if !enrollment.id().eq_ignore_ascii_case(id) {
        let (member, stated) = (E::ID, enrollment.id());
        return Err(Refusal::invalid(format!(
            "{member} is `{stated}`, the path says `{id}`"
        )));
    }
    let put = core.data.edit(|edit| put(core, edit, enrollment, if_match));
    shown(&put.await??)
}

/// Creates or replaces one, whatever its version.
pub(crate) async fn enroll<E: Enrollment>(core: &Core, stated: Value) -> Result<(), Refusal> {
    let enrollment: E = read(stated)?;
    core.data
        .edit(|edit| put(core, edit, enrollment, None))
        .await?
        .map(drop)
}

/// Writes an enrollment with what the service sets.
pub(super) fn put<E: Enrollment>(
    core: &Core,
    edit: &mut Edit<'_>,
    mut enrollment: E,
    if_match: Option<&str>,
) -> Result<E, Refusal> {
    check(edit, enrollment.terms(), E::IS_GROUP)?;
    let now = core.written_now();
    let before = edit.get::<E>(&enrollment.key());
    match before {
        Some(before) => before.terms().etag.check(if_match)?,
        None if if_match.is_some() => return Err(Refusal::etag_mismatch()),
        None => enrollment.check_count(edit, core.options.limits)?,
    }
    let (created, keys) = match before.map(Enrollment::terms) {
        Some(terms) => (
            terms.created_date_time_utc.clone(),
            kept(&terms.attestation),
        ),
        None => (now.clone(), None),
    };
    let terms = enrollment.terms_mut();
    if let Attestation::SymmetricKey(stated @ None) = &mut terms.attestation {
        *stated = Some(keys.unwrap_or_else(KeyPair::random));
    }
    terms.etag = Etag::new();
    terms.created_date_time_utc = created;
    terms.last_updated_date_time_utc = now;
    // Clients send back what they have read.
    terms.other.remove("registrationState");
    edit.put(enrollment.clone());
    Ok(enrollment)
}

fn kept(attestation: &Attestation) -> Option<KeyPair> {
    match attestation {
        Attestation::SymmetricKey(keys) => keys.clone(),
        Attestation::X509(_) | Attestation::Tpm(_) => None,
    }
}

pub(crate) async fn delete_enrollment<E: Enrollment>(
    core: &Core,
    id: &str,
    if_match: Option<&str>,
) -> Result<(), Refusal> {
    let deleted = core.data.edit(|edit| delete::<E>(edit, id, if_match));
    deleted.await?
}

pub(super) fn delete<E: Enrollment>(
    edit: &mut Edit<'_>,
    id: &str,
    if_match: Option<&str>,
) -> Result<(), Refusal> {
    let key = id.to_ascii_lowercase();
    let before = edit.get::<E>(&key).ok_or_else(E::not_found)?;
    before.terms().etag.check(if_match)?;
    edit.remove::<E>(&key);
    E::after_removal(edit, &key);
    Ok(())
}

pub(crate) fn query_enrollments<E: Enrollment>(
    core: &Core,
    query: &str,
    page: &PageRequest,
) -> Result<Page, Refusal> {
    let query = Query::parse(query, E::QUERIED)?;
    let state = core.data.read();
    let records = state
        .all::<E>()
        .iter()
        .filter_map(|(key, it)| Some((key, shown(it).ok()?)));
    page.cut(
        E::ITEM_TYPE,
        records.filter(|(_, record)| query.selects(record)),
    )
}

/// Without keys, as the service API answers.
fn shown<E: Enrollment>(enrollment: &E) -> Result<Value, Refusal> {
    let mut record = written(enrollment)?;
    without_secrets(&mut record);
    Ok(record)
}
