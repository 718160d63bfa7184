//! Values while an expression is evaluated: what the request holds is borrowed, the rest shared.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::rc::Rc;

use serde_json::Value as Json;

use super::budget::Budget;
use super::outcome::Failure;
use super::record::Record;
use super::tree::Literal;
use crate::wire;

#[derive(Clone, Debug)]
pub(super) enum Val<'a> {
    Null,
    Bool(bool),
    Int(i64),
    UInt(u64),
    Double(f64),
    Text(Text<'a>),
    Bytes(Rc<[u8]>),
    List(List<'a>),
    Map(Map<'a>),
    /// The name of a type.
    Type(&'static str),
    Optional(Option<Rc<Val<'a>>>),
}

#[derive(Clone, Debug)]
pub(super) enum Text<'a> {
    Borrowed(&'a str),
    Shared(Rc<str>),
}

#[derive(Clone, Debug)]
pub(super) enum List<'a> {
    Json(&'a [Json]),
    Texts(&'a [String]),
    References(&'a [wire::Text<'a>]),
    Shared(Rc<[Val<'a>]>),
}

#[derive(Clone, Debug)]
pub(super) enum Map<'a> {
    Json(&'a serde_json::Map<String, Json>),
    Record(Record<'a>),
    Shared(Rc<BTreeMap<Key<'a>, Val<'a>>>),
}

/// A key of a map; whole numbers are the same key whatever their type.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key<'a> {
    Bool(bool),
    Int(i64),
    /// Beyond `Int`.
    UInt(u64),
    Text(Text<'a>),
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Borrowed(text) => text,
            Self::Shared(text) => text,
        }
    }
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Text<'_> {}

impl PartialOrd for Text<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text<'_> {
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
    pub(super) fn text(text: &'a str) -> Self {
        Self::Text(Text::Borrowed(text))
    }

    pub(super) fn new_text(text: String) -> Self {
        Self::Text(Text::Shared(text.into()))
    }

    pub(super) fn record(record: Record<'a>) -> Self {
        Self::Map(Map::Record(record))
    }

    pub(super) fn list(items: Vec<Self>) -> Self {
        Self::List(List::Shared(items.into()))
    }

    /// The name of its type in CEL.
    pub(super) fn type_name(&self) -> &'static str {
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
        }
    }

    /// Whether two values are equal; those of different types are not, numbers aside.
    pub(super) fn equals(&self, other: &Self, budget: &Budget) -> Result<bool, Failure> {
        budget.steps(1)?;
        Ok(match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Text(a), Self::Text(b)) => {
                budget.scan(a.len().min(b.len()))?;
                a == b
            }
            (Self::Bytes(a), Self::Bytes(b)) => {
                budget.scan(a.len().min(b.len()))?;
                a == b
            }
            (Self::Type(a), Self::Type(b)) => a == b,
            (Self::Null, Self::Null) | (Self::Optional(None), Self::Optional(None)) => true,
            (Self::Optional(Some(a)), Self::Optional(Some(b))) => a.equals(b, budget)?,
            (Self::List(a), Self::List(b)) => lists_equal(a, b, budget)?,
            (Self::Map(a), Self::Map(b)) => maps_equal(a, b, budget)?,
            (a, b) => numbers(a, b) == Some(Ordering::Equal),
        })
    }

    /// The order of two values that have one.
    pub(super) fn compare(
        &self,
        other: &Self,
        budget: &Budget,
    ) -> Result<Option<Ordering>, Failure> {
        Ok(match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => Some(a.cmp(b)),
            (Self::Text(a), Self::Text(b)) => {
                budget.scan(a.len().min(b.len()))?;
                Some(a.cmp(b))
            }
            (Self::Bytes(a), Self::Bytes(b)) => {
                budget.scan(a.len().min(b.len()))?;
                Some(a.cmp(b))
            }
            (a, b) => numbers(a, b),
        })
    }

    /// The value as JSON; none where it holds what has no JSON.
    pub(super) fn to_json(&self, budget: &Budget) -> Result<Option<Json>, Failure> {
        Ok(Some(match self {
            Self::Null => Json::Null,
            Self::Bool(flag) => Json::Bool(*flag),
            Self::Int(number) => Json::from(*number),
            Self::UInt(number) => Json::from(*number),
            // Infinity has no JSON but null.
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
            Self::Optional(_) => return Ok(None),
        }))
    }
}

impl<'a> List<'a> {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Json(items) => items.len(),
            Self::Texts(items) => items.len(),
            Self::References(items) => items.len(),
            Self::Shared(items) => items.len(),
        }
    }

    pub(super) fn get(&self, at: usize) -> Option<Val<'a>> {
        match self {
            Self::Json(items) => items.get(at).map(Val::from),
            Self::Texts(items) => items.get(at).map(|text| Val::text(text)),
            Self::References(items) => items.get(at).map(|text| Val::text(text)),
            Self::Shared(items) => items.get(at).cloned(),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Val<'a>> {
        (0..self.len()).filter_map(|at| self.get(at))
    }
}

impl<'a> Map<'a> {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Json(members) => members.len(),
            Self::Record(record) => record.members().count(),
            Self::Shared(entries) => entries.len(),
        }
    }

    pub(super) fn member(&self, name: &str) -> Option<Val<'a>> {
        match self {
            Self::Json(members) => members.get(name).map(Val::from),
            Self::Record(record) => record.member(name),
            Self::Shared(entries) => entries.get(&Key::Text(Text::Borrowed(name))).cloned(),
        }
    }

    pub(super) fn get(&self, key: &Key<'_>) -> Option<Val<'a>> {
        match (self, key) {
            (_, Key::Text(name)) => self.member(name),
            (Self::Shared(entries), key) => entries.get(key).cloned(),
            (Self::Json(_) | Self::Record(_), _) => None,
        }
    }

    /// The keys, in their order: the same on every instance.
    pub(super) fn keys(&self, budget: &Budget) -> Result<Vec<Key<'a>>, Failure> {
        let keys = self.len();
        budget.make(keys.saturating_mul(size_of::<Key<'_>>()))?;
        // Sorting compares each key a few times.
        budget.steps(keys.saturating_mul(4))?;
        let text = |name: &'a str| Key::Text(Text::Borrowed(name));
        let mut keys: Vec<Key<'a>> = match self {
            Self::Json(members) => members.keys().map(|name| text(name)).collect(),
            Self::Record(record) => record.members().map(|(name, _)| text(name)).collect(),
            Self::Shared(entries) => return Ok(entries.keys().cloned().collect()),
        };
        keys.sort_unstable();
        Ok(keys)
    }
}

impl<'a> Key<'a> {
    /// The value as a key.
    pub(super) fn of(value: &Val<'a>) -> Option<Self> {
        Some(match value {
            Val::Bool(flag) => Self::Bool(*flag),
            Val::Int(number) => Self::Int(*number),
            Val::UInt(number) => i64::try_from(*number).map_or(Self::UInt(*number), Self::Int),
            Val::Text(text) => Self::Text(text.clone()),
            _ => return None,
        })
    }

    /// The value as a key to look for; a double finds the whole number that it equals.
    pub(super) fn sought(value: &Val<'a>) -> Option<Self> {
        let Val::Double(number) = value else {
            return Self::of(value);
        };
        whole(*number).map(Self::Int)
    }

    pub(super) fn into_value(self) -> Val<'a> {
        match self {
            Self::Bool(flag) => Val::Bool(flag),
            Self::Int(number) => Val::Int(number),
            Self::UInt(number) => Val::UInt(number),
            Self::Text(text) => Val::Text(text),
        }
    }

    fn to_text(&self) -> Cow<'_, str> {
        match self {
            Self::Bool(flag) => Cow::Borrowed(if *flag { "true" } else { "false" }),
            Self::Int(number) => Cow::Owned(number.to_string()),
            Self::UInt(number) => Cow::Owned(number.to_string()),
            Self::Text(text) => Cow::Borrowed(text),
        }
    }
}

/// The whole number that a double is.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::float_cmp,
    reason = "the number is compared after the way there and back"
)]
pub(super) fn whole(number: f64) -> Option<i64> {
    if !(number > i64::MIN as f64 && number < i64::MAX as f64) {
        return None;
    }
    let whole = number as i64;
    (whole as f64 == number).then_some(whole)
}

/// The order of two numbers of any type.
#[expect(
    clippy::cast_precision_loss,
    reason = "CEL compares whole numbers with doubles as doubles"
)]
fn numbers(a: &Val<'_>, b: &Val<'_>) -> Option<Ordering> {
    match (a, b) {
        (Val::Int(a), Val::Int(b)) => Some(a.cmp(b)),
        (Val::UInt(a), Val::UInt(b)) => Some(a.cmp(b)),
        (Val::Double(a), Val::Double(b)) => a.partial_cmp(b),
        (Val::Int(a), Val::UInt(b)) => Some(i128::from(*a).cmp(&i128::from(*b))),
        (Val::UInt(a), Val::Int(b)) => Some(i128::from(*a).cmp(&i128::from(*b))),
        (Val::Int(a), Val::Double(b)) => (*a as f64).partial_cmp(b),
        (Val::Double(a), Val::Int(b)) => a.partial_cmp(&(*b as f64)),
        (Val::UInt(a), Val::Double(b)) => (*a as f64).partial_cmp(b),
        (Val::Double(a), Val::UInt(b)) => a.partial_cmp(&(*b as f64)),
        _ => None,
    }
}

fn lists_equal(a: &List<'_>, b: &List<'_>, budget: &Budget) -> Result<bool, Failure> {
    if a.len() != b.len() {
        return Ok(false);
    }
    for (a, b) in a.iter().zip(b.iter()) {
        if !a.equals(&b, budget)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn maps_equal(a: &Map<'_>, b: &Map<'_>, budget: &Budget) -> Result<bool, Failure> {
    if a.len() != b.len() {
        return Ok(false);
    }
    for key in a.keys(budget)? {
        let (Some(a), Some(b)) = (a.get(&key), b.get(&key)) else {
            return Ok(false);
        };
        if !a.equals(&b, budget)? {
            return Ok(false);
        }
    }
    Ok(true)
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

/// What a member takes besides its value, half-empty nodes included.
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
