//! What the cells of a list say, whatever its form.

use std::borrow::Cow;

use dps_allocation::AttestationKind;
use serde_json::value::RawValue;

use super::columns::Field;
use super::device::{Hub, ListedDevice, Through};

/// Longest text of a cell that a message quotes, in characters.
const MAX_SHOWN: usize = 60;

/// Adds the text of a cell; an empty cell says that the device has none, unless every device
/// has one.
///
/// # Errors
/// The rule that the text breaks.
pub(super) fn add<'a>(
    device: &mut ListedDevice<'a>,
    field: Field,
    text: Cow<'a, str>,
) -> Result<(), String> {
    let word = text.trim();
    let may_be_empty = matches!(field, Field::Id | Field::Hub | Field::Payload);
    if word.is_empty() && !may_be_empty {
        return Ok(());
    }
    match field {
        Field::Id => device.id = text,
        Field::Group => device.through = Some(Through::Group(text)),
        Field::Individual => {
            if flag(field, word)? {
                device.through = Some(Through::Individual);
            }
        }
        Field::Hub if word.is_empty() => device.hub = Hub::None,
        Field::Hub => device.hub = Hub::At(text),
        Field::Linked => {
            let hubs = word.split([';', ',', ' ']).filter(|it| !it.is_empty());
            device.linked = Some(hubs.map(|it| it.to_owned().into()).collect());
        }
        Field::Attestation => {
            let rule = || {
                let word = shown(word);
                format!("attestation `{word}` is not one of x509, symmetricKey, tpm")
            };
            let kind = AttestationKind::all().find(|it| it.as_str().eq_ignore_ascii_case(word));
            device.attestation = Some(kind.ok_or_else(rule)?);
        }
        Field::Certificate => device.certificate = Some(text),
        Field::IotEdge => device.iot_edge = Some(flag(field, word)?),
        Field::Payload if word.is_empty() => device.payload = Some(None),
        Field::Payload => {
            let value = serde_json::from_str::<Box<RawValue>>(word);
            let value = value.map_err(|_not_json| "its payload is not JSON".to_owned())?;
            device.payload = Some(Some(Cow::Owned(value)));
        }
        Field::Message => {}
    }
    Ok(())
}

fn flag(field: Field, word: &str) -> Result<bool, String> {
    match word.to_ascii_lowercase().as_str() {
        "true" | "yes" | "1" => Ok(true),
        "false" | "no" | "0" => Ok(false),
        other => {
            let name = if field == Field::IotEdge {
                "iotEdge"
            } else {
                "individual"
            };
            Err(format!(
                "{name} `{}` is neither true nor false",
                shown(other)
            ))
        }
    }
}

/// The beginning of a text, for messages.
pub(super) fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(MAX_SHOWN).collect();
    if shown.len() < text.len() {
        shown.push_str("..");
    }
    shown
}
