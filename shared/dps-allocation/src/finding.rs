//! Problems of a policy.

use std::fmt;

use serde::Serialize;

use crate::schema::TableName;
use crate::shown;

/// Whether a finding rejects the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The policy is rejected as a whole.
    Error,
    /// The policy is valid; a person should check it.
    Warning,
}

/// One problem of a policy: where it is, which rule it breaks and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// Whether it rejects the policy.
    pub severity: Severity,
    /// The table; none if the problem is in none of the eight.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<TableName>,
    /// `PartitionKey/RowKey` of the row; empty if the problem is in the whole table.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub row: String,
    /// The line of the CSV file; 0 if the row does not come from a file.
    #[serde(skip_serializing_if = "is_zero")]
    pub line: u32,
    /// The column, spelled as the documentation does; empty if the problem is in the whole row.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub column: String,
    /// The broken rule, in one sentence that quotes the input.
    pub rule: String,
    /// What to do about it.
    pub help: String,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
fn is_zero(line: &u32) -> bool {
    *line == 0
}

impl Finding {
    /// An error in a table; its quotations are cut to 100 characters, hidden characters escaped.
    ///
    /// `line` is 0 if the row does not come from a file; `column` may be empty.
    #[must_use]
    pub fn error(
        table: TableName,
        line: u32,
        column: &str,
        rule: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self {
            table: Some(table),
            line,
            column: shown::name(column),
            ..Self::outside_tables(rule, help)
        }
    }

    /// An error that is in none of the eight tables.
    #[must_use]
    pub fn outside_tables(rule: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            table: None,
            row: String::new(),
            line: 0,
            column: String::new(),
            rule: shown::message(&rule.into()),
            help: shown::message(&help.into()),
        }
    }
}

impl fmt::Display for Finding {
    /// `error: tenants tenant/acme, line 7, column weight: rule; help`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        })?;
        if let Some(table) = self.table {
            write!(f, ": {}", table.as_str())?;
        }
        if !self.row.is_empty() {
            write!(f, " {}", self.row)?;
        }
        if self.line != 0 {
            write!(f, ", line {}", self.line)?;
        }
        if !self.column.is_empty() {
            write!(f, ", column {}", self.column)?;
        }
        write!(f, ": {}; {}", self.rule, self.help)
    }
}

/// The place of findings: a row, or a whole table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    pub(crate) table: TableName,
    pub(crate) partition: &'a str,
    pub(crate) row: &'a str,
    pub(crate) line: u32,
}

impl Place<'_> {
    /// The place of a whole table.
    pub(crate) fn of_table(table: TableName) -> Self {
        Self {
            table,
            partition: "",
            row: "",
            line: 0,
        }
    }

    /// `PartitionKey/RowKey`; empty for a whole table.
    pub(crate) fn row_name(&self) -> String {
        match (self.partition, self.row) {
            ("", "") => String::new(),
            (partition, row) => format!("{}/{}", shown::cut_key(partition), shown::cut_key(row)),
        }
    }

    /// An error at this place; `column` may be empty.
    pub(crate) fn error(&self, column: &str, rule: impl Into<String>, help: &str) -> Finding {
        Finding {
            row: self.row_name(),
            ..Finding::error(self.table, self.line, column, rule, help)
        }
    }

    /// A warning at this place.
    pub(crate) fn warning(&self, column: &str, rule: impl Into<String>, help: &str) -> Finding {
        Finding {
            severity: Severity::Warning,
            ..self.error(column, rule, help)
        }
    }
}
