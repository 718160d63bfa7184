//! Regular expressions, and what matching one may cost.

use std::cell::Cell;

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
    #[error("it is larger than a pattern may be once compiled")]
    TooLarge,
    #[error("the patterns of all expressions together may have {0} MiB once compiled")]
    TooMany(usize),
    #[error("{0}")]
    Syntax(String),
}

/// What the patterns of a policy may take together once compiled, in bytes: 4,096 small ones.
const MAX_TOTAL: usize = 16 << 20;

/// What is left for the patterns of a policy.
#[derive(Debug)]
pub(crate) struct PatternBudget(Cell<usize>);

impl Default for PatternBudget {
    fn default() -> Self {
        Self(Cell::new(MAX_TOTAL))
    }
}

/// Sizes that a compiled pattern may have. Matching takes at most the length of the text times
/// the size; nearly always far less, but a device may choose the text.
const SIZES: [usize; 8] = [
    4 << 10,
    16 << 10,
    64 << 10,
    256 << 10,
    1 << 20,
    2 << 20,
    4 << 20,
    10 << 20,
];

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
    pub(super) fn fixed(source: &str, budget: &PatternBudget) -> Result<Self, PatternError> {
        let mut error = PatternError::TooLarge;
        let left = budget.0.get();
        for size in SIZES {
            if size > left {
                return Err(PatternError::TooMany(MAX_TOTAL >> 20));
            }
            match Self::compile(source, size) {
                Ok(pattern) => {
                    budget.0.set(left - size);
                    return Ok(pattern);
                }
                Err(PatternError::TooLarge) => {}
                Err(syntax) => {
                    error = syntax;
                    break;
                }
            }
        }
        Err(error)
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
            Err(regex::Error::CompiledTooBig(_)) => Err(PatternError::TooLarge),
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

    /// Steps for matching a text of so many bytes.
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
