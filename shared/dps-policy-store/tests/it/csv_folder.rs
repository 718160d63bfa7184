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
    for table in TableName::all() {
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
fn a_csv_file_that_is_not_a_table_is_an_error() {
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
fn a_table_that_is_not_a_file_is_unreadable() {
    let folder = folder(&[HUBS]);
    fs::create_dir(folder.path().join("rules.csv")).unwrap();
    let error = CsvFolder::new(folder.path()).read().unwrap_err();
    assert!(matches!(error, ReadError::File { ref path, .. } if path.ends_with("rules.csv")));
}

/// Neither call may wait, follow the link, or show a word of what it leads to.
#[track_caller]
fn check_hostile(make: impl Fn(&Path), expected: &str) {
    let outer = folder(&[("hubs.csv", HUBS.1), ("secret.csv", "key=s3cret\n")]);
    let inner = outer.path().join("policy");
    fs::create_dir(&inner).unwrap();
    fs::write(inner.join(HUBS.0), HUBS.1).unwrap();
    make(&inner.join("rules.csv"));
    let csv = CsvFolder::new(&inner);
    for error in [csv.read().unwrap_err(), csv.fingerprint().unwrap_err()] {
        let path = inner.join("rules.csv").display().to_string();
        assert_eq!(
            error.to_string(),
            format!("`{path}` cannot be read: {expected}")
        );
    }
}

#[test]
fn only_regular_files_below_the_folder_are_read() {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;
    let leads_out = "it is a link that leads out of the folder; put the file itself there";
    for target in [
        "/proc/self/environ",
        "/dev/zero",
        "/dev/stdin",
        "../secret.csv",
        "../hubs.csv",
        "../policy/../secret.csv",
        "..",
    ] {
        check_hostile(|path| symlink(target, path).unwrap(), leads_out);
    }
    let irregular = "it is not a regular file";
    check_hostile(|path| fs::create_dir(path).unwrap(), irregular);
    check_hostile(|path| symlink(".", path).unwrap(), irregular);
    let fifo = |path: &Path| {
        let mode = rustix::fs::Mode::RUSR;
        rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    };
    check_hostile(fifo, irregular);
    let socket = |path: &Path| drop(UnixListener::bind(path).unwrap());
    check_hostile(socket, "No such device or address (os error 6)");
    let missing = "No such file or directory (os error 2)";
    check_hostile(|path| symlink("missing", path).unwrap(), missing);
    let circle = "Too many levels of symbolic links (os error 40)";
    check_hostile(|path| symlink("rules.csv", path).unwrap(), circle);
}

/// A config map: `hubs.csv -> ..data/hubs.csv`, `..data -> ..2026_11_26_00_00_00.1/`.
#[test]
fn links_inside_of_the_folder_are_followed() {
    use std::os::unix::fs::symlink;
    let folder = folder(&[]);
    let data = folder.path().join("..2026_11_26_00_00_00.1");
    fs::create_dir(&data).unwrap();
    fs::write(data.join(HUBS.0), HUBS.1).unwrap();
    symlink(data.file_name().unwrap(), folder.path().join("..data")).unwrap();
    symlink("..data/hubs.csv", folder.path().join(HUBS.0)).unwrap();
    assert_eq!(read(&folder).tables.table(TableName::Hubs).len(), 1);
    // The folder itself may be one too.
    let link = folder.path().join("policy");
    symlink(&data, &link).unwrap();
    let stored = CsvFolder::new(link).read().unwrap();
    assert_eq!(stored.tables.table(TableName::Hubs).len(), 1);
}

/// A file that is not in memory: holes take no disk.
fn sparse(path: &Path, bytes: u64) {
    fs::File::create(path).unwrap().set_len(bytes).unwrap();
}

#[test]
fn a_file_that_is_too_large_is_a_finding() {
    let folder = folder(&[HUBS]);
    for bytes in [(16 << 20) + 1, 1 << 40] {
        sparse(&folder.path().join("rules.csv"), bytes);
        let stored = read(&folder);
        assert_eq!(
            stored.findings[0].to_string(),
            "error: the file `rules.csv` has more than 16 MiB; \
             split or shorten it, notes and comments included"
        );
        assert_eq!(stored.tables.table(TableName::Hubs).len(), 1);
        fingerprint(&folder);
    }
}

#[test]
fn what_is_written_is_read_again() {
    let starter = CsvFolder::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra/policy"));
    let tables = starter.read().unwrap().tables;
    let folder = tempfile::tempdir().unwrap();
    let copy = CsvFolder::new(folder.path().join("new"));
    copy.write(&tables, TableName::all()).unwrap();
    let copied = copy.read().unwrap();
    assert!(copied.findings.is_empty());
    assert_eq!(dps_allocation::tables::diff(&tables, &copied.tables), []);
    let names = std::fs::read_dir(folder.path().join("new")).unwrap();
    assert_eq!(
        names.count(),
        TableName::all().len(),
        "nothing is left beside the files"
    );
}

#[test]
fn cells_that_csv_quotes_come_back() {
    let mut tables = Tables::default();
    let twins = tables.table_mut(TableName::Twins);
    let columns = ["rowkey", "PartitionKey", "tags", "Note"].map(|it| twins.column(it));
    let cells = ["t", "*", "{\"a\": \"b,c\"}", "two\nlines, \"quoted\" é"];
    twins.push(None, columns.into_iter().zip(cells)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let csv = CsvFolder::new(folder.path());
    csv.write(&tables, [TableName::Twins]).unwrap();
    let text = std::fs::read_to_string(folder.path().join("twins.csv")).unwrap();
    assert!(
        text.starts_with("PartitionKey,RowKey,tags,desired,reply,note\n"),
        "{text}"
    );
    assert_eq!(
        dps_allocation::tables::diff(&tables, &csv.read().unwrap().tables),
        []
    );
}

#[test]
fn written_files_are_private_and_no_link_is_followed() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let outer = tempfile::tempdir().unwrap();
    let victim = outer.path().join("victim");
    fs::write(&victim, "mine").unwrap();
    let inner = outer.path().join("new/policy");
    let tables = read(&folder(&[HUBS])).tables;
    let csv = CsvFolder::new(&inner);
    let write = || csv.write(&tables, [TableName::Hubs]);
    let mode = |name: &str| {
        let metadata = fs::symlink_metadata(inner.join(name)).unwrap();
        metadata.permissions().mode() & 0o7777
    };
    write().unwrap();
    assert_eq!((mode("hubs.csv"), mode("")), (0o600, 0o700));
    // The owner of a file has chosen its mode; nobody chooses that all may write.
    for (before, after) in [(0o644, 0o644), (0o666, 0o664), (0o600, 0o600)] {
        let permissions = fs::Permissions::from_mode(before);
        fs::set_permissions(inner.join("hubs.csv"), permissions).unwrap();
        write().unwrap();
        assert_eq!(mode("hubs.csv"), after);
    }
    fs::remove_file(inner.join("hubs.csv")).unwrap();
    // The second is the name that earlier versions wrote to first.
    for name in ["hubs.csv", ".hubs.csv.part"] {
        symlink(&victim, inner.join(name)).unwrap();
    }
    write().unwrap();
    assert_eq!(fs::read_to_string(&victim).unwrap(), "mine");
    assert_eq!(mode("hubs.csv"), 0o600);
    fs::set_permissions(&inner, fs::Permissions::from_mode(0o777)).unwrap();
    let refused = write().unwrap_err().to_string();
    assert!(
        refused.contains("everybody can replace the files"),
        "{refused}"
    );
}
