//! What the pages say about tables, values, functions and reasons is what the code does.

use std::collections::BTreeSet;

use dps_allocation::AssignedReason;
use dps_allocation::tables::{Kind, TableName};

use crate::fleet::findings;

const TABLES: &str = include_str!("../../TABLES.md");
const EXPRESSIONS: &str = include_str!("../../EXPRESSIONS.md");
const REASONS: &str = include_str!("../../../../functions/REASONS.md");

/// The text below a heading, up to the next one.
fn section<'a>(page: &'a str, heading: &str) -> &'a str {
    let (_, below) = page
        .split_once(&format!("\n{heading}\n"))
        .unwrap_or_else(|| panic!("there is no heading `{heading}`"));
    below
        .split_once("\n#")
        .map_or(below, |(section, _)| section)
}

/// The cells of each row of the table below a heading.
fn table<'a>(page: &'a str, heading: &str) -> Vec<Vec<&'a str>> {
    let lines = section(page, heading).lines();
    let rows = lines.filter(|line| line.starts_with('|')).skip(2);
    rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect())
        .collect()
}

/// The words between back quotes.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// What a cell of that kind may hold, as the page puts it.
fn allowed(kind: Kind) -> String {
    match kind {
        Kind::Text => "text".to_owned(),
        Kind::Name => "name".to_owned(),
        Kind::Names => "names".to_owned(),
        Kind::Id => "id".to_owned(),
        Kind::Scope => "id or `*`".to_owned(),
        Kind::Pattern => "pattern".to_owned(),
        Kind::Patterns => "patterns".to_owned(),
        Kind::Host => "host name".to_owned(),
        Kind::Hosts => "host names".to_owned(),
        Kind::HubsOrPools => "hubs or pools".to_owned(),
        Kind::Location => "location".to_owned(),
        Kind::Expression => "expression".to_owned(),
        Kind::Object => "JSON object".to_owned(),
        Kind::Flag => "flag".to_owned(),
        Kind::Instant => "time".to_owned(),
        Kind::Steps => "steps".to_owned(),
        Kind::Integer(min, max) => format!("{min} to {max}"),
        Kind::Choice(words) => {
            let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
            words.join(", ")
        }
    }
}

#[test]
fn every_column_is_described_with_what_it_may_hold() {
    for name in TableName::all() {
        let described: Vec<(String, String)> = table(TABLES, &format!("## `{}`", name.as_str()))
            .iter()
            .map(|cells| (cells[0].to_owned(), cells[1].to_owned()))
            .collect();
        let keys = ["`PartitionKey`", "`RowKey`"];
        let (first, columns) = described.split_at(keys.len().min(described.len()));
        let first: Vec<&str> = first.iter().map(|(key, _)| &**key).collect();
        assert_eq!(first, keys, "{name:?}");
        let known = name.columns().iter();
        let known: Vec<(String, String)> = known
            .map(|(column, kind)| (format!("`{}`", column.as_str()), allowed(*kind)))
            .collect();
        assert_eq!(columns, known, "{name:?}");
    }
}

#[test]
fn every_kind_of_value_is_explained() {
    let explained: BTreeSet<&str> = table(TABLES, "## Values")
        .iter()
        .map(|cells| cells[0])
        .collect();
    for name in TableName::all() {
        for cells in table(TABLES, &format!("## `{}`", name.as_str())) {
            let plain = cells[1].starts_with(|c: char| c == '`' || c.is_ascii_digit());
            assert!(plain || explained.contains(cells[1]), "{name:?}: {cells:?}");
        }
    }
}

#[test]
fn every_reason_of_an_assignment_is_explained() {
    let explained: Vec<&str> = table(REASONS, "## Assigned")
        .iter()
        .map(|cells| cells[0])
        .collect();
    let known = AssignedReason::all().map(|reason| format!("`{}`", reason.as_str()));
    assert_eq!(explained, known.collect::<Vec<_>>());
}

#[test]
fn every_function_that_is_named_may_be_called() {
    let named = EXPRESSIONS
        .lines()
        .find_map(|line| line.strip_prefix("Functions: "))
        .expect("a line of functions");
    let functions: Vec<&str> = quoted(named).collect();
    assert!(functions.len() > 20, "{functions:?}");
    for function in functions {
        let rules = format!("rules: when\n*/1 | registrationId.{function}()");
        let findings = findings(&rules);
        assert!(!findings.contains("there is no function"), "{findings}");
    }
}
