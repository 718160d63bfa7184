//! What a template consists of.

use serde_json::Value;

use crate::expression::Expression;

pub(crate) enum Part {
    Fixed(Value),
    /// `"${payload.model}"` alone: keeps its JSON type.
    Whole(Expression),
    /// Text with expressions in between.
    Text(Vec<Piece>),
    Object(Vec<(String, Part)>),
    Array(Vec<Part>),
}

pub(crate) enum Piece {
    Text(String),
    Expression(Expression),
}

impl Part {
    /// Calls `each` for every expression.
    pub(super) fn for_each(&self, each: &mut impl FnMut(&Expression)) {
        match self {
            Self::Fixed(_) => {}
            Self::Whole(expression) => each(expression),
            Self::Text(pieces) => {
                for piece in pieces {
                    if let Piece::Expression(expression) = piece {
                        each(expression);
                    }
                }
            }
            Self::Object(members) => {
                for (_, part) in members {
                    part.for_each(each);
                }
            }
            Self::Array(parts) => {
                for part in parts {
                    part.for_each(each);
                }
            }
        }
    }
}
