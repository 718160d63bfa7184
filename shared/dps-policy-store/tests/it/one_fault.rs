//! One fault is one finding: what is broken in one cell, row or file is reported once.

use std::fs;
use std::num::NonZeroU32;
use std::path::Path;

use dps_allocation::tables::{Table, TableName, Tables};
use dps_allocation::{Finding, Policy, Severity};
use dps_policy_store::CsvFolder;
use tempfile::TempDir;

const STARTER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra/policy");

/// No text is a value of every kind, and none of these is a value of many.
const NONSENSE: [&str; 6] = ["no-such", "(", ";", "{", "a b%", "999999"];

fn starter() -> Tables {
    let stored = CsvFolder::new(STARTER).read().unwrap();
    assert_eq!(stored.findings, []);
    assert_eq!(Policy::read(&stored.tables).findings, []);
    stored.tables
}

/// The table, with another text in one cell; lines are left out where `from_file` is false.
fn with(
    table: &Table,
    line: Option<NonZeroU32>,
    column: &str,
    text: &str,
    from_file: bool,
) -> Table {
    let mut changed = Table::default();
    let names: Vec<&str> = table.columns().collect();
    for row in table.rows() {
        let mut cells: Vec<(usize, &str)> = row
            .cells()
            .map(|(number, cell)| (changed.column(names[number]), cell))
            .collect();
        if row.line() == line {
            let number = changed.column(column);
            cells.retain(|(other, _)| *other != number);
            cells.push((number, text));
        }
        changed
            .push(row.line().filter(|_| from_file), cells)
            .unwrap();
    }
    changed
}

fn shown(findings: &[Finding]) -> String {
    let lines = findings.iter().map(ToString::to_string);
    lines.collect::<Vec<_>>().join("\n")
}

/// Every cell of the starter tables, also the empty ones.
fn each_cell(mut check: impl FnMut(&Tables, TableName, Option<NonZeroU32>, &str)) {
    let tables = starter();
    for name in TableName::all() {
        let keys = ["PartitionKey", "RowKey"];
        let columns = name.columns().iter().map(|(column, _)| column.as_str());
        for row in tables.table(name).rows() {
            for column in keys.into_iter().chain(columns.clone()) {
                check(&tables, name, row.line(), column);
            }
        }
    }
}

#[test]
fn a_broken_cell_has_one_finding() {
    let mut broken = 0;
    each_cell(|tables, name, line, column| {
        for text in NONSENSE {
            let mut tables = tables.clone();
            *tables.table_mut(name) = with(tables.table(name), line, column, text, true);
            let findings = Policy::read(&tables).findings;
            // What is a value of its kind may well be missed elsewhere.
            let is_broken = findings.iter().any(|it| {
                let place = it.place.as_ref().map(|it| (it.table, it.line));
                it.severity == Severity::Error && place == Some((name, line))
            });
            if !is_broken {
                continue;
            }
            broken += 1;
            let context = format!(
                "{name:?} line {line:?} {column}={text}:\n{}",
                shown(&findings)
            );
            assert_eq!(findings.len(), 1, "{context}");
            let place = findings[0].place.as_ref();
            let place = place.map(|it| (it.line, it.column.as_deref()));
            assert_eq!(place, Some((line, Some(column))), "{context}");
        }
    });
    assert!(broken > 500, "{broken} cells were broken");
}

#[test]
fn an_unknown_column_has_one_finding_and_names_the_row_of_an_azure_table() {
    for name in TableName::all() {
        let tables = starter();
        let line = tables.table(name).rows().next().unwrap().line();
        for from_file in [true, false] {
            let mut tables = tables.clone();
            *tables.table_mut(name) = with(tables.table(name), line, "placment", "x", from_file);
            let findings = Policy::read(&tables).findings;
            assert_eq!(findings.len(), 1, "{}", shown(&findings));
            assert_eq!(
                findings[0]
                    .place
                    .as_ref()
                    .is_some_and(|it| it.row.is_none()),
                from_file,
                "{}",
                shown(&findings)
            );
        }
    }
}

/// The starter folder with one file changed, and all that is found there.
fn folder(file: &str, change: impl Fn(&str) -> Vec<u8>) -> (TempDir, Vec<Finding>) {
    let folder = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(Path::new(STARTER)).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let text = fs::read_to_string(&path).unwrap();
        let bytes = if name == file {
            change(&text)
        } else {
            text.into_bytes()
        };
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    let stored = CsvFolder::new(folder.path()).read().unwrap();
    let mut findings = stored.findings;
    findings.extend(Policy::read(&stored.tables).findings);
    (folder, findings)
}

fn utf16(text: &str) -> Vec<u8> {
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}

#[test]
fn a_file_that_cannot_be_read_has_one_finding() {
    for name in TableName::all() {
        let file = name.file_name();
        let check = |what: &str, change: &dyn Fn(&str) -> Vec<u8>| {
            let (_folder, findings) = folder(&file, change);
            assert_eq!(findings.len(), 1, "{file}, {what}:\n{}", shown(&findings));
            let place = findings[0].place.as_ref();
            assert_eq!(place.map(|it| it.table), Some(name), "{file}, {what}");
        };
        check("semicolons", &|text| text.replace(',', ";").into_bytes());
        check("tabs", &|text| text.replace(',', "\t").into_bytes());
        check("sep=;", &|text| {
            format!("sep=;\n{}", text.replace(',', ";")).into_bytes()
        });
        check("UTF-16", &|text| utf16(text));
        check("Latin-1", &|text| {
            [b"# Z\xfcrich\n", text.as_bytes()].concat()
        });
        check("an open quote", &|text| {
            text.replacen(',', ",\"", 3).into_bytes()
        });
    }
}

#[test]
fn what_programs_make_of_a_file_is_read() {
    for name in TableName::all() {
        let file = name.file_name();
        let check = |what: &str, change: &dyn Fn(&str) -> Vec<u8>| {
            let (folder, findings) = folder(&file, change);
            assert_eq!(shown(&findings), "", "{file}, {what}");
            let tables = CsvFolder::new(folder.path()).read().unwrap().tables;
            let same = dps_allocation::tables::diff(&starter(), &tables);
            assert_eq!(same, [], "{file}, {what}");
        };
        check("a mark", &|text| format!("\u{feff}{text}").into_bytes());
        check("CRLF", &|text| text.replace('\n', "\r\n").into_bytes());
        check("CR", &|text| text.replace('\n', "\r").into_bytes());
        check("sep=,", &|text| format!("sep=,\n{text}").into_bytes());
        check("all", &|text| {
            format!("\u{feff}sep=,\r\n{}", text.replace('\n', "\r\n")).into_bytes()
        });
    }
}
