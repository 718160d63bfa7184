//! What expressions ask of an id: questions that a regular expression answers.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use super::token::{Token, begins, ends, tokens};

/// A question about an id, as the regular expression of the ids for which it is true.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Atom {
    /// Matches whole ids in lower case.
    pub(super) pattern: String,
    /// The ids that the expression spells out.
    pub(super) listed: Vec<String>,
    /// Texts that the pattern is made of; `None` if any character may matter to it.
    pub(super) texts: Option<Vec<String>>,
}

/// Which id an expression is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Id {
    Registration,
    Enrollment,
}

/// The atoms of an expression, and whether it reads the id in another way too.
#[derive(Debug, Default)]
pub(super) struct Atoms {
    pub(super) all: BTreeSet<Atom>,
    pub(super) reads_otherwise: bool,
}

/// Any characters of an id.
const ANY: &str = "[a-z0-9._:-]*";

impl Atom {
    /// Every id that DPS accepts, in lower case.
    pub(super) fn id() -> Self {
        Self {
            pattern: format!("{ANY}[a-z0-9-]"),
            listed: Vec::new(),
            texts: Some(Vec::new()),
        }
    }

    /// The id is one of these.
    pub(super) fn one_of(ids: impl IntoIterator<Item = String>) -> Self {
        let listed: Vec<String> = ids.into_iter().collect();
        let patterns: Vec<String> = listed.iter().map(|id| regex_syntax::escape(id)).collect();
        Self {
            // Without an id it matches nothing: `[a&&b]` is an empty class.
            pattern: if patterns.is_empty() {
                "[a&&b]".to_owned()
            } else {
                format!("(?:{})", patterns.join("|"))
            },
            texts: Some(listed.clone()),
            listed,
        }
    }

    /// The id is one that patterns of the tables name, in which `*` stands for anything.
    pub(super) fn globs<'a>(globs: impl IntoIterator<Item = &'a str>) -> Self {
        let globs: Vec<&str> = globs.into_iter().collect();
        let listed = globs.iter().filter(|it| !it.contains('*'));
        let parts = globs.iter().flat_map(|glob| glob.split('*'));
        let patterns = globs.iter().map(|glob| {
            let parts: Vec<String> = glob.split('*').map(regex_syntax::escape).collect();
            parts.join(ANY)
        });
        let patterns: Vec<String> = patterns.collect();
        Self {
            pattern: format!("(?:{})", patterns.join("|")),
            listed: listed.map(|it| (*it).to_owned()).collect(),
            texts: Some(parts.map(str::to_owned).collect()),
        }
    }

    fn with(before: &str, text: &str, after: &str) -> Self {
        Self {
            pattern: format!("{before}{}{after}", regex_syntax::escape(text)),
            listed: Vec::new(),
            texts: Some(vec![text.to_owned()]),
        }
    }

    /// `matches`: somewhere in the id.
    fn regex(regex: &str) -> Self {
        Self {
            pattern: format!("{ANY}(?:{regex}){ANY}"),
            listed: Vec::new(),
            texts: None,
        }
    }
}

impl Atoms {
    /// What an expression asks of an id; of an individual enrollment both ids are the same.
    pub(super) fn of(expression: &str, id: Id) -> Self {
        let mut atoms = Self::default();
        let Some(tokens) = tokens(expression) else {
            let name = match id {
                Id::Registration => "registrationId",
                Id::Enrollment => "enrollment",
            };
            atoms.reads_otherwise = expression.contains(name);
            return atoms;
        };
        for at in 0..tokens.len() {
            let Some(length) = named(&tokens, at, id) else {
                continue;
            };
            match atom(&tokens, at, at + length) {
                Some(atom) => {
                    atoms.all.insert(atom);
                }
                None => atoms.reads_otherwise = true,
            }
        }
        atoms
    }
}

/// How many tokens name the id here.
fn named(tokens: &[Token], at: usize, id: Id) -> Option<usize> {
    // Not a member of something else.
    let before = at.checked_sub(1).and_then(|at| tokens.get(at));
    if before.is_some_and(|it| it.is(".")) {
        return None;
    }
    let rest = tokens.get(at..)?;
    match (id, rest) {
        (Id::Registration, [Token::Name(name), ..]) if name.starts_with("registrationId") => {
            Some(1)
        }
        (Id::Enrollment, [Token::Name(name), dot, Token::Name(member), ..])
            if name == "enrollment" && dot.is(".") && member == "id" =>
        {
            Some(3)
        }
        _ => None,
    }
}

/// The question that is asked of the id between two places.
fn atom(tokens: &[Token], from: usize, to: usize) -> Option<Atom> {
    if tokens.get(from)?.is_name("registrationIdAsWritten") {
        return None;
    }
    let (before, after) = (tokens.get(..from)?, tokens.get(to..)?);
    match after {
        [dot, Token::Name(method), open, Token::Text(text), close, ..]
            if dot.is(".") && open.is("(") && close.is(")") =>
        {
            match &**method {
                "contains" => Some(Atom::with(ANY, text, ANY)),
                "startsWith" => Some(Atom::with("", text, ANY)),
                "endsWith" => Some(Atom::with(ANY, text, "")),
                "matches" => Some(Atom::regex(text)),
                _ => None,
            }
        }
        [equals, Token::Text(text), rest @ ..]
            if is_equals(equals) && begins(before) && ends(rest) =>
        {
            Some(Atom::one_of([text.clone()]))
        }
        [of, open, list @ ..] if of.is_name("in") && open.is("[") && begins(before) => {
            let end = list.iter().position(|it| it.is("]"))?;
            let (list, rest) = list.split_at_checked(end)?;
            let listed = list.iter().filter(|it| !it.is(","));
            let listed = listed.map(|it| match it {
                Token::Text(text) => Some(text.clone()),
                _ => None,
            });
            let listed: Option<Vec<String>> = listed.collect();
            ends(rest.get(1..)?).then(|| listed.map(Atom::one_of))?
        }
        rest if ends(rest) => match before {
            [before @ .., Token::Text(text), equals] if is_equals(equals) && begins(before) => {
                Some(Atom::one_of([text.clone()]))
            }
            _ => None,
        },
        _ => None,
    }
}

fn is_equals(token: &Token) -> bool {
    token.is("==") || token.is("!=")
}
