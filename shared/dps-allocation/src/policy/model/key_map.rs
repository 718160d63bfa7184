//! Maps by the key of a row.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher};

/// A map by the key of a row.
///
/// Its hash has a fixed key, since the engine has no randomness. That is safe: keys come from the
/// operator, and requests only look them up.
pub(super) type KeyMap<V> = HashMap<Box<str>, V, BuildHasherDefault<DefaultHasher>>;
