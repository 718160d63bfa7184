use std::fs;
use std::path::Path;

use dps_allocation::tables::{TableName, Tables};
use dps_policy_store::{CsvFolder, Fingerprint, ReadError, StoredTables};
use tempfile::TempDir;

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn read(folder: &TempDir) -> StoredTables {
    CsvFolder::new(folder.path()).read().unwrap()
}

fn fingerprint(folder: &TempDir) -> Fingerprint {
    let fingerprint = CsvFolder::new(folder.path()).fingerprint().unwrap();
    assert_eq!(
        fingerprint,
        read(folder).fingerprint,
        "both are over the same bytes"
    );
    fingerprint
}

const HUBS: (&str, &str) = ("hubs.csv", "PartitionKey,RowKey\nhub,a.azure-devices.net\n");

#[test]
fn a_missing_file_is_an_empty_table() {
    let stored = read(&folder(&[HUBS, ("twins.csv", "")]));
    assert_eq!(stored.findings, []);
    for table in TableName::ALL {
        let rows = usize::from(table == TableName::Hubs);
        assert_eq!(stored.tables.table(table).len(), rows, "{table:?}");
    }
}

#[track_caller]
fn check_unknown_file(name: &str, finding: &str) {
    let stored = read(&folder(&[HUBS, (name, "a,b\n")]));
    let findings: Vec<String> = stored.findings.iter().map(ToString::to_string).collect();
    assert_eq!(findings.join("\n"), finding);
}

#[test]
fn a_csv_file_that_is_no_table_is_an_error() {
    let rename = |name: &str, table: &str| {
        format!(
            "error: the file `{name}` has not the name of a config table; \
             rename it to `{table}`, or move it out of the folder"
        )
    };
    check_unknown_file("hub.csv", &rename("hub.csv", "hubs.csv"));
    check_unknown_file("Tenants.csv", &rename("Tenants.csv", "tenants.csv"));
    check_unknown_file("rules.CSV", &rename("rules.CSV", "rules.csv"));
    check_unknown_file(
        "DpsEnrollments.csv",
        &rename("DpsEnrollments.csv", "enrollments.csv"),
    );
    check_unknown_file("roll-outs.csv", &rename("roll-outs.csv", "rollouts.csv"));
    check_unknown_file(
        "invoice 2026.csv",
        "error: the file `invoice 2026.csv` has not the name of a config table; the tables are \
         hubs, enrollments, tenants, rules, rollouts, latency, twins, devices; \
         move other files out of the folder",
    );
}

#[test]
fn other_and_hidden_files_are_left_alone() {
    let bare = folder(&[HUBS]);
    let more = folder(&[
        HUBS,
        ("README.md", "x"),
        ("hubs.csv.bak", "x"),
        (".~hubs.csv", "x"),
    ]);
    assert_eq!(read(&more).findings, []);
    assert_eq!(fingerprint(&bare), fingerprint(&more));
}

#[test]
fn every_change_of_a_table_changes_the_fingerprint() {
    let states = [
        folder(&[HUBS]),
        folder(&[("hubs.csv", "PartitionKey,RowKey\nhub,b.azure-devices.net\n")]),
        folder(&[(
            "hubs.csv",
            "PartitionKey,RowKey\nhub,a.azure-devices.net\n# comment\n",
        )]),
        folder(&[HUBS, ("twins.csv", "")]),
        folder(&[HUBS, ("twin.csv", "")]),
        folder(&[("rules.csv", HUBS.1)]),
    ];
    for (index, state) in states.iter().enumerate() {
        for other in &states[index + 1..] {
            assert_ne!(fingerprint(state), fingerprint(other));
        }
    }
    assert_eq!(fingerprint(&states[0]), fingerprint(&folder(&[HUBS])));
}

#[track_caller]
fn check_unreadable(path: &Path, expected: &str) {
    let folder = CsvFolder::new(path);
    let read = folder.read().unwrap_err();
    let fingerprint = folder.fingerprint().unwrap_err();
    assert_eq!(read.to_string(), fingerprint.to_string());
    let expected = expected.replace("PATH", &path.display().to_string());
    assert_eq!(read.to_string(), expected);
}

#[test]
fn what_the_machine_cannot_read_is_no_finding() {
    let empty = folder(&[("README.md", "x")]);
    check_unreadable(
        empty.path(),
        "`PATH` holds no config table; put at least `hubs.csv` there",
    );
    check_unreadable(
        &empty.path().join("missing"),
        "`PATH` cannot be listed: No such file or directory (os error 2); \
         it should be the folder of the config tables",
    );
    check_unreadable(
        &empty.path().join("README.md"),
        "`PATH` cannot be listed: Not a directory (os error 20); \
         it should be the folder of the config tables",
    );
}

#[test]
fn a_table_that_is_no_file_is_unreadable() {
    let folder = folder(&[HUBS]);
    fs::create_dir(folder.path().join("rules.csv")).unwrap();
    let error = CsvFolder::new(folder.path()).read().unwrap_err();
    assert!(matches!(error, ReadError::File { ref path, .. } if path.ends_with("rules.csv")));
}

#[test]
fn what_is_written_is_read_again() {
    let starter = CsvFolder::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra/policy"));
    let tables = starter.read().unwrap().tables;
    let folder = tempfile::tempdir().unwrap();
    let copy = CsvFolder::new(folder.path().join("new"));
    copy.write(&tables, TableName::ALL).unwrap();
    let copied = copy.read().unwrap();
    assert!(copied.findings.is_empty());
    assert_eq!(dps_allocation::tables::diff(&tables, &copied.tables), []);
    let names = std::fs::read_dir(folder.path().join("new")).unwrap();
    assert_eq!(
        names.count(),
        TableName::ALL.len(),
        "nothing is left beside the files"
    );
}

#[test]
fn cells_that_csv_quotes_come_back() {
    let mut tables = Tables::default();
    let twins = tables.table_mut(TableName::Twins);
    let columns = ["rowkey", "PartitionKey", "tags", "Note"].map(|it| twins.column(it));
    let cells = ["t", "*", "{\"a\": \"b,c\"}", "two\nlines, \"quoted\" é"];
    twins.push(0, columns.into_iter().zip(cells)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let csv = CsvFolder::new(folder.path());
    csv.write(&tables, [TableName::Twins]).unwrap();
    let text = std::fs::read_to_string(folder.path().join("twins.csv")).unwrap();
    assert!(
        text.starts_with("PartitionKey,RowKey,tags,desired,note\n"),
        "{text}"
    );
    assert_eq!(
        dps_allocation::tables::diff(&tables, &csv.read().unwrap().tables),
        []
    );
}
