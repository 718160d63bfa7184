//! JSON that a device or a row writes, as expressions read it.

use std::borrow::Cow;
use std::{fmt, iter};

use litemap::LiteMap;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::wire::Text;

/// A JSON value, whose texts are borrowed where they have no escape; `Debug` hides it.
pub(crate) enum Parsed<'j> {
    Null,
    Bool(bool),
    /// Every whole number that is one, so that it adds up with the literals people write.
    Int(i64),
    /// Beyond `Int`.
    UInt(u64),
    Double(f64),
    Text(Cow<'j, str>),
    List(Vec<Parsed<'j>>),
    Map(Members<'j>),
}

/// The members of an object, in the order of their names.
pub(super) type Members<'j> = LiteMap<Cow<'j, str>, Parsed<'j>>;

impl fmt::Debug for Parsed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Parsed(..)")
    }
}

impl<'de> Deserialize<'de> for Parsed<'de> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_any(AnyJson)
    }
}

struct AnyJson;

impl<'de> Visitor<'de> for AnyJson {
    type Value = Parsed<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Parsed::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Self::Value, E> {
        Ok(Parsed::Bool(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Parsed::Int(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(i64::try_from(number).map_or(Parsed::UInt(number), Parsed::Int))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Parsed::Double(number))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Parsed::Text(text.into()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Parsed::Text(text.to_owned().into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self::Value, A::Error> {
        let elements = iter::from_fn(|| elements.next_element().transpose());
        elements.collect::<Result<_, _>>().map(Parsed::List)
    }

    /// Of members with the same name, the last one counts.
    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let members = iter::from_fn(|| members.next_entry().transpose());
        let members = members.map(|member| member.map(|(Text(name), value)| (name, value)));
        members.collect::<Result<_, _>>().map(Parsed::Map)
    }
}
