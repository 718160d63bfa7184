//! CA certificates and the proof that somebody holds their key; on Azure a part of ARM.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::authority::{Authority, verification_code};
use crate::certificate::Certificate;
use crate::dps::Core;
use crate::etag::Etag;
use crate::refusal::Refusal;

#[derive(Deserialize)]
struct Stated {
    properties: Sent,
}

/// A certificate as it is sent: to be added, or as the proof.
#[derive(Deserialize)]
struct Sent {
    certificate: Certificate,
}

pub(crate) fn list_authorities(core: &Core) -> Value {
    let state = core.data.read();
    let shown: Vec<_> = state.all::<Authority>().values().map(shown).collect();
    json!({ "value": shown })
}

pub(crate) fn get_authority(core: &Core, name: &str) -> Result<Value, Refusal> {
    let state = core.data.read();
    let authority = state.get::<Authority>(&name.to_lowercase());
    authority.map(shown).ok_or_else(not_found)
}

/// Adds a certificate, which is not verified yet, or replaces one.
pub(crate) async fn put_authority(
    core: &Core,
    name: &str,
    body: &[u8],
    if_match: Option<&str>,
) -> Result<Value, Refusal> {
    let stated: Stated = serde_json::from_slice(body).map_err(Refusal::invalid)?;
    edit(core, |edit| {
        let (before, now) = (
            edit.get::<Authority>(&name.to_lowercase()),
            core.written_now(),
        );
        if let Some(before) = before {
            before.etag.check(if_match)?;
        } else {
            let count = edit.all::<Authority>().len();
            Refusal::check_count(count, core.options.limits.certificates, "certificates")?;
        }
        let authority = Authority {
            name: name.to_owned(),
            certificate: stated.properties.certificate,
            is_verified: false,
            verification_code: None,
            etag: Etag::new(),
            created: before.map_or_else(|| now.clone(), |before| before.created.clone()),
            updated: now,
        };
        edit.put(authority.clone());
        Ok(shown(&authority))
    })
    .await
}

/// Makes the verification code that a proof has to have as its common name.
pub(crate) async fn challenge(
    core: &Core,
    name: &str,
    if_match: Option<&str>,
) -> Result<Value, Refusal> {
    change(core, name, if_match, |authority| {
        authority.verification_code = Some(verification_code());
        Ok(())
    })
    .await
}

/// Takes the proof.
pub(crate) async fn verify_authority(
    core: &Core,
    name: &str,
    body: &[u8],
    if_match: Option<&str>,
) -> Result<Value, Refusal> {
    let proof: Sent = serde_json::from_slice(body).map_err(Refusal::invalid)?;
    change(core, name, if_match, |authority| {
        authority.check_proof(proof.certificate, core.now())?;
        authority.is_verified = true;
        authority.verification_code = None;
        Ok(())
    })
    .await
}

pub(crate) async fn delete_authority(
    core: &Core,
    name: &str,
    if_match: Option<&str>,
) -> Result<(), Refusal> {
    edit(core, |edit| {
        let key = name.to_lowercase();
        edit.get::<Authority>(&key)
            .ok_or_else(not_found)?
            .etag
            .check(if_match)?;
        edit.remove::<Authority>(&key);
        Ok(())
    })
    .await
}

async fn change(
    core: &Core,
    name: &str,
    if_match: Option<&str>,
    work: impl FnOnce(&mut Authority) -> Result<(), Refusal>,
) -> Result<Value, Refusal> {
    edit(core, |edit| {
        let before = edit
            .get::<Authority>(&name.to_lowercase())
            .ok_or_else(not_found)?;
        before.etag.check(if_match)?;
        let mut authority = before.clone();
        work(&mut authority)?;
        (authority.etag, authority.updated) = (Etag::new(), core.written_now());
        edit.put(authority.clone());
        Ok(shown(&authority))
    })
    .await
}

async fn edit<T>(
    core: &Core,
    work: impl FnOnce(&mut crate::data::Edit<'_>) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    let edited = core.data.edit(work).await;
    edited?
}

fn not_found() -> Refusal {
    Refusal::not_found("Certificate")
}

/// As ARM writes it; the code is there only until it has been used.
fn shown(authority: &Authority) -> Value {
    let code = authority.verification_code.as_ref();
    let code = code.map(|code| ("verificationCode".to_owned(), json!(code)));
    let mut properties = json!({
        "subject": authority.certificate.subject(),
        "thumbprint": authority.certificate.sha1_thumbprint(),
        "isVerified": authority.is_verified,
        "certificate": authority.certificate,
        "created": authority.created,
        "updated": authority.updated,
    });
    if let Some(properties) = properties.as_object_mut() {
        properties.extend(code);
    }
    json!({ "name": authority.name, "etag": authority.etag.quoted(), "properties": properties })
}
