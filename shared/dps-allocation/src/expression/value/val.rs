//! The types of values: what the request holds is borrowed, the rest is shared.

use std::cell::OnceCell;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::rc::Rc;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value as Json;

use crate::certificate::{Certificate, Name};
use crate::expression::device_view::DeviceView;
use crate::expression::hub_view::HubView;
use crate::expression::tree::Literal;
use crate::hidden::Hidden;
use crate::registration::Enrollment;
use crate::wire;

#[derive(Clone, Debug)]
pub(crate) enum Val<'a> {
    Null,
    Bool(bool),
    Int(i64),
    UInt(u64),
    Double(f64),
    Text(ValText<'a>),
    Bytes(Rc<[u8]>),
    List(List<'a>),
    Map(Map<'a>),
    /// The name of a type.
    Type(&'static str),
    Optional(Option<Rc<Val<'a>>>),
    Timestamp(Timestamp),
    Duration(SignedDuration),
}

#[derive(Clone, Debug)]
pub(crate) enum ValText<'a> {
    Borrowed(&'a str),
    Shared(Rc<str>),
}

#[derive(Clone, Debug)]
pub(crate) enum List<'a> {
    Json(&'a [Json]),
    Texts(&'a [String]),
    References(&'a [wire::Text<'a>]),
    Shared(Rc<[Val<'a>]>),
}

#[derive(Clone, Debug)]
pub(crate) enum Map<'a> {
    Json(&'a serde_json::Map<String, Json>),
    Record(Record<'a>),
    Shared(Rc<BTreeMap<Key<'a>, Val<'a>>>),
}

/// A key of a map; equal whole numbers are one key, whatever their types.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key<'a> {
    Bool(bool),
    Int(i64),
    /// Beyond `Int`.
    UInt(u64),
    Text(ValText<'a>),
}

/// The device's row, whose attributes are parsed on first use.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DeviceMembers<'a> {
    pub(crate) view: DeviceView<'a>,
    pub(crate) attributes: &'a OnceCell<Option<Hidden<Json>>>,
}

/// A part of the request with a known set of members.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Record<'a> {
    Enrollment(&'a Enrollment<'a>),
    Certificate(&'a Certificate),
    Name(&'a Name),
    Device(DeviceMembers<'a>),
    Hub(HubView<'a>),
}

impl Deref for ValText<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Borrowed(text) => text,
            Self::Shared(text) => text,
        }
    }
}

impl PartialEq for ValText<'_> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for ValText<'_> {}

impl PartialOrd for ValText<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ValText<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        (**self).cmp(&**other)
    }
}

impl<'a> From<&'a Literal> for Val<'a> {
    fn from(literal: &'a Literal) -> Self {
        match literal {
            Literal::Null => Self::Null,
            Literal::Bool(flag) => Self::Bool(*flag),
            Literal::Int(number) => Self::Int(*number),
            Literal::UInt(number) => Self::UInt(*number),
            Literal::Double(number) => Self::Double(*number),
            Literal::Text(text) => Self::text(text),
            Literal::Bytes(bytes) => Self::Bytes(bytes.as_ref().into()),
            Literal::Timestamp(at) => Self::Timestamp(*at),
        }
    }
}

impl<'a> From<&'a Json> for Val<'a> {
    /// Whole numbers become `int`, so that they add up with the literals people write.
    fn from(json: &'a Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(flag) => Self::Bool(*flag),
            Json::Number(number) => match (number.as_i64(), number.as_u64()) {
                (Some(whole), _) => Self::Int(whole),
                (None, Some(whole)) => Self::UInt(whole),
                (None, None) => number.as_f64().map_or(Self::Null, Self::Double),
            },
            Json::String(text) => Self::text(text),
            Json::Array(items) => Self::List(List::Json(items)),
            Json::Object(members) => Self::Map(Map::Json(members)),
        }
    }
}

impl<'a> Val<'a> {
    pub(crate) fn text(text: &'a str) -> Self {
        Self::Text(ValText::Borrowed(text))
    }

    pub(crate) fn new_text(text: String) -> Self {
        Self::Text(ValText::Shared(text.into()))
    }

    pub(crate) fn record(record: Record<'a>) -> Self {
        Self::Map(Map::Record(record))
    }

    pub(crate) fn list(items: Vec<Self>) -> Self {
        Self::List(List::Shared(items.into()))
    }

    pub(crate) fn is_timestamp(&self) -> bool {
        matches!(self, Self::Timestamp(_))
    }

    /// The name of its type in CEL.
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null_type",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::UInt(_) => "uint",
            Self::Double(_) => "double",
            Self::Text(_) => "string",
            Self::Bytes(_) => "bytes",
            Self::List(_) => "list",
            Self::Map(_) => "map",
            Self::Type(_) => "type",
            Self::Optional(_) => "optional_type",
            Self::Timestamp(_) => "timestamp",
            Self::Duration(_) => "duration",
        }
    }
}
