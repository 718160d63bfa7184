//! The operators.

use std::cmp::Ordering;

use super::budget::Budget;
use super::outcome::Failure;
use super::time;
use super::tree::Operator;
use super::value::{Key, Val};

type Operated<'a> = Result<Val<'a>, Failure>;

pub(super) fn operate<'a>(
    operator: Operator,
    left: &Val<'a>,
    right: &Val<'a>,
    budget: &Budget,
) -> Operated<'a> {
    let ordered = |holds: fn(Ordering) -> bool| {
        let order = left.compare(right, budget)?;
        let order = order.ok_or_else(|| type_mismatch(operator, left, right))?;
        Ok(Val::Bool(holds(order)))
    };
    match operator {
        Operator::Equal => Ok(Val::Bool(left.equals(right, budget)?)),
        Operator::NotEqual => Ok(Val::Bool(!left.equals(right, budget)?)),
        Operator::Less => ordered(Ordering::is_lt),
        Operator::LessOrEqual => ordered(Ordering::is_le),
        Operator::Greater => ordered(Ordering::is_gt),
        Operator::GreaterOrEqual => ordered(Ordering::is_ge),
        Operator::In => contains(left, right, budget),
        Operator::Add => add(left, right, budget),
        Operator::Subtract | Operator::Multiply | Operator::Divide | Operator::Modulo => {
            calculate(operator, left, right)
        }
    }
}

fn contains<'a>(element: &Val<'a>, container: &Val<'a>, budget: &Budget) -> Operated<'a> {
    match container {
        Val::List(list) => {
            for candidate in list.iter() {
                if candidate.equals(element, budget)? {
                    return Ok(Val::Bool(true));
                }
            }
            Ok(Val::Bool(false))
        }
        Val::Map(map) => {
            let found = match Key::sought(element) {
                Some(key) => map.get(&key).is_some(),
                None if matches!(element, Val::Double(_)) => false,
                None => return Err(type_mismatch(Operator::In, element, container)),
            };
            Ok(Val::Bool(found))
        }
        _ => Err(type_mismatch(Operator::In, element, container)),
    }
}

fn add<'a>(left: &Val<'a>, right: &Val<'a>, budget: &Budget) -> Operated<'a> {
    match (left, right) {
        (Val::Text(a), Val::Text(b)) => {
            let length = a.len().saturating_add(b.len());
            // Twice: the text is shared once it is whole.
            budget.make(length.saturating_mul(2))?;
            let mut text = String::with_capacity(length);
            text.push_str(a);
            text.push_str(b);
            Ok(Val::new_text(text))
        }
        (Val::Bytes(a), Val::Bytes(b)) => {
            budget.make(a.len().saturating_add(b.len()).saturating_mul(2))?;
            Ok(Val::Bytes([&**a, &**b].concat().into()))
        }
        (Val::List(a), Val::List(b)) => {
            let length = a.len().saturating_add(b.len());
            budget.make(length.saturating_mul(2 * size_of::<Val<'_>>()))?;
            Ok(Val::list(a.iter().chain(b.iter()).collect()))
        }
        _ => calculate(Operator::Add, left, right),
    }
}

fn calculate<'a>(operator: Operator, left: &Val<'a>, right: &Val<'a>) -> Operated<'a> {
    let range = || Failure::Range(operator.as_str().into());
    Ok(match (left, right) {
        (Val::Timestamp(_) | Val::Duration(_), Val::Timestamp(_) | Val::Duration(_))
            if !time::gives(operator, time::kind(left), time::kind(right)).is_empty() =>
        {
            time::calculate(operator, left, right).ok_or_else(range)?
        }
        (Val::Int(a), Val::Int(b)) => {
            let operation = match operator {
                Operator::Add => i64::checked_add,
                Operator::Subtract => i64::checked_sub,
                Operator::Multiply => i64::checked_mul,
                Operator::Divide => i64::checked_div,
                Operator::Modulo => i64::checked_rem,
                _ => return Err(type_mismatch(operator, left, right)),
            };
            Val::Int(operation(*a, *b).ok_or_else(range)?)
        }
        (Val::UInt(a), Val::UInt(b)) => {
            let operation = match operator {
                Operator::Add => u64::checked_add,
                Operator::Subtract => u64::checked_sub,
                Operator::Multiply => u64::checked_mul,
                Operator::Divide => u64::checked_div,
                Operator::Modulo => u64::checked_rem,
                _ => return Err(type_mismatch(operator, left, right)),
            };
            Val::UInt(operation(*a, *b).ok_or_else(range)?)
        }
        (Val::Double(a), Val::Double(b)) => Val::Double(match operator {
            Operator::Add => a + b,
            Operator::Subtract => a - b,
            Operator::Multiply => a * b,
            Operator::Divide => a / b,
            _ => return Err(type_mismatch(operator, left, right)),
        }),
        _ => return Err(type_mismatch(operator, left, right)),
    })
}

pub(super) fn negate<'a>(value: &Val<'a>) -> Operated<'a> {
    match value {
        Val::Int(number) => {
            let number = number.checked_neg();
            Ok(Val::Int(number.ok_or(Failure::Range("-".into()))?))
        }
        Val::Double(number) => Ok(Val::Double(-number)),
        other => Err(Failure::Type("-".into(), other.type_name().into())),
    }
}

fn type_mismatch(operator: Operator, left: &Val<'_>, right: &Val<'_>) -> Failure {
    let types = format!("{} with {}", left.type_name(), right.type_name());
    Failure::Type(operator.as_str().into(), types.into())
}
