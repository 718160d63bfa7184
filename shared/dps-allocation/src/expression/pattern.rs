//! Regular expressions, and what matching one may cost.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;

use regex::{Regex, RegexBuilder};
use regex_syntax::hir::{Class, Hir, HirKind};

use super::types::Case;

/// A compiled pattern.
#[derive(Debug)]
pub(super) struct Pattern {
    source: Box<str>,
    regex: Regex,
    /// Steps for each byte of the text, in 1/64.
    weight: usize,
}

/// Why a text is not a pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum PatternError {
    #[error("it takes more than the {0} KiB that a pattern may have once compiled")]
    TooLarge(usize),
    #[error("the patterns of all expressions together may have {0} MiB once compiled")]
    TooMany(usize),
    #[error("{0}")]
    Syntax(String),
}

/// What the patterns of a policy may take together once compiled, in bytes: 4,096 small ones.
const MAX_TOTAL: usize = 16 << 20;

/// What is left for the patterns of a policy, and those that it has: equal texts are one pattern.
#[derive(Debug)]
pub(crate) struct PatternBudget {
    left: Cell<usize>,
    compiled: RefCell<HashMap<Box<str>, Arc<Pattern>>>,
}

impl Default for PatternBudget {
    fn default() -> Self {
        Self {
            left: Cell::new(MAX_TOTAL),
            compiled: RefCell::default(),
        }
    }
}

/// What one pattern may take once compiled, in bytes; compiling it takes twice that for a moment.
/// `\w{100}` takes more, `[a-z0-9_]{100}` less than 16 KiB.
const MAX_SIZE: usize = 1 << 20;

/// Sizes that a compiled pattern may have. Matching takes at most the length of the text times
/// the size; nearly always far less, but a device may choose the text.
const SIZES: [usize; 5] = [4 << 10, 16 << 10, 64 << 10, 256 << 10, MAX_SIZE];

/// Bytes of compiled pattern for one step and one byte of text.
const SIZE_PER_STEP: usize = 16 << 10;

/// What the cache of one pattern may take while it is used.
const CACHE_BYTES: usize = 256 << 10;

/// Largest pattern that is not part of the expression, once compiled, in bytes.
const MAX_DYNAMIC_SIZE: usize = 64 << 10;

/// Longest pattern that is not part of the expression, in bytes.
pub(super) const MAX_DYNAMIC: usize = 256;

impl Pattern {
    /// A pattern that is written in an expression; it is compiled as far as the budget goes.
    pub(super) fn fixed(source: &str, budget: &PatternBudget) -> Result<Arc<Self>, PatternError> {
        let mut compiled = budget.compiled.borrow_mut();
        if let Some(known) = compiled.get(source) {
            return Ok(Arc::clone(known));
        }
        let left = budget.left.get();
        for size in SIZES {
            if size > left {
                return Err(PatternError::TooMany(MAX_TOTAL >> 20));
            }
            match Self::compile(source, size) {
                Err(PatternError::TooLarge(_)) => {}
                Err(syntax) => return Err(syntax),
                Ok(pattern) => {
                    budget.left.set(left - size);
                    let pattern = Arc::new(pattern);
                    compiled.insert(source.into(), Arc::clone(&pattern));
                    return Ok(pattern);
                }
            }
        }
        Err(PatternError::TooLarge(MAX_SIZE >> 10))
    }

    /// A pattern that is a value.
    pub(super) fn dynamic(source: &str) -> Option<Self> {
        Self::compile(source, MAX_DYNAMIC_SIZE).ok()
    }

    fn compile(source: &str, size: usize) -> Result<Self, PatternError> {
        let mut builder = RegexBuilder::new(source);
        builder.size_limit(size).dfa_size_limit(CACHE_BYTES);
        match builder.build() {
            Ok(regex) => Ok(Self {
                source: source.into(),
                regex,
                weight: (64 * size / SIZE_PER_STEP).max(64),
            }),
            Err(regex::Error::CompiledTooBig(_)) => Err(PatternError::TooLarge(size >> 10)),
            Err(error) => {
                // The last line says what is wrong, those before show where.
                let message = error.to_string();
                let last = message.lines().last().unwrap_or_default();
                let what = last.strip_prefix("error: ").unwrap_or(last);
                Err(PatternError::Syntax(what.to_owned()))
            }
        }
    }

    pub(super) fn source(&self) -> &str {
        &self.source
    }

    pub(super) fn is_match(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// Steps for matching a text of this many bytes.
    pub(super) fn cost(&self, bytes: usize) -> usize {
        1 + bytes.saturating_mul(self.weight) / 64
    }

    /// Whether it may match a text whose letters A to Z all have this case.
    pub(super) fn matches_letters_of(&self, case: Case) -> bool {
        // What the regex crate has compiled, its own parser reads.
        regex_syntax::parse(&self.source).is_ok_and(|hir| !needs_other(&hir, case))
    }

    /// Whether matching takes more than a step a byte.
    pub(super) fn is_large(&self) -> bool {
        self.weight > 64
    }
}

/// Whether every match of the pattern has a letter of the other case.
fn needs_other(pattern: &Hir, case: Case) -> bool {
    let (first, last) = match case {
        Case::Lower => (b'A', b'Z'),
        Case::Upper => (b'a', b'z'),
    };
    let other = |from: char, until: char| char::from(first) <= from && until <= char::from(last);
    match pattern.kind() {
        HirKind::Literal(literal) => literal.0.iter().any(|byte| (first..=last).contains(byte)),
        HirKind::Class(Class::Unicode(class)) => class.iter().all(|it| other(it.start(), it.end())),
        HirKind::Class(Class::Bytes(class)) => class
            .iter()
            .all(|it| other(char::from(it.start()), char::from(it.end()))),
        HirKind::Repetition(repeated) => repeated.min > 0 && needs_other(&repeated.sub, case),
        HirKind::Capture(group) => needs_other(&group.sub, case),
        HirKind::Concat(parts) => parts.iter().any(|part| needs_other(part, case)),
        HirKind::Alternation(choices) => choices.iter().all(|choice| needs_other(choice, case)),
        HirKind::Empty | HirKind::Look(_) => false,
    }
}
