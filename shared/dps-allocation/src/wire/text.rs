//! A JSON string that borrows from the request if it has no escape.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// A JSON string, borrowed if it has no escape.
///
/// A `Cow<str>` alone is copied by serde inside an `Option` or a `Vec`.
#[derive(Clone, Deserialize, PartialEq, Eq)]
#[serde(transparent)]
pub struct Text<'a>(#[serde(borrow)] pub Cow<'a, str>);

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// Strings that a list has room for without growing: serde begins with room for four, and most fleets
/// have fewer hubs than this.
const ROOM: usize = 16;

/// Reads a list of strings.
pub(super) fn list<'de: 'a, 'a, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<Text<'a>>, D::Error> {
    struct List<'a>(PhantomData<Text<'a>>);

    impl<'de: 'a, 'a> Visitor<'de> for List<'a> {
        type Value = Vec<Text<'a>>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a sequence")
        }

        fn visit_seq<S: SeqAccess<'de>>(self, mut texts: S) -> Result<Self::Value, S::Error> {
            let mut list = Vec::with_capacity(ROOM);
            while let Some(text) = texts.next_element()? {
                list.push(text);
            }
            Ok(list)
        }
    }

    deserializer.deserialize_seq(List(PhantomData))
}
