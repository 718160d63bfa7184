//! What an expression is for.

use super::kinds::Kinds;
use super::problem::Problem;

/// What the value of an expression is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// True or false.
    Condition,
    /// The id of a tenant.
    Tenant,
    /// The host name of a hub.
    Hub,
    /// The text of a group.
    Group,
    /// A place.
    Location,
    /// A member of a twin or a reply.
    Member,
}

impl Purpose {
    /// The kinds of values that fit.
    pub(super) fn accepts(self) -> Kinds {
        let text = Kinds::TEXT.or(Kinds::INT).or(Kinds::UINT);
        match self {
            Self::Condition => Kinds::BOOL,
            Self::Tenant | Self::Group => text,
            Self::Hub => Kinds::TEXT,
            Self::Location => text.or(Kinds::LIST).or(Kinds::MAP),
            Self::Member => Kinds::ANY.without(Kinds::OPTIONAL),
        }
    }

    /// The problem of an expression that gives values of other kinds.
    pub(super) fn misused(self, source: &str, kinds: Kinds) -> Problem {
        let accepted = self.accepts();
        let help = match self {
            _ if kinds == Kinds::OPTIONAL => "add `.orValue(..)` with a default",
            Self::Condition => "compare it with something, as in `payload.x == 3`",
            Self::Hub => "give the host name of a hub, such as `payload.hub`",
            Self::Tenant | Self::Group | Self::Location => "give a text, such as `payload.site`",
            Self::Member => "give a value that has a form in JSON",
        };
        let rule = match self {
            Self::Condition => format!("`{source}` gives {kinds}, and a condition is a bool"),
            Self::Member => format!("`{source}` gives {kinds}, which has no form in JSON"),
            Self::Tenant | Self::Group | Self::Hub | Self::Location => {
                format!("`{source}` gives {kinds}, and {accepted} is needed")
            }
        };
        Problem::error(rule, help)
    }
}
