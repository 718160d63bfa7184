//! Documents that the tests have seen, for `tests/schema`, which validates them.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;

/// Keeps what a command with these arguments printed with `--json`.
pub(crate) fn keep(words: &[String], document: &str) {
    let mut words = words.iter().filter(|word| !word.starts_with('-'));
    let Some(command) = words.next() else {
        return;
    };
    let command = match (&**command, words.next()) {
        (of_several @ ("rollout" | "shadow"), Some(what)) => format!("{of_several}-{what}"),
        (command, _) => command.to_owned(),
    };
    let mut hash = DefaultHasher::new();
    document.hash(&mut hash);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("documents");
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join(format!("{command}.{:016x}.json", hash.finish()));
    fs::write(file, document).unwrap();
}
