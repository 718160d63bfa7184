//! Ids in which `*` stands for any characters.

/// A glob in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Glob(Box<str>);

impl Glob {
    pub(crate) fn new(canonical: &str) -> Self {
        Self(canonical.into())
    }

    /// Whether a key of a table is a glob rather than an id.
    pub(crate) fn is_glob(text: &str) -> bool {
        text.contains('*')
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the glob matches an id in lower case.
    pub(crate) fn matches(&self, id: &str) -> bool {
        matches_glob(&self.0, id)
    }
}

/// Whether a pattern of the tables matches an id, both in lower case: `*` stands for any characters.
#[must_use]
pub fn matches_glob(glob: &str, id: &str) -> bool {
    let Some((first, rest)) = glob.split_once('*') else {
        return *glob == *id;
    };
    let Some(mut id) = id.strip_prefix(first) else {
        return false;
    };
    let mut parts = rest.split('*').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return id.ends_with(part);
        }
        let Some(at) = id.find(part) else {
            return false;
        };
        id = id.get(at + part.len()..).unwrap_or_default();
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, id: &str, matches: bool) {
        assert_eq!(Glob::new(pattern).matches(id), matches, "{pattern} on {id}");
    }

    #[test]
    fn a_star_stands_for_any_characters() {
        check("pump-0042", "pump-0042", true);
        check("pump-0042", "pump-00421", false);
        check("pump-*", "pump-0042", true);
        check("pump-*", "pump-", true);
        check("pump-*", "pumps", false);
        check("*-line7", "press-line7", true);
        check("*-line7", "press-line77", false);
        check("a*b*c", "a-b-b-c", true);
        check("a*b*c", "a-c-b", false);
        check("a*a", "a", false);
        check("*", "anything", true);
        check("**", "", true);
    }
}
