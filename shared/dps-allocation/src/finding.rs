//! Problems of a policy.

use std::fmt;
use std::num::NonZeroU32;

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
    /// Where it is; none if the problem is in none of the eight tables.
    #[serde(flatten)]
    pub place: Option<Place>,
    /// The broken rule, in one sentence that quotes the input.
    pub rule: String,
    /// What to do about it.
    pub help: String,
}

/// Where a finding is: a table, a row or a cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// The table.
    pub table: TableName,
    /// `PartitionKey/RowKey`; none if the problem is in the whole table, or the row has no keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<String>,
    /// The line of the CSV file, if it comes from one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<NonZeroU32>,
    /// The column, as the documentation spells it; none if the problem is in the whole row or table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
}

impl Finding {
    /// An error that is in none of the eight tables.
    #[must_use]
    pub fn outside_tables(rule: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(Severity::Error, None, &rule.into(), &help.into())
    }

    /// Quotations are cut to 100 characters, hidden characters escaped.
    fn new(severity: Severity, place: Option<Place>, rule: &str, help: &str) -> Self {
        Self {
            severity,
            place,
            rule: shown::message(rule),
            help: shown::message(help),
        }
    }

    /// The same with another severity.
    #[must_use]
    pub fn with(self, severity: Severity) -> Self {
        Self { severity, ..self }
    }
}

impl Place {
    /// A whole table.
    #[must_use]
    pub fn table(table: TableName) -> Self {
        Self {
            table,
            row: None,
            line: None,
            column: None,
        }
    }

    /// A row; one without keys is known by its line only.
    #[must_use]
    pub fn row(table: TableName, partition: &str, key: &str, line: Option<NonZeroU32>) -> Self {
        let name = || format!("{}/{}", shown::cut_key(partition), shown::cut_key(key));
        Self {
            row: (!partition.is_empty() || !key.is_empty()).then(name),
            ..Self::table(table).line(line)
        }
    }

    /// The same on a line of a CSV file.
    #[must_use]
    pub fn line(self, line: Option<NonZeroU32>) -> Self {
        Self { line, ..self }
    }

    /// The same in a column.
    #[must_use]
    pub fn column<'c>(self, column: impl Into<&'c str>) -> Self {
        Self {
            column: Some(shown::name(column.into())),
            ..self
        }
    }

    /// An error at this place; its quotations are cut to 100 characters, hidden characters escaped.
    pub fn error(self, rule: impl Into<String>, help: impl Into<String>) -> Finding {
        Finding::new(Severity::Error, Some(self), &rule.into(), &help.into())
    }

    /// A warning at this place, cut and escaped as an error is.
    pub fn warning(self, rule: impl Into<String>, help: impl Into<String>) -> Finding {
        self.error(rule, help).with(Severity::Warning)
    }
}

impl fmt::Display for Finding {
    /// `error: tenants tenant/acme, line 7, column weight: rule; help`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.severity {
            Severity::Error => "error: ",
            Severity::Warning => "warning: ",
        })?;
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        write!(f, "{}; {}", self.rule, self.help)
    }
}

impl fmt::Display for Place {
    /// `tenants tenant/acme, line 7, column weight`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.table.as_str())?;
        if let Some(row) = &self.row {
            write!(f, " {row}")?;
        }
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some(column) = &self.column {
            write!(f, ", column {column}")?;
        }
        Ok(())
    }
}
