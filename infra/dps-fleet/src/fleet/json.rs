//! Devices of JSON objects, one per line: lists of ours, exports of DPS and of IoT Hub, the
//! decision log.

use std::borrow::Cow;
use std::fmt;

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::columns::Field;
use super::device::{Hub, ListedDevice, Member, Through};
use super::fault::LineFault;
use super::{log, values};

/// Calls `each` for every line, of which the first has this number; returns how many lines are
/// neither devices nor broken: other lines of a log.
pub(super) fn each(
    text: &[u8],
    first_line: u64,
    each: &mut dyn FnMut(u64, Result<Member<'_>, LineFault>),
) -> u64 {
    let mut others = 0;
    for (number, line) in (first_line..).zip(text.split(|byte| *byte == b'\n')) {
        let fault = |rule: String| LineFault::new(number, rule);
        if let Some(json) = log::find(line) {
            let record = log::read(json).map(|it| Member::Logged(Box::new(it)));
            each(number, record.map_err(fault));
            continue;
        }
        let line = line.trim_ascii();
        match line.first() {
            None => {}
            Some(b'{') => match device(line) {
                Ok(Some(member)) => each(number, Ok(member)),
                Ok(None) => others += 1,
                Err(rule) => each(number, Err(fault(rule))),
            },
            Some(_) => others += 1,
        }
    }
    others
}

/// A device; `None` for the line of a log that is not a decision.
fn device(line: &[u8]) -> Result<Option<Member<'_>>, String> {
    let text = str::from_utf8(line).map_err(|_not_utf8| "it is not UTF-8".to_owned())?;
    let object: Object<'_> = serde_json::from_str(text).map_err(|error| {
        if error.is_eof() {
            "its JSON is cut before its end".to_owned()
        } else {
            format!("it is not a JSON object of a device: {error}")
        }
    })?;
    if object.is_log {
        return Ok(None);
    }
    if object.id.is_none() {
        return Err("it has no `registrationId`".to_owned());
    }
    object.device().map(Member::Listed).map(Some)
}

/// The members that say something, as they are written.
#[derive(Default)]
struct Object<'a> {
    is_log: bool,
    /// The better of several ids, and how good it is.
    id: Option<(usize, Cow<'a, str>)>,
    /// Whether it is the registration record of a device, which says so when there is no hub.
    has_status: bool,
    /// Each with how good its name is.
    others: Vec<(Field, usize, Cow<'a, str>)>,
    iot_edge: Option<bool>,
    individual: bool,
    payload: Option<&'a RawValue>,
}

impl<'a> Object<'a> {
    fn device(self) -> Result<ListedDevice<'a>, String> {
        let mut device = ListedDevice {
            id: self.id.map(|(_, id)| id).unwrap_or_default(),
            iot_edge: self.iot_edge,
            ..ListedDevice::default()
        };
        if self.has_status {
            device.hub = Hub::None;
        }
        if let Some(payload) = self.payload {
            let is_null = payload.get() == "null";
            device.payload = Some((!is_null).then_some(Cow::Borrowed(payload)));
        }
        if self.individual {
            device.through = Some(Through::Individual);
        }
        // Of two names for one thing the better one counts, wherever it stands.
        let mut others = self.others;
        others.sort_by_key(|(_, rank, _)| std::cmp::Reverse(*rank));
        for (field, _, text) in others {
            values::add(&mut device, field, text)?;
        }
        Ok(device)
    }
}

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members)
    }
}

struct Members;

/// `{"iotEdge": true}`.
#[derive(Deserialize)]
struct Capabilities {
    #[serde(default, rename = "iotEdge")]
    iot_edge: Option<bool>,
}

/// A text that borrows where it can.
#[derive(Deserialize)]
struct Borrowed<'a>(#[serde(borrow)] Cow<'a, str>);

/// `[..]` or `".."`.
#[derive(Deserialize)]
#[serde(untagged)]
enum Texts<'a> {
    #[serde(borrow)]
    One(Cow<'a, str>),
    Many(Vec<Cow<'a, str>>),
}

impl<'de> Visitor<'de> for Members {
    type Value = Object<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut object = Object::default();
        while let Some(Borrowed(name)) = map.next_key()? {
            match Field::of(&name) {
                Some((Field::Id, rank)) => {
                    let id: Option<Borrowed<'de>> = map.next_value()?;
                    let is_better = object.id.as_ref().is_none_or(|(best, _)| rank < *best);
                    if let Some(Borrowed(id)) = id.filter(|_| is_better) {
                        object.id = Some((rank, id));
                    }
                }
                Some((Field::Payload, _)) => object.payload = Some(map.next_value()?),
                Some((Field::IotEdge, _)) => object.iot_edge = map.next_value()?,
                Some((Field::Individual, _)) => {
                    object.individual = map.next_value::<Option<bool>>()?.unwrap_or(false);
                }
                Some((Field::Linked, rank)) => {
                    let hubs: Option<Texts<'de>> = map.next_value()?;
                    let hubs = hubs.map(|hubs| match hubs {
                        Texts::One(hubs) => hubs,
                        Texts::Many(hubs) => hubs.join(";").into(),
                    });
                    let hubs = hubs.map(|it| (Field::Linked, rank, it));
                    object.others.extend(hubs);
                }
                // Of an enrollment; its `type` is that of the device.
                Some((Field::Attestation, rank)) => {
                    let raw: &RawValue = map.next_value()?;
                    let word: Option<Option<Borrowed<'de>>> = serde_json::from_str(raw.get()).ok();
                    let word = word.flatten().map(|Borrowed(word)| word);
                    let word = word.map(|it| (Field::Attestation, rank, it));
                    object.others.extend(word);
                }
                Some((Field::Message, _)) => {
                    map.next_value::<IgnoredAny>()?;
                }
                Some((field, rank)) => {
                    let text: Option<Borrowed<'de>> = map.next_value()?;
                    let text = text.map_or(Cow::Borrowed(""), |Borrowed(text)| text);
                    object.others.push((field, rank, text));
                }
                None => match &*name {
                    "log" | "level" => {
                        object.is_log = true;
                        map.next_value::<IgnoredAny>()?;
                    }
                    "capabilities" => {
                        let found: Option<Capabilities> = map.next_value()?;
                        object.iot_edge = found.and_then(|it| it.iot_edge);
                    }
                    // Of a registration record: unassigned, assigning, assigned, failed, disabled.
                    "status" => {
                        let status: Option<Borrowed<'de>> = map.next_value()?;
                        let of_dps = |it: &Borrowed<'_>| {
                            !it.0.eq_ignore_ascii_case("enabled")
                                && !it.0.eq_ignore_ascii_case("disabled")
                        };
                        object.has_status = status.as_ref().is_some_and(of_dps);
                    }
                    _ => {
                        map.next_value::<IgnoredAny>()?;
                    }
                },
            }
        }
        Ok(object)
    }
}
