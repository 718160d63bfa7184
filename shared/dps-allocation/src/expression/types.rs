//! What is known of a value before there is a request.

use std::fmt;

use super::kinds::Kinds;
use crate::hub_name::HubName;

/// The kinds that a value may have, and what is known of those values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Type {
    pub(super) kinds: Kinds,
    pub(super) shape: Shape,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Plain,
    /// Texts without letters of the other case.
    Case(Case),
    /// Classic host names of hubs.
    Hub,
    /// One of these texts.
    Words(&'static [&'static str]),
    /// A map with these members.
    Record(Members),
    /// A list of such values.
    List(Kinds),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    Lower,
    Upper,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lower => "lower",
            Self::Upper => "upper",
        })
    }
}

/// The members of a record.
pub(super) type Members = &'static [(&'static str, Type)];

impl Type {
    pub(super) const ANY: Self = Self::of(Kinds::ANY);
    /// What JSON can hold.
    pub(super) const JSON: Self = Self::of(Kinds::JSON);

    pub(super) const fn of(kinds: Kinds) -> Self {
        let shape = Shape::Plain;
        Self { kinds, shape }
    }

    pub(super) const fn text(shape: Shape) -> Self {
        let kinds = Kinds::TEXT;
        Self { kinds, shape }
    }

    pub(super) const fn list(element: Kinds) -> Self {
        Self {
            kinds: Kinds::LIST,
            shape: Shape::List(element),
        }
    }

    pub(super) const fn record(members: Members) -> Self {
        Self {
            kinds: Kinds::MAP,
            shape: Shape::Record(members),
        }
    }

    pub(super) const fn or_null(self) -> Self {
        Self {
            kinds: self.kinds.or(Kinds::NULL),
            ..self
        }
    }

    /// A value that has the one type or the other.
    pub(super) fn or(self, other: Self) -> Self {
        let shape = if self.shape == other.shape {
            self.shape
        } else {
            Shape::Plain
        };
        Self {
            kinds: self.kinds.or(other.kinds),
            shape,
        }
    }

    /// What is known of the elements of a list, or of the keys of a map.
    pub(super) fn element(self) -> Self {
        match self.shape {
            Shape::List(element) => Self::of(element),
            Shape::Record(_) => Self::of(Kinds::TEXT),
            _ if self == Self::JSON => Self::JSON,
            _ => Self::ANY,
        }
    }

    /// The case of all letters of such a text; none if it may have both.
    pub(super) fn letters(self) -> Option<Case> {
        match self.shape {
            Shape::Case(case) => Some(case),
            Shape::Hub => Some(Case::Lower),
            _ => None,
        }
    }

    /// Why a text can never be such a value.
    pub(super) fn excludes(self, text: &str) -> Option<String> {
        let has = |case: fn(&char) -> bool| text.chars().any(|c| case(&c));
        match self.shape {
            Shape::Case(Case::Lower) if has(char::is_ascii_uppercase) => {
                Some("is always in lower case".to_owned())
            }
            Shape::Case(Case::Upper) if has(char::is_ascii_lowercase) => {
                Some("is always in upper case".to_owned())
            }
            Shape::Hub if *HubName::fold(text) != *text => {
                Some("is always a classic host name in lower case".to_owned())
            }
            Shape::Hub if HubName::parse(text).is_err() => {
                Some("is always a whole host name".to_owned())
            }
            Shape::Words(words) if !words.contains(&text) => Some(one_of(words)),
            _ => None,
        }
    }
}

/// What is known of a value that is one of these.
pub(super) fn one_of(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    format!("is always one of {}", words.join(", "))
}
