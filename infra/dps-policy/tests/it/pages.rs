//! What the pages show of the tool is what it prints, and the commands that they name exist.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::program::{root, run};

/// Every page of the checkout.
fn pages() -> Vec<PathBuf> {
    let mut pages = Vec::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            let is_ours = !name.starts_with('.') && name != "target" && name != "node_modules";
            match entry.file_type().unwrap().is_dir() {
                true if is_ours => folders.push(entry.path()),
                false if Path::new(&name).extension().is_some_and(|it| it == "md") => {
                    pages.push(entry.path());
                }
                _ => {}
            }
        }
    }
    pages
}

fn page(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap()
}

/// The arguments of each `dps-policy` or `cargo run -p dps-policy --` of a page.
fn commands(page: &str) -> Vec<Vec<String>> {
    let page = page
        .replace("\\\n", " ")
        .replace("dps-policy -- ", "dps-policy ");
    let starts = page.match_indices("dps-policy ");
    let ends = |rest: &str| {
        rest.find(['`', '\n', '|', '<', '>', ';'])
            .unwrap_or(rest.len())
    };
    let named = starts.filter_map(|(at, start)| {
        let before = page[..at].chars().next_back();
        // Elsewhere the name of the tool is a word in a sentence, or a part of a path.
        let rest = &page[at + start.len()..];
        let in_code = before == Some('`') || page[..at].ends_with("-p ") || before == Some('\n');
        in_code.then(|| rest[..ends(rest)].to_owned())
    });
    named
        .map(|command| command.split_whitespace().map(str::to_owned).collect())
        .filter(|words: &Vec<String>| !words.is_empty())
        .collect()
}

/// The help of each command, read once.
#[derive(Default)]
struct Help(BTreeMap<String, String>);

impl Help {
    /// The faults of a command line.
    fn faults(&mut self, words: &[String]) -> Vec<String> {
        let (command, rest) = words.split_first().unwrap();
        if command.starts_with('-') {
            return Vec::new();
        }
        let mut named = vec![command.as_str()];
        // The flags of `rollout` are those of its commands.
        named.extend(
            rest.first()
                .filter(|_| ["rollout", "shadow", "prove"].contains(&&**command))
                .map(String::as_str),
        );
        let help = self.0.entry(named.join(" "));
        let help = help.or_insert_with(|| run(&[&named[..], &["--help"]].concat()).stdout);
        if !help.contains("Usage: dps-policy ") {
            return vec![format!("there is no command `{command}`")];
        }
        let flags = rest.iter().filter(|word| word.starts_with("--"));
        let unknown = flags.filter(|flag| !help.contains(&format!("{flag} ")));
        unknown
            .map(|flag| format!("`{command}` has no `{flag}`"))
            .collect()
    }
}

#[test]
fn every_command_of_a_page_exists_with_its_flags() {
    let mut help = Help::default();
    let mut count = 0;
    for path in pages() {
        for command in commands(&fs::read_to_string(&path).unwrap()) {
            count += 1;
            let faults = help.faults(&command);
            assert_eq!(faults, [""; 0], "{}: {command:?}", path.display());
        }
    }
    assert!(count > 20, "{count}");
}

#[test]
fn a_command_that_does_not_exist_is_found() {
    let page = "`dps-policy puhs x`, `cargo run -p dps-policy -- push --foo x`\n\
                dps-policy check a | cat --bar\nthe dps-policy tool\n";
    let commands = commands(page);
    let mut help = Help::default();
    let faults: Vec<Vec<String>> = commands.iter().map(|it| help.faults(it)).collect();
    let expected = [
        vec!["there is no command `puhs`".to_owned()],
        vec!["`push` has no `--foo`".to_owned()],
        vec![],
    ];
    assert_eq!(faults, expected);
}

/// The block below the first command of the README.
#[test]
fn the_readme_shows_what_explain_prints() {
    let readme = page("README.md");
    let request = "tests/fixtures/allocation/group-x509.json";
    let command = format!("cargo run -p dps-policy -- explain {request}\n```\n\n```text\n");
    let (_, shown) = readme
        .split_once(&command)
        .expect("the command and its output");
    let (shown, _) = shown.split_once("```\n").unwrap();
    let policy = shown.lines().find(|line| line.starts_with("policy "));
    let (_, at) = policy.and_then(|line| line.split_once(", at ")).unwrap();
    let printed = run(&["explain", "--at", at, request]).answer(0);
    assert_eq!(shown, printed, "write into README.md what explain prints");
}

#[test]
fn the_six_requests_are_decided_as_the_page_says() {
    let page = page("infra/dps-policy/README.md");
    let (_, table) = page.split_once("| `dps-reason` |\n|--|--|--|\n").unwrap();
    let rows: Vec<&str> = table.lines().take_while(|it| it.starts_with('|')).collect();
    assert_eq!(rows.len(), 6);
    for row in rows {
        let quoted: Vec<&str> = row.split('`').skip(1).step_by(2).collect();
        let [name, hub, reason] = quoted[..3] else {
            panic!("{row}");
        };
        let request = format!("tests/fixtures/allocation/{name}.json");
        let document = run(&["explain", &request, "--json"]).json(0);
        let host = format!("{hub}.azure-devices.net");
        assert_eq!(document["response"]["iotHubHostName"], host, "{row}");
        assert_eq!(document["reason"], reason, "{row}");
    }
}
