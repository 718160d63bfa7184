//! Several enrollments at once.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::enrollments::{Enrollment, delete, put};
use super::json::read;
use crate::data::Edit;
use crate::dps::Core;
use crate::refusal::Refusal;

/// The most that DPS takes at once.
const MOST: usize = 10;

#[derive(Deserialize)]
struct Bulk {
    mode: Mode,
    /// The member with the enrollments is named after them.
    #[serde(flatten)]
    other: Map<String, Value>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Mode {
    Create,
    Update,
    #[serde(rename = "updateIfMatchETag")]
    UpdateIfMatchEtag,
    Delete,
}

/// Does one thing to each enrollment of the body; a fault of one does not stop the others.
pub(crate) async fn bulk<E: Enrollment>(core: &Core, body: &[u8]) -> Result<Value, Refusal> {
    let Bulk { mode, mut other } = serde_json::from_slice(body).map_err(Refusal::invalid)?;
    let enrollments = other.remove(E::BULK).unwrap_or_default();
    let enrollments: Vec<Value> = serde_json::from_value(enrollments).map_err(Refusal::invalid)?;
    if !(1..=MOST).contains(&enrollments.len()) {
        return Err(Refusal::invalid(format!(
            "`{}` has to have 1 to {MOST} records",
            E::BULK
        )));
    }
    let done = core.data.edit(|edit| {
        let errors = enrollments.into_iter().filter_map(|stated| {
            let id = stated.get(E::ID).cloned().unwrap_or_default();
            let refusal = one::<E>(core, edit, mode, stated).err()?;
            Some(json!({ E::ID: id, "errorCode": refusal.code, "errorStatus": refusal.message }))
        });
        errors.collect::<Vec<_>>()
    });
    let errors = done.await?;
    if errors.is_empty() {
        return Ok(json!({ "isSuccessful": true }));
    }
    Ok(json!({ "isSuccessful": false, "errors": errors }))
}

fn one<E: Enrollment>(
    core: &Core,
    edit: &mut Edit<'_>,
    mode: Mode,
    stated: Value,
) -> Result<(), Refusal> {
    let etag = stated
        .get("etag")
        .and_then(Value::as_str)
        .map(str::to_owned);
    if let Mode::Delete = mode {
        let id = stated
            .get(E::ID)
            .and_then(Value::as_str)
            .unwrap_or_default();
        return delete::<E>(edit, id, etag.as_deref());
    }
    let enrollment: E = read(stated)?;
    let exists = edit.get::<E>(&enrollment.key()).is_some();
    let if_match = match (mode, exists) {
        (Mode::Create, true) => return Err(Refusal::already_exists("Enrollment")),
        (Mode::Update | Mode::UpdateIfMatchEtag, false) => return Err(E::not_found()),
        (Mode::UpdateIfMatchEtag, true) => etag,
        (Mode::Create | Mode::Update | Mode::Delete, _) => None,
    };
    put(core, edit, enrollment, if_match.as_deref()).map(drop)
}
