//! `test`: the starter tables and the cookbook are as their scenarios say; formats, exit codes.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;
use tempfile::TempDir;

use crate::program::{Folder, root, run};

/// Folders of tables with scenarios: what this repository says of a policy, it shows.
fn documented() -> Vec<PathBuf> {
    let mut folders = vec![PathBuf::from("infra/policy")];
    let cookbook = Path::new("shared/dps-allocation/cookbook");
    let entries = fs::read_dir(root().join(cookbook)).unwrap();
    let recipes = entries
        .map(|entry| entry.unwrap())
        .filter(|it| it.path().is_dir());
    folders.extend(recipes.map(|it| cookbook.join(it.file_name())));
    assert!(folders.len() > 20, "{folders:?}");
    folders.sort();
    folders
}

#[test]
fn starter_tables_and_recipes_are_as_their_scenarios_say() {
    for folder in documented() {
        let folder = folder.to_str().unwrap();
        let answer = run(&["test", folder]).answer(0);
        assert!(answer.contains(" passed in "), "{folder}: {answer}");
    }
}

/// A warning that a recipe has on purpose is quoted by its page.
#[test]
fn starter_tables_and_recipes_have_no_finding_that_their_page_does_not_explain() {
    for folder in documented() {
        let name = folder.to_str().unwrap();
        let checked = run(&["check", "--json", name]).json(0);
        let page = fs::read_to_string(root().join(&folder).join("README.md")).unwrap_or_default();
        for finding in checked["findings"].as_array().unwrap() {
            let rule = finding["rule"].as_str().unwrap();
            let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(words(&page).contains(&words(rule)), "{name}: {finding}");
        }
    }
}

/// A scenario file about the starter tables, with a case that passes, one that fails and one that
/// cannot be read, as far as they are asked for.
struct File {
    folder: TempDir,
}

const PASSES: &str = "[[case]]\nname = \"a pump\"\nid = \"pump-1\"\nindividual = true\nat = 2026-12-01\n\
                      expect = { tenant = \"tenant-a\" }\n";
const FAILS: &str = "[[case]]\nname = \"50% of <toasters> #1, or: more\"\nid = \"a-tstrsd-1\"\n\
                     enrollment = \"contoso-custom-allocated-devices\"\nat = 2026-12-01\n\
                     expect = { hub = \"contoso-weu-1\" }\n";
const BROKEN: &str = "[[case]]\nname = \"a typo\"\nid = \"pump-1\"\nindividual = true\nat = 2026-12-01\n\
                      expect = { hub = \"contoso-weu-9\" }\n";

impl File {
    fn new(text: &str) -> Self {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("x.test.toml"), text).unwrap();
        Self { folder }
    }

    fn path(&self) -> String {
        self.folder
            .path()
            .join("x.test.toml")
            .to_str()
            .unwrap()
            .to_owned()
    }

    /// What the program prints about the file, without the folder.
    #[track_caller]
    fn check(&self, format: &str, code: i32, expected: &str) {
        let answer = run(&["test", "infra/policy", &self.path(), "--format", format]).answer(code);
        let folder = format!("{}/", self.folder.path().display());
        assert_eq!(answer.replace(&folder, ""), expected);
    }
}

#[test]
fn the_exit_code_tells_failed_from_unreadable() {
    let code = |text: &str| {
        let file = File::new(text);
        run(&["test", "infra/policy", &file.path()]).code
    };
    assert_eq!(code(PASSES), Some(0));
    assert_eq!(code(&[PASSES, FAILS].concat()), Some(1));
    assert_eq!(code(&[FAILS, BROKEN].concat()), Some(2));
    assert_eq!(code("x"), Some(2));
}

#[test]
fn a_failure_is_a_line_with_what_was_decided() {
    File::new(&[PASSES, FAILS, BROKEN].concat()).check(
        "human",
        2,
        "failed: x.test.toml:7: 50% of <toasters> #1, or: more: expected contoso-weu-1; \
         decided: contoso-toasters-hub-1098 (weighted, by rules contoso/100-toasters)\n\
         cannot be read: x.test.toml:13: a typo: line 18: key hub: `contoso-weu-9` is not the first label of a hub \
         of the tables; did you mean `contoso-weu-1`? write a hub of the table hubs, or a whole host name\n\
         1 passed, 1 failed, 1 cannot be read in 1 file\n",
    );
}

#[test]
fn tap_escapes_what_would_be_a_directive() {
    File::new(&[PASSES, FAILS].concat()).check(
        "tap",
        1,
        "TAP version 14\n1..2\nok 1 - x.test.toml: a pump\n\
         not ok 2 - x.test.toml: 50% of <toasters> \\#1, or: more\n  ---\n  \
         message: \"expected contoso-weu-1; decided: contoso-toasters-hub-1098 (weighted, by rules \
         contoso/100-toasters)\"\n  at:\n    file: \"x.test.toml\"\n    line: 7\n  ...\n",
    );
}

#[test]
fn junit_is_xml() {
    File::new(&[PASSES, FAILS].concat()).check(
        "junit",
        1,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites name=\"dps-policy test\" tests=\"2\" failures=\"1\" errors=\"0\">\n  \
         <testsuite name=\"x.test.toml\" tests=\"2\" failures=\"1\" errors=\"0\">\n    \
         <testcase name=\"a pump\" classname=\"x.test.toml\" file=\"x.test.toml\" line=\"1\"/>\n    \
         <testcase name=\"50% of &lt;toasters&gt; #1, or: more\" classname=\"x.test.toml\" file=\"x.test.toml\" \
         line=\"7\">\n      <failure message=\"expected contoso-weu-1; decided: contoso-toasters-hub-1098 (weighted, \
         by rules contoso/100-toasters)\"/>\n    </testcase>\n  </testsuite>\n</testsuites>\n",
    );
}

#[test]
fn annotations_stand_at_the_line_of_the_case() {
    let file = File::new(&[PASSES, FAILS].concat());
    file.check(
        "github",
        1,
        "::error file=x.test.toml,line=7::50%25 of <toasters> #1, or: more: expected contoso-weu-1; decided: \
         contoso-toasters-hub-1098 (weighted, by rules contoso/100-toasters)\n1 passed, 1 failed in 1 file\n",
    );
    file.check(
        "azure-devops",
        1,
        "##vso[task.logissue type=error;sourcepath=x.test.toml;linenumber=7]50%AZP25 of <toasters> #1, or: more: \
         expected contoso-weu-1; decided: contoso-toasters-hub-1098 (weighted, by rules contoso/100-toasters)\n\
         1 passed, 1 failed in 1 file\n",
    );
}

#[test]
fn json_holds_everything() {
    let file = File::new(&[PASSES, FAILS].concat());
    let document = run(&["test", "infra/policy", &file.path(), "--json"]).json(1);
    assert_eq!(document["source"], "infra/policy");
    assert_eq!(
        [&document["passed"], &document["failed"]],
        [&json!(1), &json!(1)]
    );
    let entry = &document["files"][0]["entries"][1];
    assert_eq!(entry["line"], 7);
    let outcome = json!({"result": "failed", "because": ["expected contoso-weu-1"]});
    assert_eq!(entry["outcome"], outcome);
}

#[test]
fn tables_with_errors_are_the_failure_of_every_format() {
    let folder = Folder::starter().edit("hubs.csv", "EU,factory,2", "EU,factory,two");
    let test = |format: &str| {
        let answer = run(&["test", folder.path(), "--format", format]).answer(1);
        answer.replace(folder.path(), "FOLDER")
    };
    assert!(
        test("human").ends_with("\nrefused: 1 error\n"),
        "{}",
        test("human")
    );
    assert!(test("tap").starts_with("TAP version 14\nBail out! error: hubs hub/contoso-weu-1"));
    let line = "::error file=FOLDER/hubs.csv,line=3::error: hubs hub/contoso-weu-1.azure-devices.net, line 3";
    assert!(test("github").starts_with(line), "{}", test("github"));
    let junit = test("junit");
    assert!(
        junit.contains("errors=\"1\"") && junit.contains("file=\"FOLDER/hubs.csv\" line=\"3\""),
        "{junit}"
    );
}

#[test]
fn requests_are_written_for_explain() {
    let file = File::new(PASSES);
    let folder = TempDir::new().unwrap();
    let requests = folder.path().join("requests");
    let arguments = [
        "test",
        "infra/policy",
        &file.path(),
        "--requests",
        requests.to_str().unwrap(),
    ];
    run(&arguments).answer(0);
    let request = requests.join("x-1.json");
    let explained = run(&[
        "explain",
        "--json",
        "--policy",
        "infra/policy",
        request.to_str().unwrap(),
    ])
    .json(0);
    assert_eq!(explained["tenant"], "tenant-a");
}

#[test]
fn a_test_of_nothing_does_not_pass() {
    let folder = Folder::starter();
    for entry in fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|it| it == "toml") {
            fs::remove_file(path).unwrap();
        }
    }
    let message = run(&["test", folder.path()]).message();
    assert!(
        message.contains("has no scenario file; write one that ends in .test.toml"),
        "{message}"
    );
    let file = File::new(PASSES);
    let message = run(&["test", &file.path()]).message();
    assert!(
        message.contains("is a scenario file; name the tables before it"),
        "{message}"
    );
    let message = run(&["test", "infra/policy", "gone.test.toml"]).message();
    assert!(
        message.starts_with("`gone.test.toml` cannot be read"),
        "{message}"
    );
    // In a subfolder of the tables a file is found.
    let tests = Path::new(folder.path()).join("tests");
    fs::create_dir(&tests).unwrap();
    fs::write(tests.join("a.test.toml"), PASSES).unwrap();
    assert_eq!(
        run(&["test", folder.path()]).answer(0),
        "1 passed in 1 file\n"
    );
}

/// The file of the page, on the tables that it names, gives what the page shows.
#[test]
fn the_page_shows_a_file_that_runs() {
    let page = fs::read_to_string(root().join("infra/dps-policy/TEST.md")).unwrap();
    let block = |language: &str| {
        let (_, rest) = page.split_once(&format!("```{language}\n")).unwrap();
        rest.split_once("```\n").unwrap().0
    };
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("pumps.test.toml");
    fs::write(&file, block("toml")).unwrap();
    let answer = run(&["test", "infra/policy", file.to_str().unwrap()]).answer(1);
    let folder = folder.path().to_str().unwrap();
    assert_eq!(answer.replace(folder, "target"), block("text"));
}
