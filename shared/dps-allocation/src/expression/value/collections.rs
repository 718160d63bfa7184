//! Lists, maps and their keys.

use std::borrow::Cow;

use super::val::{Key, List, Map, Val, ValText};
use crate::expression::budget::Budget;
use crate::expression::outcome::Failure;

impl<'a> List<'a> {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Parsed(items) => items.len(),
            Self::Texts(items) => items.len(),
            Self::References(items) => items.len(),
            Self::Shared(items) => items.len(),
        }
    }

    pub(crate) fn get(&self, at: usize) -> Option<Val<'a>> {
        match self {
            Self::Parsed(items) => items.get(at).map(Val::from),
            Self::Texts(items) => items.get(at).map(|text| Val::text(text)),
            Self::References(items) => items.get(at).map(|text| Val::text(text)),
            Self::Shared(items) => items.get(at).cloned(),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Val<'a>> {
        (0..self.len()).filter_map(|at| self.get(at))
    }
}

impl<'a> Map<'a> {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Parsed(members) => members.len(),
            Self::Record(record) => record.members().count(),
            Self::Shared(entries) => entries.len(),
        }
    }

    pub(crate) fn member(&self, name: &str) -> Option<Val<'a>> {
        match self {
            Self::Parsed(members) => members.get(name).map(Val::from),
            Self::Record(record) => record.member(name),
            Self::Shared(entries) => entries.get(&Key::Text(ValText::Borrowed(name))).cloned(),
        }
    }

    pub(crate) fn get(&self, key: &Key<'_>) -> Option<Val<'a>> {
        match (self, key) {
            (_, Key::Text(name)) => self.member(name),
            (Self::Shared(entries), key) => entries.get(key).cloned(),
            (Self::Parsed(_) | Self::Record(_), _) => None,
        }
    }

    /// The keys, in their order: the same on every instance.
    pub(crate) fn keys(&self, budget: &Budget) -> Result<Vec<Key<'a>>, Failure> {
        let keys = self.len();
        budget.make(keys.saturating_mul(size_of::<Key<'_>>()))?;
        // Sorting compares each key a few times.
        budget.steps(keys.saturating_mul(4))?;
        let text = |name: &'a str| Key::Text(ValText::Borrowed(name));
        let mut keys: Vec<Key<'a>> = match self {
            Self::Parsed(members) => members.keys().map(|name| text(name)).collect(),
            Self::Record(record) => record.members().map(|(name, _)| text(name)).collect(),
            Self::Shared(entries) => return Ok(entries.keys().cloned().collect()),
        };
        keys.sort_unstable();
        Ok(keys)
    }
}

impl<'a> Key<'a> {
    /// The value as a key.
    pub(crate) fn of(value: &Val<'a>) -> Option<Self> {
        Some(match value {
            Val::Bool(flag) => Self::Bool(*flag),
            Val::Int(number) => Self::Int(*number),
            Val::UInt(number) => i64::try_from(*number).map_or(Self::UInt(*number), Self::Int),
            Val::Text(text) => Self::Text(text.clone()),
            _ => return None,
        })
    }

    /// The value as a key to find; a double finds the whole number that it equals.
    pub(crate) fn sought(value: &Val<'a>) -> Option<Self> {
        let Val::Double(number) = value else {
            return Self::of(value);
        };
        whole(*number).map(Self::Int)
    }

    pub(crate) fn into_value(self) -> Val<'a> {
        match self {
            Self::Bool(flag) => Val::Bool(flag),
            Self::Int(number) => Val::Int(number),
            Self::UInt(number) => Val::UInt(number),
            Self::Text(text) => Val::Text(text),
        }
    }

    pub(super) fn to_text(&self) -> Cow<'_, str> {
        match self {
            Self::Bool(flag) => Cow::Borrowed(if *flag { "true" } else { "false" }),
            Self::Int(number) => Cow::Owned(number.to_string()),
            Self::UInt(number) => Cow::Owned(number.to_string()),
            Self::Text(text) => Cow::Borrowed(text),
        }
    }
}

/// The whole number that a double equals.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::float_cmp,
    reason = "the number is compared after converting it back"
)]
pub(crate) fn whole(number: f64) -> Option<i64> {
    if !(number > i64::MIN as f64 && number < i64::MAX as f64) {
        return None;
    }
    let whole = number as i64;
    (whole as f64 == number).then_some(whole)
}
