//! The condition of a query: comparisons of members with texts, numbers, `true` and `false`.

use std::cmp::Ordering;

use serde_json::{Value, json};

use super::words::{QueryError, Word};

#[derive(Debug, PartialEq)]
pub(super) enum Condition {
    Compare(String, Operator, Value),
    Not(Box<Condition>),
    All(Vec<Condition>),
    Any(Vec<Condition>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

/// How deep parentheses may be nested.
const DEEPEST: usize = 32;

impl Condition {
    pub(super) fn parse(words: &[Word]) -> Result<Self, QueryError> {
        let mut reader = Reader { words, depth: 0 };
        let condition = reader.any()?;
        match reader.words {
            [] => Ok(condition),
            [word, ..] => Err(unexpected(word)),
        }
    }

    pub(super) fn holds(&self, record: &Value) -> bool {
        match self {
            Self::Compare(path, operator, value) => operator.holds(member(record, path), value),
            Self::Not(condition) => !condition.holds(record),
            Self::All(conditions) => conditions.iter().all(|condition| condition.holds(record)),
            Self::Any(conditions) => conditions.iter().any(|condition| condition.holds(record)),
        }
    }
}

impl Operator {
    fn holds(self, member: Option<&Value>, value: &Value) -> bool {
        let order = match (member, value) {
            (Some(Value::String(member)), Value::String(value)) => Some(member.cmp(value)),
            (Some(Value::Number(member)), Value::Number(value)) => {
                let numbers = member.as_f64().zip(value.as_f64());
                numbers.and_then(|(member, value)| member.partial_cmp(&value))
            }
            (Some(member), value) if member == value => Some(Ordering::Equal),
            _ => None,
        };
        match self {
            Self::Equal => order == Some(Ordering::Equal),
            Self::NotEqual => order != Some(Ordering::Equal),
            Self::Less => order == Some(Ordering::Less),
            Self::AtMost => matches!(order, Some(Ordering::Less | Ordering::Equal)),
            Self::Greater => order == Some(Ordering::Greater),
            Self::AtLeast => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        }
    }
}

/// A member by its path, such as `initialTwin.tags.site`.
fn member<'r>(record: &'r Value, path: &str) -> Option<&'r Value> {
    path.split('.')
        .try_fold(record, |value, name| value.get(name))
}

struct Reader<'w> {
    words: &'w [Word],
    depth: usize,
}

impl<'w> Reader<'w> {
    fn any(&mut self) -> Result<Condition, QueryError> {
        let mut conditions = vec![self.all()?];
        while self.take_keyword("or") {
            conditions.push(self.all()?);
        }
        Ok(one_or(conditions, Condition::Any))
    }

    fn all(&mut self) -> Result<Condition, QueryError> {
        let mut conditions = vec![self.one()?];
        while self.take_keyword("and") {
            conditions.push(self.one()?);
        }
        Ok(one_or(conditions, Condition::All))
    }

    fn one(&mut self) -> Result<Condition, QueryError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(QueryError::Unexpected("(".to_owned()));
        }
        let condition = self.nested();
        self.depth -= 1;
        condition
    }

    fn nested(&mut self) -> Result<Condition, QueryError> {
        if self.take_keyword("not") {
            return Ok(Condition::Not(Box::new(self.one()?)));
        }
        match self.next()? {
            Word::Sign("(") => {
                let condition = self.any()?;
                match self.next()? {
                    Word::Sign(")") => Ok(condition),
                    word => Err(unexpected(word)),
                }
            }
            Word::Name(path) => {
                let operator = operator(self.next()?)?;
                Ok(Condition::Compare(
                    path.clone(),
                    operator,
                    literal(self.next()?)?,
                ))
            }
            word => Err(unexpected(word)),
        }
    }

    fn next(&mut self) -> Result<&'w Word, QueryError> {
        let (first, rest) = self.words.split_first().ok_or(QueryError::End)?;
        self.words = rest;
        Ok(first)
    }

    fn take_keyword(&mut self, keyword: &str) -> bool {
        match self.words {
            [Word::Name(name), rest @ ..] if name.eq_ignore_ascii_case(keyword) => {
                self.words = rest;
                true
            }
            _ => false,
        }
    }
}

fn one_or(mut conditions: Vec<Condition>, several: fn(Vec<Condition>) -> Condition) -> Condition {
    match conditions.pop() {
        Some(only) if conditions.is_empty() => only,
        last => {
            conditions.extend(last);
            several(conditions)
        }
    }
}

fn operator(word: &Word) -> Result<Operator, QueryError> {
    match word {
        Word::Sign("=") => Ok(Operator::Equal),
        Word::Sign("!=" | "<>") => Ok(Operator::NotEqual),
        Word::Sign("<") => Ok(Operator::Less),
        Word::Sign("<=") => Ok(Operator::AtMost),
        Word::Sign(">") => Ok(Operator::Greater),
        Word::Sign(">=") => Ok(Operator::AtLeast),
        word => Err(unexpected(word)),
    }
}

fn literal(word: &Word) -> Result<Value, QueryError> {
    match word {
        Word::Text(text) => Ok(json!(text)),
        Word::Number(number) => Ok(json!(number)),
        Word::Name(name) if name.eq_ignore_ascii_case("true") => Ok(json!(true)),
        Word::Name(name) if name.eq_ignore_ascii_case("false") => Ok(json!(false)),
        word => Err(unexpected(word)),
    }
}

fn unexpected(word: &Word) -> QueryError {
    QueryError::Unexpected(match word {
        Word::Name(text) | Word::Text(text) => text.clone(),
        Word::Number(number) => number.to_string(),
        Word::Sign(sign) => (*sign).to_owned(),
    })
}
