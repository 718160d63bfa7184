//! Values as JSON.

use serde_json::Value as Json;

use super::val::{List, Map, Val};
use crate::expression::budget::Budget;
use crate::expression::outcome::Failure;
use crate::expression::time;

/// No time has a longer text.
const TIME_BYTES: usize = 40;

impl Val<'_> {
    /// The value as JSON; none if a part of it has no form in JSON.
    pub(crate) fn to_json(&self, budget: &Budget) -> Result<Option<Json>, Failure> {
        Ok(Some(match self {
            Self::Null => Json::Null,
            Self::Bool(flag) => Json::Bool(*flag),
            Self::Int(number) => Json::from(*number),
            Self::UInt(number) => Json::from(*number),
            // JSON has no infinity: `serde_json` writes null.
            Self::Double(number) => Json::from(*number),
            Self::Text(text) => {
                budget.make(text.len())?;
                Json::from(&**text)
            }
            Self::Bytes(bytes) => {
                use base64::Engine;
                budget.make(bytes.len().saturating_mul(2))?;
                Json::from(base64::engine::general_purpose::STANDARD.encode(bytes))
            }
            Self::List(list) => return list_to_json(list, budget),
            Self::Map(map) => return map_to_json(map, budget),
            Self::Type(name) => Json::from(*name),
            Self::Timestamp(at) => {
                budget.make(TIME_BYTES)?;
                Json::from(at.to_string())
            }
            Self::Duration(duration) => {
                budget.make(TIME_BYTES)?;
                Json::from(time::seconds(*duration))
            }
            Self::Optional(_) => return Ok(None),
        }))
    }
}

fn list_to_json(list: &List<'_>, budget: &Budget) -> Result<Option<Json>, Failure> {
    budget.make(list.len().saturating_mul(size_of::<Json>()))?;
    let mut items = Vec::with_capacity(list.len());
    for item in list.iter() {
        let Some(json) = item.to_json(budget)? else {
            return Ok(None);
        };
        items.push(json);
    }
    Ok(Some(Json::Array(items)))
}

/// Memory of a member besides its value, half-empty nodes included.
const MEMBER_BYTES: usize = 2 * (size_of::<String>() + size_of::<Json>());

fn map_to_json(map: &Map<'_>, budget: &Budget) -> Result<Option<Json>, Failure> {
    let mut members = serde_json::Map::new();
    for key in map.keys(budget)? {
        let Some(value) = map.get(&key) else { continue };
        let Some(json) = value.to_json(budget)? else {
            return Ok(None);
        };
        let name = key.to_text();
        budget.make(name.len() + MEMBER_BYTES)?;
        members.insert(name.into_owned(), json);
    }
    Ok(Some(Json::Object(members)))
}
