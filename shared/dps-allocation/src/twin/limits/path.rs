//! The place of a value in a twin, as a message shows it.

use std::fmt;

/// Longest part of a key that is shown.
const SHOWN_CHARS: usize = 64;

/// A segment below its parent. Lives on the stack: only a broken limit turns it into text.
pub(super) struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    segment: Segment<'a>,
}

enum Segment<'a> {
    Section(&'a str),
    Key(&'a str),
    Index(usize),
}

impl<'a> Path<'a> {
    pub(super) fn root(section: &'a str) -> Self {
        Self {
            parent: None,
            segment: Segment::Section(section),
        }
    }

    pub(super) fn key(&'a self, key: &'a str) -> Self {
        Self {
            parent: Some(self),
            segment: Segment::Key(key),
        }
    }

    pub(super) fn index(&'a self, index: usize) -> Self {
        Self {
            parent: Some(self),
            segment: Segment::Index(index),
        }
    }

    /// Segments below the section.
    pub(super) fn depth(&self) -> usize {
        self.parent.map_or(0, |parent| parent.depth() + 1)
    }

    /// Whether an array is anywhere above.
    pub(super) fn in_array(&self) -> bool {
        matches!(self.segment, Segment::Index(_)) || self.parent.is_some_and(Self::in_array)
    }
}

/// `tags.site.floors[2]`, and `tags["a b"]` where the key is not a plain word.
impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.segment {
            Segment::Section(name) => f.write_str(name),
            Segment::Index(index) => write!(f, "[{index}]"),
            Segment::Key(key) if key.chars().nth(SHOWN_CHARS).is_some() => {
                let shown: String = key.chars().take(SHOWN_CHARS).collect();
                write!(f, "[{shown:?}…]")
            }
            Segment::Key(key) if is_word(key) => write!(f, ".{key}"),
            Segment::Key(key) => write!(f, "[{key:?}]"),
        }
    }
}

fn is_word(key: &str) -> bool {
    !key.is_empty()
        && key
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
}
