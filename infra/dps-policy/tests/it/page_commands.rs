//! Pages show what the program prints: their commands run in order, on the copies that they make.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::cloud::Cloud;
use crate::page::{Step, steps, words};
use crate::program::{Folder, Run, revision, root, run, short};
use crate::shadow;

/// The folder that pages copy the starter tables to, and the one that they write files to.
const TABLES: &str = "target/policy";
const FILES: &str = "target/files";

/// Folders of a test in place of those of a page: the tables as another page has left them, the
/// files not yet there.
struct Folders {
    tables: Folder,
    files: TempDir,
}

impl Folders {
    fn new() -> Self {
        let left = "PartitionKey,RowKey\n";
        let tables = Folder::starter_below_target();
        let tables = tables.write("hubs.csv", left).write("left.csv", left);
        Self {
            tables,
            files: TempDir::new().unwrap(),
        }
    }

    fn files(&self) -> PathBuf {
        self.files.path().join("files")
    }

    /// The command with these folders.
    fn here(&self, command: &str) -> String {
        let command = command.replace(TABLES, self.tables.path());
        command.replace(FILES, self.files().to_str().unwrap())
    }

    /// What the commands of a step print.
    #[track_caller]
    fn printed(&self, step: &Step, run: impl Fn(&[&str]) -> Run) -> String {
        for command in &step.others {
            let mut shell = Command::new("sh");
            let shell = shell.args(["-ec", &self.here(command)]);
            let ran = shell.current_dir(root()).status().unwrap();
            assert!(ran.success(), "{command}");
        }
        let mut printed = String::new();
        for command in &step.commands {
            let words = words(&self.here(command));
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let ran = run(&words);
            printed.extend([ran.stdout, ran.stderr]);
        }
        let printed = printed.replace(self.tables.path(), TABLES);
        printed.replace(self.files().to_str().unwrap(), FILES)
    }
}

/// Runs each command of a page, and compares with the block behind it.
#[track_caller]
fn check(page: &str) {
    check_with(page, run);
}

#[track_caller]
fn check_with(page: &str, run: impl Fn(&[&str]) -> Run) {
    check_in(&Folders::new(), page, run);
}

#[track_caller]
fn check_in(folders: &Folders, page: &str, run: impl Fn(&[&str]) -> Run) {
    let steps = steps(page);
    for step in &steps {
        let printed = folders.printed(step, &run);
        if let Some(shown) = &step.shown {
            let commands = step.commands.join("\n");
            assert_eq!(
                timeless(shown),
                timeless(&printed),
                "write into {page} what this prints:\n{commands}"
            );
        }
    }
    let count: usize = steps.iter().map(|step| step.commands.len()).sum();
    assert!(count > 3, "{page}: {count}");
}

/// Without the times of `history`, which are those of the test.
fn timeless(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let (Some(mark), Some(time), Some(rest)) =
            (line.get(..16), line.get(16..36), line.get(36..))
        else {
            return format!("{line}\n");
        };
        let revision = mark.trim_matches(['*', ' ']);
        let is_revision = revision.len() == 12 && revision.chars().all(|c| c.is_ascii_hexdigit());
        if is_revision && time.ends_with('Z') {
            format!("{mark}(time){rest}\n")
        } else {
            format!("{line}\n")
        }
    });
    lines.collect()
}

#[test]
fn the_page_about_proofs_shows_what_is_printed() {
    check("infra/dps-policy/PROVE.md");
}

#[test]
fn the_page_about_rollouts_shows_what_is_printed() {
    check("infra/dps-policy/ROLLOUT.md");
}

#[test]
fn the_page_about_previews_shows_what_is_printed() {
    let cloud = Cloud::starter();
    check_with("infra/dps-policy/PREVIEW.md", |words| {
        let ["history", "--log", log] = words else {
            return cloud.run(words);
        };
        write_log(&cloud, log);
        let mut ran = cloud.run(words);
        ran.stdout = ran.stdout.lines().map(at_fixed_times).collect();
        ran
    });
}

/// A log of the policy of the cloud: 60 devices that the page has previewed, and one that goes
/// elsewhere.
fn write_log(cloud: &Cloud, log: &str) {
    let list = format!("{log}.list");
    let made = ["--synthetic", "1000", "--at", "2026-11-01", "--list", &list];
    let listed = cloud.run(&[&["preview", "infra/policy", "tables"], &made[..]].concat());
    assert_eq!(listed.code, Some(0), "{}", listed.stderr);
    let revision = cloud.revision();
    let line = |id: &str, tenant: &str, from: &str, to: &str| {
        format!(
            "{{\"log\":\"decision\",\"version\":2,\"time\":\"2099-01-01T00:00:00Z\",\"revision\":\
             \"{revision}\",\"registrationId\":\"{id}\",\"tenant\":\"{tenant}\",\"currentHub\":\
             \"{from}\",\"hub\":\"{to}\",\"outcome\":\"assigned\",\"reason\":\"latency\"}}\n"
        )
    };
    let rows = fs::read_to_string(list).unwrap();
    let rows = rows.lines().skip(1).take(60).map(|row| {
        let cells: Vec<&str> = row.split(',').collect();
        line(cells[0], cells[2], cells[3], cells[4])
    });
    let [eus, sea] = ["eus", "sea"].map(|it| format!("contoso-{it}-1.azure-devices.net"));
    let other = line("pump-0042", "tenant-a", &eus, &sea);
    fs::write(log, rows.chain([other]).collect::<String>()).unwrap();
}

/// The line with fixed times in place of those of now.
fn at_fixed_times(line: &str) -> String {
    let word = |word: &str| {
        let is_now =
            word.starts_with("20") && word.contains('Z') && !word.starts_with("2026-11-01");
        if is_now {
            format!("2026-11-02T10:00:00Z{}", &word[20..])
        } else {
            word.to_owned()
        }
    };
    line.split(' ').map(word).collect::<Vec<_>>().join(" ") + "\n"
}

#[test]
fn the_page_about_candidates_shows_what_is_printed() {
    let (cloud, folders) = (Cloud::starter(), Folders::new());
    fs::create_dir(folders.files()).unwrap();
    fs::write(folders.files().join("webhook.log"), shadow::log()).unwrap();
    check_in(&folders, "infra/dps-policy/SHADOW.md", |words| {
        cloud.run(words)
    });
}

/// From an edit to its rollback.
const CHANGE: &str = "infra/dps-policy/CHANGE.md";

#[test]
fn the_page_about_a_change_shows_what_is_printed() {
    let cloud = Cloud::starter();
    check_with(CHANGE, |words| {
        let ran = cloud.run(words);
        assert_eq!(ran.code, Some(0), "{words:?}: {}", ran.stderr);
        ran
    });
}

/// The same with a folder in place of the Azure Tables, as the end of the page says: a push and a
/// rollback are copies, and `diff` shows what they change.
#[test]
fn a_change_of_a_folder_goes_the_same_way() {
    let (folders, live, kept) = (Folders::new(), Folder::starter(), Folder::starter());
    for step in steps(CHANGE) {
        let command = step.commands.concat();
        let copied = match command.split(' ').next() {
            Some("history") => continue,
            Some("push") => Some(folders.tables.path()),
            Some("rollback") => Some(kept.path()),
            _ => None,
        };
        let printed = folders.printed(&step, |words| {
            let (words, code) = match copied {
                Some(from) => (vec!["diff", live.path(), from], 1),
                None => (in_place_of_tables(words, live.path()), 0),
            };
            let ran = run(&words);
            assert_eq!(ran.code, Some(code), "{words:?}: {}", ran.stderr);
            ran
        });
        let mut printed = printed.replace(&format!("`{}` holds", live.path()), "the tables hold");
        printed = printed.replace(live.path(), "tables");
        if let Some(from) = copied {
            copy(from, live.path());
            let held = revision(live.path());
            printed.extend(["the tables hold revision ", short(&held), "\n"]);
        }
        if let Some(shown) = &step.shown {
            // A copy is held against no plan.
            let lines = shown.split_inclusive('\n');
            let shown: String = lines.filter(|line| !line.starts_with("plan: ")).collect();
            assert_eq!(shown, printed, "{command}");
        }
    }
}

fn in_place_of_tables<'a>(words: &[&'a str], folder: &'a str) -> Vec<&'a str> {
    let words = words.iter();
    words
        .map(|word| if *word == "tables" { folder } else { word })
        .collect()
}

/// `cp FROM/*.csv TO`.
fn copy(from: &str, to: &str) {
    for entry in fs::read_dir(from).unwrap() {
        let file = entry.unwrap().path();
        if file.extension().is_some_and(|it| it == "csv") {
            fs::copy(&file, Path::new(to).join(file.file_name().unwrap())).unwrap();
        }
    }
}
