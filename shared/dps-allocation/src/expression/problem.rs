//! Problems of expressions, and what to do about them.

use crate::finding::Severity;

/// A problem of an expression that is known without a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) severity: Severity,
    /// Quotes the expression, or the part of it that is meant.
    pub(crate) rule: String,
    pub(crate) help: String,
}

/// The default help.
pub(super) const HELP: &str = "write a CEL expression over registrationId, \
    registrationIdAsWritten, enrollment, attestation, cert, iotEdge, payload, currentHub, tenant \
    and device";

impl Problem {
    pub(crate) fn error(rule: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            rule: rule.into(),
            help: help.into(),
        }
    }

    pub(super) fn warning(rule: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(rule, help)
        }
    }
}

/// Names that people use, and their names here.
const ALIASES: [(&str, &str); 14] = [
    ("c", "country"),
    ("cn", "commonName"),
    ("o", "organization"),
    ("ou", "organizationalUnit"),
    ("deviceid", "registrationIdAsWritten"),
    ("enrollmentgroup", "enrollment"),
    ("group", "enrollment"),
    ("certificate", "cert"),
    ("hub", "currentHub"),
    ("thumbprint", "sha256Thumbprint"),
    ("serial", "serialNumber"),
    ("length", "size"),
    ("tolower", "lowerAscii"),
    ("toupper", "upperAscii"),
];

/// How similar two names must be; equal names have 1.0.
const ALIKE: f64 = 0.6;

/// The name that was probably meant.
pub(super) fn nearest<'n>(name: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let wanted = name.to_ascii_lowercase();
    let alias = ALIASES.iter().find(|(alias, _)| *alias == wanted);
    let likeness = |candidate: &str| {
        if alias.is_some_and(|(_, meant)| *meant == candidate) {
            return 1.0;
        }
        let candidate = candidate.to_ascii_lowercase();
        if candidate.starts_with(&wanted) {
            return 0.9;
        }
        strsim::normalized_damerau_levenshtein(&wanted, &candidate)
    };
    let rated = names.into_iter().map(|name| (likeness(name), name));
    let best = rated.max_by(|(a, _), (b, _)| a.total_cmp(b))?;
    (best.0 >= ALIKE).then_some(best.1)
}

/// What to do about a name that does not exist.
pub(super) fn help_with_name<'n>(
    name: &str,
    names: impl IntoIterator<Item = &'n str> + Clone,
    otherwise: impl FnOnce() -> String,
) -> String {
    nearest(name, names).map_or_else(otherwise, |nearest| format!("did you mean `{nearest}`?"))
}

/// A parse error as one line, with what was probably meant.
pub(super) fn syntax(source: &str, message: &str) -> Problem {
    let first = message.lines().next().unwrap_or_default();
    let first = first.strip_prefix("ERROR: <input>:").unwrap_or(first);
    // `1:9: Syntax error: what`; one line is all that a cell holds.
    let mut parts = first.splitn(3, ':').skip(1);
    let at = parts.next().unwrap_or_default();
    let what = parts.next().unwrap_or(first).trim();
    let what = what.strip_prefix("Syntax error: ").unwrap_or(what);
    // The list of everything that the grammar expects helps no reader.
    let what = what.split(" expecting ").next().unwrap_or_default();
    let what = what.replace("'<EOF>'", "the end");
    let help = meant(source).map_or_else(
        || HELP.to_owned(),
        |(wrong, right)| format!("write `{right}` in place of `{wrong}`"),
    );
    let rule = format!("`{source}` does not compile: {what}, at character {at}");
    Problem::error(rule, help)
}

/// An operator of other languages outside quotes, and what it is in CEL.
fn meant(source: &str) -> Option<(&'static str, &'static str)> {
    let plain = without_texts(source);
    let equals = plain.char_indices().any(|(at, c)| {
        let before = plain.get(..at).and_then(|text| text.chars().last());
        let after = plain.get(at + 1..).and_then(|text| text.chars().next());
        c == '=' && after != Some('=') && !matches!(before, Some('=' | '!' | '<' | '>'))
    });
    let words: Vec<&str> = plain.split_whitespace().collect();
    let word = |word: &str| words.iter().any(|it| it.eq_ignore_ascii_case(word));
    if plain.contains("===") {
        Some(("===", "=="))
    } else if plain.contains("<>") {
        Some(("<>", "!="))
    } else if equals {
        Some(("=", "=="))
    } else if word("and") {
        Some(("and", "&&"))
    } else if word("or") {
        Some(("or", "||"))
    } else if word("not") {
        Some(("not", "!"))
    } else {
        None
    }
}

/// The source with its quoted texts left out.
fn without_texts(source: &str) -> String {
    let (mut quote, mut escaped) = (None, false);
    let mut plain = String::with_capacity(source.len());
    for c in source.chars() {
        match (quote, c) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), _) if open == c => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, _) => plain.push(c),
        }
    }
    plain
}
