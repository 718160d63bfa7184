//! A program of tests is built for each library and program, unless its manifest says that there are none.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::crates::packages;

/// The source files of a library below its root file, or the one file of a program.
fn sources(target: &Value) -> Vec<PathBuf> {
    let root = PathBuf::from(target["src_path"].as_str().unwrap());
    let is_library = target["kind"][0] == "lib";
    if is_library {
        below(root.parent().unwrap())
    } else {
        vec![root]
    }
}

fn below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    entries
        .flat_map(|path| {
            if path.is_dir() {
                below(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

#[test]
fn what_has_no_tests_by_its_manifest_has_none() {
    let packages = packages();
    let targets = packages
        .iter()
        .flat_map(|it| it["targets"].as_array().unwrap());
    let of_source = targets.filter(|it| it["kind"][0] == "lib" || it["kind"][0] == "bin");
    let mut looked_at = 0;
    for target in of_source {
        // No program has examples that run as tests.
        let without_tests = target["test"] == false;
        let without_examples = target["doctest"] == false && target["kind"][0] == "lib";
        for path in sources(target) {
            let text = fs::read_to_string(&path).unwrap();
            let has_test = text.contains("#[test]") || text.contains("cfg(test)");
            let mut lines = text.lines().map(str::trim_start);
            let has_example =
                lines.any(|it| it.starts_with("/// ```") || it.starts_with("//! ```"));
            assert!(
                !(without_tests && has_test),
                "`test = false` hides {}",
                path.display()
            );
            assert!(
                !(without_examples && has_example),
                "`doctest = false` hides {}",
                path.display()
            );
            looked_at += usize::from(without_tests || without_examples);
        }
    }
    assert!(looked_at > 10, "{looked_at}");
}
