//! Queries for enrollments: `SELECT * FROM .. [WHERE ..]`.

mod condition;
mod words;

use serde_json::Value;

use condition::Condition;
use words::{Word, words};

use crate::refusal::Refusal;

/// Selects records.
#[derive(Debug)]
pub(super) struct Query(Option<Condition>);

impl Query {
    /// Reads a query of `table`.
    pub(super) fn parse(text: &str, table: &str) -> Result<Self, Refusal> {
        let words = words(text).map_err(Refusal::invalid)?;
        let wrong =
            || Refusal::invalid(format!("a query has to begin with `SELECT * FROM {table}`"));
        let [
            Word::Name(select),
            Word::Sign("*"),
            Word::Name(from),
            Word::Name(named),
            rest @ ..,
        ] = &*words
        else {
            return Err(wrong());
        };
        let begins = [(select, "select"), (from, "from"), (named, table)];
        if !begins
            .iter()
            .all(|(word, expected)| word.eq_ignore_ascii_case(expected))
        {
            return Err(wrong());
        }
        match rest {
            [] => Ok(Self(None)),
            [Word::Name(word), condition @ ..] if word.eq_ignore_ascii_case("where") => {
                let condition = Condition::parse(condition).map_err(Refusal::invalid)?;
                Ok(Self(Some(condition)))
            }
            _ => Err(Refusal::invalid(
                "after the table of a query only `WHERE` may follow",
            )),
        }
    }

    pub(super) fn selects(&self, record: &Value) -> bool {
        self.0
            .as_ref()
            .is_none_or(|condition| condition.holds(record))
    }
}
