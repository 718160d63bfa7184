//! Equality and order of values.

use std::cmp::Ordering;

use super::val::{List, Map, Val};
use crate::expression::budget::Budget;
use crate::expression::outcome::Failure;

impl Val<'_> {
    /// Whether two values are equal; those of different types are not, numbers aside.
    pub(crate) fn equals(&self, other: &Self, budget: &Budget) -> Result<bool, Failure> {
        budget.steps(1)?;
        Ok(match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Text(a), Self::Text(b)) => {
                budget.scan(a.len().min(b.len()))?;
                a == b
            }
            (Self::Bytes(a), Self::Bytes(b)) => {
                budget.scan(a.len().min(b.len()))?;
                a == b
            }
            (Self::Type(a), Self::Type(b)) => a == b,
            (Self::Timestamp(a), Self::Timestamp(b)) => a == b,
            (Self::Duration(a), Self::Duration(b)) => a == b,
            (Self::Null, Self::Null) | (Self::Optional(None), Self::Optional(None)) => true,
            (Self::Optional(Some(a)), Self::Optional(Some(b))) => a.equals(b, budget)?,
            (Self::List(a), Self::List(b)) => lists_equal(a, b, budget)?,
            (Self::Map(a), Self::Map(b)) => maps_equal(a, b, budget)?,
            (a, b) => numbers(a, b) == Some(Ordering::Equal),
        })
    }

    /// The order of two values that have one.
    pub(crate) fn compare(
        &self,
        other: &Self,
        budget: &Budget,
    ) -> Result<Option<Ordering>, Failure> {
        Ok(match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => Some(a.cmp(b)),
            (Self::Timestamp(a), Self::Timestamp(b)) => Some(a.cmp(b)),
            (Self::Duration(a), Self::Duration(b)) => Some(a.cmp(b)),
            (Self::Text(a), Self::Text(b)) => {
                budget.scan(a.len().min(b.len()))?;
                Some(a.cmp(b))
            }
            (Self::Bytes(a), Self::Bytes(b)) => {
                budget.scan(a.len().min(b.len()))?;
                Some(a.cmp(b))
            }
            (a, b) => numbers(a, b),
        })
    }
}

/// The order of two numbers of any type.
#[expect(
    clippy::cast_precision_loss,
    reason = "CEL compares whole numbers with doubles as doubles"
)]
fn numbers(a: &Val<'_>, b: &Val<'_>) -> Option<Ordering> {
    match (a, b) {
        (Val::Int(a), Val::Int(b)) => Some(a.cmp(b)),
        (Val::UInt(a), Val::UInt(b)) => Some(a.cmp(b)),
        (Val::Double(a), Val::Double(b)) => a.partial_cmp(b),
        (Val::Int(a), Val::UInt(b)) => Some(i128::from(*a).cmp(&i128::from(*b))),
        (Val::UInt(a), Val::Int(b)) => Some(i128::from(*a).cmp(&i128::from(*b))),
        (Val::Int(a), Val::Double(b)) => (*a as f64).partial_cmp(b),
        (Val::Double(a), Val::Int(b)) => a.partial_cmp(&(*b as f64)),
        (Val::UInt(a), Val::Double(b)) => (*a as f64).partial_cmp(b),
        (Val::Double(a), Val::UInt(b)) => a.partial_cmp(&(*b as f64)),
        _ => None,
    }
}

fn lists_equal(a: &List<'_>, b: &List<'_>, budget: &Budget) -> Result<bool, Failure> {
    if a.len() != b.len() {
        return Ok(false);
    }
    for (a, b) in a.iter().zip(b.iter()) {
        if !a.equals(&b, budget)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn maps_equal(a: &Map<'_>, b: &Map<'_>, budget: &Budget) -> Result<bool, Failure> {
    if a.len() != b.len() {
        return Ok(false);
    }
    for key in a.keys(budget)? {
        let (Some(a), Some(b)) = (a.get(&key), b.get(&key)) else {
            return Ok(false);
        };
        if !a.equals(&b, budget)? {
            return Ok(false);
        }
    }
    Ok(true)
}
