//! Individual enrollments and groups, which are managed alike.

use serde_json::Value;

use super::check::check;
use super::paging::{Page, PageRequest};
use super::query::Query;
use crate::data::Edit;
use crate::dps::Core;
use crate::enrollment::{Attestation, Group, Individual, Terms, without_secrets};
use crate::etag::Etag;
use crate::key::KeyPair;
use crate::options::Limits;
use crate::refusal::Refusal;
use crate::registration::Registration;
use crate::state::{Record, State};

/// What individual enrollments and groups have in common for those who manage them.
pub(crate) trait Enrollment: Record {
    /// `x-ms-item-type`.
    const ITEM_TYPE: &'static str;
    /// The table of queries.
    const QUERIED: &'static str;
    const IS_GROUP: bool;
    /// The member with the id.
    const ID: &'static str;
    /// The member of a bulk operation with the records.
    const BULK: &'static str;

    fn id(&self) -> &str;

    fn terms(&self) -> &Terms;

    fn terms_mut(&mut self) -> &mut Terms;

    fn not_found() -> Refusal;

    /// Checks that there may be one more like this.
    fn check_count(&self, state: &State, limits: Limits) -> Result<(), Refusal>;

    /// What else goes with it.
    fn after_removal(edit: &mut Edit<'_>, key: &str);
}

impl Enrollment for Individual {
    const ITEM_TYPE: &'static str = "Enrollment";
    const QUERIED: &'static str = "enrollments";
    const IS_GROUP: bool = false;
    const ID: &'static str = "registrationId";
    const BULK: &'static str = "enrollments";

    fn id(&self) -> &str {
        self.registration_id.as_str()
    }

    fn terms(&self) -> &Terms {
        &self.terms
    }

    fn terms_mut(&mut self) -> &mut Terms {
        &mut self.terms
    }

    fn not_found() -> Refusal {
        Refusal::enrollment_not_found()
    }

    fn check_count(&self, state: &State, limits: Limits) -> Result<(), Refusal> {
        let count = state.all::<Self>().len();
        Refusal::check_count(
            count,
            limits.individual_enrollments,
            "individual enrollments",
        )
    }

    /// The registration of the device; the device stays on its hub.
    fn after_removal(edit: &mut Edit<'_>, key: &str) {
        edit.remove::<Registration>(key);
    }
}

impl Enrollment for Group {
    const ITEM_TYPE: &'static str = "EnrollmentGroup";
    const QUERIED: &'static str = "enrollmentGroups";
    const IS_GROUP: bool = true;
    const ID: &'static str = "enrollmentGroupId";
    const BULK: &'static str = "enrollmentGroups";

    fn id(&self) -> &str {
        self.enrollment_group_id.as_str()
    }

    fn terms(&self) -> &Terms {
        &self.terms
    }

    fn terms_mut(&mut self) -> &mut Terms {
        &mut self.terms
    }

    fn not_found() -> Refusal {
        Refusal::group_not_found()
    }

    fn check_count(&self, state: &State, limits: Limits) -> Result<(), Refusal> {
        let has_keys =
            |group: &Self| matches!(group.terms.attestation, Attestation::SymmetricKey(_));
        let alike = state
            .all::<Self>()
            .values()
            .filter(|group| has_keys(group) == has_keys(self));
        let (limit, what) = if has_keys(self) {
            (
                limits.symmetric_key_groups,
                "enrollment groups with symmetric keys",
            )
        } else {
            (limits.x509_groups, "enrollment groups with certificates")
        };
        Refusal::check_count(alike.count(), limit, what)
    }

    /// Nothing: the registrations of its devices stay, and count.
    fn after_removal(_: &mut Edit<'_>, _: &str) {}
}

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
    serde_json::to_value(&found.terms().attestation).map_err(|error| Refusal::internal(&error))
}

/// Creates or replaces one.
pub(crate) async fn put_enrollment<E: Enrollment>(
    core: &Core,
    id: &str,
    body: &[u8],
    if_match: Option<&str>,
) -> Result<Value, Refusal> {
    let enrollment: E = parse(serde_json::from_slice(body).map_err(Refusal::invalid)?)?;
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
    let enrollment: E = parse(stated)?;
    core.data
        .edit(|edit| put(core, edit, enrollment, None))
        .await?
        .map(drop)
}

/// Reads an enrollment. SDKs and the CLI write members that are not there as null.
pub(super) fn parse<E: Enrollment>(mut stated: Value) -> Result<E, Refusal> {
    if let Some(members) = stated.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    serde_json::from_value(stated).map_err(Refusal::invalid)
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
        Attestation::X509(_) => None,
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
    let mut record = serde_json::to_value(enrollment).map_err(|error| Refusal::internal(&error))?;
    without_secrets(&mut record);
    Ok(record)
}
