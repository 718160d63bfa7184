//! The place of a value in a twin, as a message shows it.

use std::fmt;

/// Longest part of a key that is shown.
const SHOWN_CHARS: usize = 64;

/// A step down from its parent. Lives on the stack: only a broken limit turns it into text.
pub(super) struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    step: Step<'a>,
}

enum Step<'a> {
    Section(&'a str),
    Key(&'a str),
    Index(usize),
}

impl<'a> Path<'a> {
    pub(super) fn root(section: &'a str) -> Self {
        Self {
            parent: None,
            step: Step::Section(section),
        }
    }

    pub(super) fn key(&'a self, key: &'a str) -> Self {
        Self {
            parent: Some(self),
            step: Step::Key(key),
        }
    }

    pub(super) fn index(&'a self, index: usize) -> Self {
        Self {
            parent: Some(self),
            step: Step::Index(index),
        }
    }

    /// Steps below the section.
    pub(super) fn depth(&self) -> usize {
        self.parent.map_or(0, |parent| parent.depth() + 1)
    }

    /// Whether an array is anywhere above.
    pub(super) fn in_array(&self) -> bool {
        matches!(self.step, Step::Index(_)) || self.parent.is_some_and(Self::in_array)
    }
}

/// `tags.site.floors[2]`, and `tags["a b"]` where the key is not a plain word.
impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.step {
            Step::Section(name) => f.write_str(name),
            Step::Index(index) => write!(f, "[{index}]"),
            Step::Key(key) if key.chars().nth(SHOWN_CHARS).is_some() => {
                let shown: String = key.chars().take(SHOWN_CHARS).collect();
                write!(f, "[{shown:?}…]")
            }
            Step::Key(key) if is_word(key) => write!(f, ".{key}"),
            Step::Key(key) => write!(f, "[{key:?}]"),
        }
    }
}

fn is_word(key: &str) -> bool {
    !key.is_empty()
        && key
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
}
