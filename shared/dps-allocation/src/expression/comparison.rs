//! What an expression compares with names that the tables of a policy list.

use std::fmt;

use super::function::Function;

/// A comparison of a name with a text that stands in the expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Comparison {
    pub(crate) listed: Listed,
    /// What is compared, such as `device.tenant`.
    pub(crate) given: String,
    pub(crate) test: Test,
    pub(crate) text: String,
}

/// Which table lists all values that something can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Listed {
    Tenants,
    Hubs,
    /// By id or by pattern.
    Enrollments,
}

/// How a name is compared with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Test {
    /// `==`, `!=` and `in`.
    Is,
    StartsWith,
    EndsWith,
    Contains,
}

impl Listed {
    /// The table that lists what a path such as `device.tenant` can be.
    pub(super) fn of(path: &str) -> Option<Self> {
        match path {
            "tenant" | "device.tenant" => Some(Self::Tenants),
            "currentHub" | "device.hub" | "hub.name" => Some(Self::Hubs),
            "enrollment.id" => Some(Self::Enrollments),
            _ => None,
        }
    }
}

impl Test {
    /// The test that a function makes.
    pub(super) fn of(function: Function) -> Option<Self> {
        match function {
            Function::StartsWith => Some(Self::StartsWith),
            Function::EndsWith => Some(Self::EndsWith),
            Function::Contains => Some(Self::Contains),
            _ => None,
        }
    }

    /// As an expression writes it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Is => "==",
            Self::StartsWith => "startsWith",
            Self::EndsWith => "endsWith",
            Self::Contains => "contains",
        }
    }

    /// Whether a name passes the test against a text.
    pub(super) fn holds(self, name: &str, text: &str) -> bool {
        match self {
            Self::Is => name == text,
            Self::StartsWith => name.starts_with(text),
            Self::EndsWith => name.ends_with(text),
            Self::Contains => name.contains(text),
        }
    }
}

impl Comparison {
    /// Whether a name passes the test.
    pub(crate) fn holds(&self, name: &str) -> bool {
        self.test.holds(name, &self.text)
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { given, text, .. } = self;
        match self.test {
            Test::Is => write!(f, "{given} == \"{text}\""),
            test => write!(f, "{given}.{}(\"{text}\")", test.as_str()),
        }
    }
}
