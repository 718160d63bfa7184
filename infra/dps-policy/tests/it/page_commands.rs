//! Pages show what the program prints: their commands run in order, on copies of the starter tables.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::cloud::Cloud;
use crate::program::{Folder, Run, root, run};

/// The folder that pages copy the starter tables to.
const TABLES: &str = "target/policy";

/// Runs each command of a page, and compares with the block behind it.
#[track_caller]
fn check(page: &str) {
    check_with(page, run);
}

#[track_caller]
fn check_with(page: &str, run: impl Fn(&[&str]) -> Run) {
    let text = fs::read_to_string(root().join(page)).unwrap();
    let (tables, files) = (Folder::starter(), TempDir::new().unwrap());
    let files = files.path().to_str().unwrap();
    let mut count = 0;
    let mut blocks = text.split("```sh\n").skip(1);
    for block in blocks.by_ref() {
        let (commands, rest) = block.split_once("```\n").unwrap();
        let shown = rest.strip_prefix("\n```text\n");
        let shown = shown.map(|it| it.split_once("```\n").unwrap().0);
        let mut printed = String::new();
        for command in commands.replace("\\\n", " ").lines() {
            let Some(words) = command.strip_prefix("dps-policy ") else {
                continue;
            };
            count += 1;
            let words = words.replace(TABLES, tables.path());
            let words = words.replace("target/files", files);
            let words = words_of(&words);
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let ran = run(&words);
            printed.extend([ran.stdout, ran.stderr]);
        }
        let printed = printed.replace(tables.path(), TABLES);
        let printed = printed.replace(files, "target/files");
        if let Some(shown) = shown {
            assert_eq!(
                shown, printed,
                "write into {page} what this prints:\n{commands}"
            );
        }
    }
    assert!(count > 3, "{page}: {count}");
    assert!(Path::new(files).exists());
}

/// The words of a line of a shell; quotes keep words together.
fn words_of(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
    for c in line.chars().chain([' ']) {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted && word.is_empty() => {}
            ' ' if !quoted => words.push(std::mem::take(&mut word)),
            c => word.push(c),
        }
    }
    words
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
    check_with("infra/dps-policy/PREVIEW.md", |words| cloud.run(words));
}
