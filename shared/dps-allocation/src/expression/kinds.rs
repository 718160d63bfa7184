//! The kinds of values, and sets of them.

use std::fmt;

/// A set of kinds of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kinds(u16);

impl Kinds {
    pub(super) const NONE: Self = Self(0);
    pub(super) const NULL: Self = Self(1);
    pub(super) const BOOL: Self = Self(1 << 1);
    pub(super) const INT: Self = Self(1 << 2);
    pub(super) const UINT: Self = Self(1 << 3);
    pub(super) const DOUBLE: Self = Self(1 << 4);
    pub(super) const TEXT: Self = Self(1 << 5);
    pub(super) const BYTES: Self = Self(1 << 6);
    pub(super) const LIST: Self = Self(1 << 7);
    pub(super) const MAP: Self = Self(1 << 8);
    pub(super) const TYPE: Self = Self(1 << 9);
    pub(super) const OPTIONAL: Self = Self(1 << 10);
    pub(super) const TIMESTAMP: Self = Self(1 << 11);
    pub(super) const DURATION: Self = Self(1 << 12);

    /// All numbers.
    pub(super) const NUMBER: Self = Self::INT.or(Self::UINT).or(Self::DOUBLE);
    /// Points in time, and durations.
    pub(super) const TIME: Self = Self::TIMESTAMP.or(Self::DURATION);
    /// What JSON can hold.
    pub(super) const JSON: Self = Self::NULL
        .or(Self::BOOL)
        .or(Self::NUMBER)
        .or(Self::TEXT)
        .or(Self::LIST)
        .or(Self::MAP);
    /// Everything.
    pub(super) const ANY: Self = Self::JSON
        .or(Self::BYTES)
        .or(Self::TYPE)
        .or(Self::OPTIONAL)
        .or(Self::TIME);

    const NAMES: [(Self, &'static str); 13] = [
        (Self::BOOL, "bool"),
        (Self::INT, "int"),
        (Self::UINT, "uint"),
        (Self::DOUBLE, "double"),
        (Self::TEXT, "string"),
        (Self::BYTES, "bytes"),
        (Self::LIST, "list"),
        (Self::MAP, "map"),
        (Self::TYPE, "type"),
        (Self::OPTIONAL, "optional"),
        (Self::TIMESTAMP, "timestamp"),
        (Self::DURATION, "duration"),
        (Self::NULL, "null"),
    ];

    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(super) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether the two have a kind in common.
    pub(super) const fn meets(self, other: Self) -> bool {
        !self.and(other).is_empty()
    }

    /// Adds all kinds of numbers to one of them: numbers of different kinds compare.
    pub(super) const fn with_numbers(self) -> Self {
        if self.meets(Self::NUMBER) {
            self.or(Self::NUMBER)
        } else {
            self
        }
    }
}

impl fmt::Display for Kinds {
    /// `int or string`; the names are those of CEL's types.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = Self::NAMES
            .into_iter()
            .filter(|(kind, _)| self.meets(*kind));
        for (number, (_, name)) in named.enumerate() {
            if number > 0 {
                f.write_str(" or ")?;
            }
            f.write_str(name)?;
        }
        Ok(())
    }
}
