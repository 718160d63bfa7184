//! The limits IoT Hub puts on the tags and the desired properties of a twin.
//!
//! Checked before the answer: a twin over a limit makes the assignment itself fail.
//! Source: <https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-device-twins>, sections
//! "Tags and properties format" and "Device twin size". Where the page is silent on arrays, the
//! check of Microsoft's own edge hub is followed, whose limits are "taken from IoTHub":
//! `ReportedPropertiesValidator.cs` in <https://github.com/Azure/iotedge>.

use std::fmt;
use std::ops::RangeInclusive;

use serde_json::{Map, Value};

mod path;

use crate::document::{Member, Object};
use path::Path;

/// Nested objects and arrays; the section itself is not counted.
const MAX_DEPTH: usize = 10;
const MAX_KEY_BYTES: usize = 1024;
const MAX_STRING_BYTES: usize = 4096;
/// From -2^52 to 2^52 - 1.
const INTEGERS: RangeInclusive<i64> = -4_503_599_627_370_496..=4_503_599_627_370_495;
const NUMBER_BYTES: usize = 8;
const BOOLEAN_BYTES: usize = 4;

/// The part of a twin that is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// `tags`, seen by the solution only, at most 8 KiB.
    Tags,
    /// `properties.desired`, sent to the device, at most 32 KiB.
    Desired,
}

/// The first limit that is broken. Names the place, never the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TwinLimit {
    /// The whole section is too large.
    #[error("`{section}` counts {bytes} bytes, IoT Hub allows {limit}; remove something")]
    Size {
        /// The section.
        section: Section,
        /// Its size as IoT Hub counts it.
        bytes: usize,
        /// The limit of the section.
        limit: usize,
    },
    /// An object or array too far down.
    #[error("`{path}` is nested deeper than {MAX_DEPTH} levels, IoT Hub allows no more")]
    Depth {
        /// Where.
        path: String,
    },
    /// A key too long.
    #[error("`{path}` has a key of {bytes} bytes, IoT Hub allows {MAX_KEY_BYTES}")]
    KeyLength {
        /// Where; the key itself is cut.
        path: String,
        /// Length of the key in UTF-8.
        bytes: usize,
    },
    /// A key with a control character, `.`, `$` or a space.
    #[error(
        "`{path}` has {character:?} in its key, \
         IoT Hub allows no control character, `.`, `$` or space there"
    )]
    KeyCharacter {
        /// Where.
        path: String,
        /// The first such character.
        character: char,
    },
    /// A string too long.
    #[error("`{path}` is a string of {bytes} bytes, IoT Hub allows {MAX_STRING_BYTES}")]
    StringLength {
        /// Where.
        path: String,
        /// Length of the string in UTF-8.
        bytes: usize,
    },
    /// An integer outside -2^52 to 2^52 - 1.
    #[error(
        "`{path}` is an integer outside {} to {}, send it as a string",
        INTEGERS.start(),
        INTEGERS.end()
    )]
    Integer {
        /// Where.
        path: String,
    },
    /// `null` in an array, or in an object within an array.
    #[error("`{path}` is null inside an array, which IoT Hub does not allow")]
    NullInArray {
        /// Where.
        path: String,
    },
}

impl Section {
    /// The largest size that IoT Hub allows.
    #[must_use]
    pub fn limit(self) -> usize {
        match self {
            Self::Tags => 8 * 1024,
            Self::Desired => 32 * 1024,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Tags => "tags",
            Self::Desired => "properties.desired",
        }
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Checks one section of a twin against the limits of IoT Hub.
///
/// A `null` outside of arrays has no size: in a twin it means "no such property".
///
/// # Errors
/// The first limit broken in the order of the members; the total size comes last.
pub fn check(section: Section, value: &Map<String, Value>) -> Result<(), TwinLimit> {
    check_size(section, object_size(value, &Path::root(section.name()))?)
}

/// The same for one that is merged; gives its size.
pub(super) fn check_merged(section: Section, merged: &Object<'_>) -> Result<usize, TwinLimit> {
    let bytes = merged_size(merged, &Path::root(section.name()))?;
    check_size(section, bytes)?;
    Ok(bytes)
}

fn check_size(section: Section, bytes: usize) -> Result<(), TwinLimit> {
    let limit = section.limit();
    if bytes > limit {
        return Err(TwinLimit::Size {
            section,
            bytes,
            limit,
        });
    }
    Ok(())
}

fn object_size(object: &Map<String, Value>, path: &Path<'_>) -> Result<usize, TwinLimit> {
    members_size(object, path, value_size)
}

fn merged_size(object: &Object<'_>, path: &Path<'_>) -> Result<usize, TwinLimit> {
    members_size(object, path, |member, path| match member {
        Member::Object(object) => {
            check_depth(path)?;
            merged_size(object, path)
        }
        Member::Value(value) => value_size(value, path),
    })
}

fn members_size<'o, K: AsRef<str> + 'o, M: 'o>(
    members: impl IntoIterator<Item = (&'o K, &'o M)>,
    path: &Path<'_>,
    size_of: impl Fn(&M, &Path<'_>) -> Result<usize, TwinLimit>,
) -> Result<usize, TwinLimit> {
    let mut size = 0;
    for (key, member) in members {
        let key = key.as_ref();
        let path = path.key(key);
        check_key(key, &path)?;
        size += text_size(key) + size_of(member, &path)?;
    }
    Ok(size)
}

fn check_key(key: &str, path: &Path<'_>) -> Result<(), TwinLimit> {
    let bytes = key.len();
    if bytes > MAX_KEY_BYTES {
        return Err(TwinLimit::KeyLength {
            path: path.to_string(),
            bytes,
        });
    }
    let refused = |c: char| c.is_control() || matches!(c, '.' | '$' | ' ');
    match key.chars().find(|c| refused(*c)) {
        Some(character) => Err(TwinLimit::KeyCharacter {
            path: path.to_string(),
            character,
        }),
        None => Ok(()),
    }
}

/// The size of a value. Goes down only as far as the depth that is allowed.
fn value_size(value: &Value, path: &Path<'_>) -> Result<usize, TwinLimit> {
    match value {
        Value::Null if path.in_array() => Err(TwinLimit::NullInArray {
            path: path.to_string(),
        }),
        Value::Null => Ok(0),
        Value::Bool(_) => Ok(BOOLEAN_BYTES),
        Value::Number(number) => {
            let integer = number.as_i64();
            if number.is_u64() && integer.is_none()
                || integer.is_some_and(|integer| !INTEGERS.contains(&integer))
            {
                return Err(TwinLimit::Integer {
                    path: path.to_string(),
                });
            }
            Ok(NUMBER_BYTES)
        }
        Value::String(text) if text.len() > MAX_STRING_BYTES => Err(TwinLimit::StringLength {
            path: path.to_string(),
            bytes: text.len(),
        }),
        Value::String(text) => Ok(text_size(text)),
        Value::Array(elements) => {
            check_depth(path)?;
            let elements = elements.iter().enumerate();
            let sizes = elements.map(|(index, element)| value_size(element, &path.index(index)));
            sizes.sum()
        }
        Value::Object(object) => {
            check_depth(path)?;
            object_size(object, path)
        }
    }
}

fn check_depth(path: &Path<'_>) -> Result<(), TwinLimit> {
    if path.depth() > MAX_DEPTH {
        return Err(TwinLimit::Depth {
            path: path.to_string(),
        });
    }
    Ok(())
}

/// UTF-8 bytes without the control characters, which IoT Hub does not count.
fn text_size(text: &str) -> usize {
    text.chars()
        .filter(|c| !c.is_control())
        .map(char::len_utf8)
        .sum()
}
