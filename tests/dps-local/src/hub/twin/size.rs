//! How large a twin may be.
//!
//! Source: <https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-device-twins#device-twin-size>

use serde_json::{Map, Value};

/// A part of a twin that is larger than a hub takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {part} have {size} bytes, and may have {limit}")]
pub(crate) struct TwinTooLarge {
    part: &'static str,
    size: usize,
    limit: usize,
}

/// A part with a size of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Tags,
    Desired,
    Reported,
}

impl Part {
    pub(super) fn check(self, values: &Map<String, Value>) -> Result<(), TwinTooLarge> {
        let (part, limit) = match self {
            Self::Tags => ("tags", 8 * 1024),
            Self::Desired => ("desired properties", 32 * 1024),
            Self::Reported => ("reported properties", 32 * 1024),
        };
        let size = of_members(values);
        let is_small = size <= limit;
        is_small
            .then_some(())
            .ok_or(TwinTooLarge { part, size, limit })
    }
}

fn of_members(values: &Map<String, Value>) -> usize {
    let sizes = values.iter().map(|(name, value)| text(name) + of(value));
    sizes.sum()
}

fn of(value: &Value) -> usize {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 4,
        Value::Number(_) => 8,
        Value::String(value) => text(value),
        Value::Array(values) => values.iter().map(of).sum(),
        Value::Object(values) => of_members(values),
    }
}

/// UTF-8, without control characters.
fn text(text: &str) -> usize {
    let counted = text.chars().filter(|c| !c.is_control());
    counted.map(char::len_utf8).sum()
}
