//! Config tables as CSV files.

use dps_allocation::tables::{TableName, Tables};
use dps_allocation::{Policy, Registration, Severity};

use crate::{case, csv_file, most_heap};

/// Before the file of a table: `=== hubs`.
const MARK: &[u8] = b"=== ";

const BODIES: [&str; 3] = [
    include_str!("../../fixtures/allocation/group-x509.json"),
    include_str!("../../fixtures/allocation/group-symmetric-key-reprovision-payload.json"),
    include_str!("../../fixtures/allocation/individual-tpm-payload.json"),
];

/// Reads tables, checks them, writes them and reads them again, and decides by them.
///
/// A table that the input does not have is that of the starter policy.
pub fn tables(input: &[u8]) {
    most_heap(48, || {
        let (mut tables, mut rest) = (Tables::default(), input);
        let mut findings = Vec::new();
        let mut read = Vec::new();
        while let Some((name, file, after)) = next(rest) {
            rest = after;
            if !read.contains(&name) {
                let of_file = csv_file::parse(name, file, &mut tables);
                read.push(name);
                // Of a file with errors, an edit may complete the header, so that more of it is read.
                if of_file.iter().all(|it| it.severity != Severity::Error) {
                    edit(name, file, &tables);
                }
                findings.extend(of_file);
            }
        }
        for (name, text) in case::STARTER {
            if !read.contains(&name) {
                findings.extend(csv_file::parse(name, text.as_bytes(), &mut tables));
            }
        }
        let reading = Policy::read(&tables);
        for finding in findings.iter().chain(&reading.findings) {
            assert!(finding.to_string().len() < 256 * 1024 + 4096);
        }
        let good = reading
            .findings
            .iter()
            .all(|it| it.severity != Severity::Error);
        assert_eq!(reading.policy.is_some(), good);
        let Some(policy) = reading.policy else {
            return;
        };
        for body in BODIES {
            let registration = case::must(Registration::parse(body.as_bytes()).ok());
            case::decide(&policy, &registration);
        }
        // Rows that could not be read are in no file that `pull` writes.
        if findings.iter().any(|it| it.severity == Severity::Error) {
            return;
        }
        // What `pull` writes is the same policy.
        let mut again = Tables::default();
        for name in TableName::all() {
            let file = csv_file::print(name, &tables);
            assert!(csv_file::parse(name, &file, &mut again).is_empty());
        }
        let again = Policy::read(&again).policy;
        assert_eq!(again.map(|it| it.revision()), Some(policy.revision()));
    });
}

/// Sets a cell of the last row, and of a new one, as `dps-policy set` does.
fn edit(name: TableName, file: &[u8], tables: &Tables) {
    let Ok(file) = std::str::from_utf8(file) else {
        return;
    };
    let last = tables.table(name).rows().last().and_then(|row| row.line());
    for line in [last, None] {
        let cells = [("PartitionKey", "p"), ("RowKey", "a, \"quoted\" text")];
        let Some(edited) = csv_file::edit(name, file, line, &cells) else {
            continue;
        };
        let mut again = Tables::default();
        csv_file::parse(name, edited.as_bytes(), &mut again);
        let table = again.table(name);
        let count = tables.table(name).len() + usize::from(line.is_none());
        assert_eq!(table.len(), count, "an edit changes no other row");
    }
}

/// The first table of the input, and what follows it.
fn next(input: &[u8]) -> Option<(TableName, &[u8], &[u8])> {
    let input = input.strip_prefix(MARK)?;
    let end = input.iter().position(|byte| *byte == b'\n')?;
    let (name, file) = input.split_at(end);
    let name = TableName::all().find(|it| it.as_str().as_bytes() == name)?;
    let file = file.get(1..)?;
    let marked = |at: &usize| file.get(*at..).is_some_and(|it| it.starts_with(MARK));
    let line_starts = file.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    let end = line_starts
        .map(|(at, _)| at + 1)
        .find(marked)
        .unwrap_or(file.len());
    let (file, after) = file.split_at(end);
    Some((name, file, after))
}
