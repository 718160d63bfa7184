//! A policy with the rows that it was read from.

use std::collections::BTreeSet;

use dps_allocation::tables::{Canonical, CanonicalRow, Column, TableName, Tables};
use dps_allocation::{Policy, RolloutView};

/// A policy that a claim is about.
#[derive(Debug)]
pub struct Side<'p> {
    pub(super) policy: &'p Policy,
    pub(super) tables: &'p Tables,
    pub(super) rows: Canonical,
}

/// The columns that hold expressions.
const EXPRESSIONS: [(TableName, Column); 8] = [
    (TableName::Enrollments, Column::TenantFrom),
    (TableName::Tenants, Column::LocationFrom),
    (TableName::Tenants, Column::GroupFrom),
    (TableName::Rules, Column::When),
    (TableName::Rules, Column::Unless),
    (TableName::Rules, Column::HubFrom),
    (TableName::Rollouts, Column::When),
    (TableName::Rollouts, Column::Steps),
];

impl<'p> Side<'p> {
    /// A policy, and the tables that it was read from.
    #[must_use]
    pub fn new(policy: &'p Policy, tables: &'p Tables) -> Self {
        let (rows, _findings) = Canonical::read(tables);
        Self {
            policy,
            tables,
            rows,
        }
    }

    /// Each expression with the place that it has.
    pub(super) fn expressions(&self) -> impl Iterator<Item = (String, &str)> {
        let columns = EXPRESSIONS.into_iter();
        columns
            .filter(|(_, column)| *column != Column::Steps)
            .flat_map(|(table, column)| {
                self.rows.rows(table).filter_map(move |row| {
                    let text = row.get(column)?;
                    Some((place(table, &row, column), text))
                })
            })
    }

    /// The expressions that can be asked about a device of one of the tenants that comes through
    /// one of the rows of `enrollments`.
    pub(super) fn expressions_for(
        &self,
        enrollments: &BTreeSet<String>,
        tenants: &BTreeSet<String>,
    ) -> impl Iterator<Item = &str> {
        let columns = EXPRESSIONS.into_iter();
        let columns = columns.filter(|(_, column)| *column != Column::Steps);
        columns.flat_map(move |(table, column)| {
            self.rows.rows(table).filter_map(move |row| {
                let applies = match table {
                    TableName::Enrollments => enrollments.contains(row.key()),
                    TableName::Tenants => tenants.contains(row.key()),
                    _ => row.partition() == "*" || tenants.contains(row.partition()),
                };
                row.get(column).filter(|_| applies)
            })
        })
    }

    /// The rollouts of some tenants and of all.
    pub(super) fn rollouts_for(
        &self,
        tenants: &BTreeSet<String>,
    ) -> impl Iterator<Item = (RolloutView<'_>, CanonicalRow<'_>)> {
        let rollouts = self.policy.rollouts();
        rollouts
            .filter(|it| it.scope() == "*" || tenants.contains(it.scope()))
            .filter_map(|it| {
                let row = self.rows.find(TableName::Rollouts, it.scope(), it.id())?;
                Some((it, row))
            })
    }

    /// The expression that a question is about; the question itself if it is about none.
    pub(super) fn expression<'a>(&'a self, asked: &'a str) -> &'a str {
        let mut words = asked.splitn(2, ' ');
        let (Some(table), Some(rest)) = (words.next(), words.next()) else {
            return asked;
        };
        let Some((keys, column)) = rest.rsplit_once(' ') else {
            return asked;
        };
        let Some((partition, row)) = keys.split_once('/') else {
            return asked;
        };
        let named = EXPRESSIONS
            .into_iter()
            .find(|(name, of)| name.as_str() == table && of.as_str() == column);
        let row =
            named.and_then(|(name, column)| self.rows.find(name, partition, row)?.get(column));
        row.unwrap_or(asked)
    }

    /// The hosts of the hubs, by their classic names.
    pub(super) fn hosts(&self) -> impl Iterator<Item = &str> {
        self.rows.rows(TableName::Hubs).map(|row| row.key())
    }
}

fn place(table: TableName, row: &CanonicalRow<'_>, column: Column) -> String {
    format!(
        "{} {}/{} {}",
        table.as_str(),
        row.partition(),
        row.key(),
        column.as_str()
    )
}
