//! Regular expressions, and what matching one may cost.

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
    #[error("{0}")]
    Syntax(String),
}

/// Sizes that a compiled pattern may have. Matching takes at most the length of the text times
/// the size; nearly always far less, but a device may choose the text.
const SIZES: [usize; 5] = [16 << 10, 64 << 10, 256 << 10, 1 << 20, 10 << 20];

/// Bytes of compiled pattern for one step and one byte of text.
const SIZE_PER_STEP: usize = 16 << 10;

/// What the cache of one pattern may take while it is used.
const CACHE_BYTES: usize = 256 << 10;

/// Longest pattern that is not part of the expression, in bytes.
pub(super) const MAX_DYNAMIC: usize = 256;

impl Pattern {
    /// A pattern that is written in an expression.
    pub(super) fn fixed(source: &str) -> Result<Self, PatternError> {
        let mut error = PatternError::TooLarge;
        for size in SIZES {
            match Self::compile(source, size) {
                Ok(pattern) => return Ok(pattern),
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
        let [small, ..] = SIZES;
        Self::compile(source, small * 4).ok()
    }

    fn compile(source: &str, size: usize) -> Result<Self, PatternError> {
        let mut builder = RegexBuilder::new(source);
        builder.size_limit(size).dfa_size_limit(CACHE_BYTES);
        match builder.build() {
            Ok(regex) => Ok(Self {
                source: source.into(),
                regex,
                weight: (64 * size / SIZE_PER_STEP).max(1),
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
