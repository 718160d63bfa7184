//! The types of values: what the request holds is borrowed, the rest is shared.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::rc::Rc;

use jiff::{SignedDuration, Timestamp};

use super::parsed::{Members, Parsed};
use crate::certificate::{Certificate, Name};
use crate::expression::device_view::DeviceView;
use crate::expression::hub_view::HubView;
use crate::expression::tree::Literal;
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
    Parsed(&'a [Parsed<'a>]),
    Texts(&'a [String]),
    References(&'a [wire::Text<'a>]),
    Shared(Rc<[Val<'a>]>),
}

#[derive(Clone, Debug)]
pub(crate) enum Map<'a> {
    Parsed(&'a Members<'a>),
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

/// The device's row, and its attributes where it has some.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DeviceMembers<'a> {
    pub(crate) view: &'a DeviceView<'a>,
    pub(crate) attributes: Option<&'a Parsed<'a>>,
}

/// A part of the request with a known set of members.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Record<'a> {
    Enrollment(&'a Enrollment<'a>),
    Certificate(&'a Certificate),
    Name(&'a Name),
    Device(DeviceMembers<'a>),
    Hub(&'a HubView<'a>),
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

impl<'a> From<&'a Parsed<'_>> for Val<'a> {
    fn from(json: &'a Parsed<'_>) -> Self {
        match json {
            Parsed::Null => Self::Null,
            Parsed::Bool(flag) => Self::Bool(*flag),
            Parsed::Int(number) => Self::Int(*number),
            Parsed::UInt(number) => Self::UInt(*number),
            Parsed::Double(number) => Self::Double(*number),
            Parsed::Text(text) => Self::text(text),
            Parsed::List(items) => Self::List(List::Parsed(items)),
            Parsed::Map(members) => Self::Map(Map::Parsed(members)),
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
