//! JSON for a device: made by a decision, written with the answer.

use std::borrow::Cow;
use std::fmt;

use litemap::LiteMap;
use serde::{Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

/// An initial twin or a reply. It becomes text when it is written or compared; `Debug` hides it.
#[derive(Clone, Serialize)]
#[serde(transparent)]
pub struct Document<'a>(Content<'a>);

/// What it consists of; what the layers fix is borrowed from them.
#[derive(Clone, Serialize)]
#[serde(untagged)]
enum Content<'a> {
    /// Nothing depends on the device.
    Fixed(&'a RawValue),
    Twin(InitialTwin<'a>),
    Reply(Member<'a>),
}

/// `{tags, properties: {desired}}`, exactly that nesting (.NET `TwinState`).
#[derive(Clone, Serialize)]
struct InitialTwin<'a> {
    #[serde(serialize_with = "members")]
    tags: Object<'a>,
    properties: Properties<'a>,
}

#[derive(Clone, Serialize)]
struct Properties<'a> {
    #[serde(serialize_with = "members")]
    desired: Object<'a>,
}

/// An object that is merged.
pub(crate) type Object<'a> = LiteMap<Cow<'a, str>, Member<'a>>;

/// A member of an object that is merged.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Member<'a> {
    /// Merged itself.
    Object(#[serde(serialize_with = "members")] Object<'a>),
    /// As a layer has it; it may be an object.
    Value(Cow<'a, Value>),
}

impl<'a> Document<'a> {
    pub(crate) fn fixed(json: &'a RawValue) -> Self {
        Self(Content::Fixed(json))
    }

    pub(crate) fn twin(tags: Object<'a>, desired: Object<'a>) -> Self {
        let properties = Properties { desired };
        Self(Content::Twin(InitialTwin { tags, properties }))
    }

    pub(crate) fn reply(reply: Member<'a>) -> Self {
        Self(Content::Reply(reply))
    }

    /// Its text.
    #[must_use]
    pub fn text(&self) -> Cow<'a, str> {
        match self.0 {
            Content::Fixed(json) => json.get().into(),
            // Keys are strings, so nothing can fail.
            _ => serde_json::to_string(self).unwrap_or_default().into(),
        }
    }
}

/// Two are equal if their texts are.
impl PartialEq for Document<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

impl fmt::Debug for Document<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Document(..)")
    }
}

impl Default for Member<'_> {
    fn default() -> Self {
        Self::Object(Object::new())
    }
}

impl Member<'_> {
    pub(crate) fn is_object(&self) -> bool {
        match self {
            Self::Object(_) => true,
            Self::Value(value) => value.is_object(),
        }
    }
}

/// Writes the members of an object.
fn members<S: Serializer>(object: &Object<'_>, json: S) -> Result<S::Ok, S::Error> {
    json.collect_map(object)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn documents_are_equal_when_their_texts_are() {
        let raw = serde_json::value::to_raw_value(&json!({"a": 1})).unwrap();
        let fixed = Document::fixed(&raw);
        let reply = |json: Value| Document::reply(Member::Value(Cow::Owned(json)));
        assert_eq!(fixed, reply(json!({"a": 1})));
        assert_ne!(fixed, reply(json!({"a": 2})));
        assert_eq!(fixed.text(), r#"{"a":1}"#);
    }
}
