//! Scenario files beside the tables, and the requests that they name or make.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use dps_fleet::scenario::Suite;

use crate::source::Source;

/// How the name of a scenario file ends.
const ENDING: &str = ".test.toml";

/// A subfolder for scenario files.
const SUBFOLDER: &str = "tests";

/// Largest file that is read, in bytes; a larger one is there by mistake.
const MOST: u64 = 1 << 20;

/// A scenario file that has been found or named.
#[derive(Debug)]
pub(super) struct ScenarioFile(PathBuf);

/// Whether the name of a path is that of a scenario file.
pub(super) fn is_scenario(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| name.ends_with(ENDING))
}

/// The files that are named, or those beside the tables in the order of their names.
///
/// # Errors
/// When there is none: a test of nothing must not pass.
pub(super) fn find(source: &Source, named: &[PathBuf]) -> anyhow::Result<Vec<ScenarioFile>> {
    if !named.is_empty() {
        return Ok(named.iter().cloned().map(ScenarioFile).collect());
    }
    let Source::Folder(folder) = source else {
        anyhow::bail!("name scenario files: test {source} FILE.test.toml");
    };
    let mut files = Vec::new();
    for folder in [folder.clone(), folder.join(SUBFOLDER)] {
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries.with_context(|| unreadable(&folder))?,
        };
        for entry in entries {
            let path = entry.with_context(|| unreadable(&folder))?.path();
            if is_scenario(&path) {
                files.push(path);
            }
        }
    }
    files.sort();
    anyhow::ensure!(
        !files.is_empty(),
        "`{}` has no scenario file; write one that ends in {ENDING}, or name it",
        folder.display()
    );
    Ok(files.into_iter().map(ScenarioFile).collect())
}

impl ScenarioFile {
    /// The name for reports.
    pub(super) fn shown(&self) -> String {
        self.0.display().to_string()
    }

    pub(super) fn read(&self) -> anyhow::Result<String> {
        let bytes = read(&self.0).with_context(|| unreadable(&self.0))?;
        let text = String::from_utf8(bytes).with_context(|| unreadable(&self.0))?;
        Ok(text)
    }

    /// Reads a file by its path from this one.
    pub(super) fn read_beside(&self, path: &str) -> Result<Vec<u8>, String> {
        let folder = self.0.parent().unwrap_or(Path::new("."));
        read(&folder.join(path)).map_err(|error| error.to_string())
    }
}

fn unreadable(path: &Path) -> String {
    format!("`{}` cannot be read", path.display())
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?
        .take(MOST + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST {
        return Err(io::Error::other("it has more than 1 MiB"));
    }
    Ok(bytes)
}

/// Writes the request of each case as `FILE-LINE.json`.
pub(super) fn write_requests(folder: &Path, suites: &[Suite]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for suite in suites {
        let name = Path::new(&suite.file).file_name().unwrap_or_default();
        let name = name.to_string_lossy();
        let name = name.strip_suffix(ENDING).unwrap_or(&name);
        for entry in &suite.entries {
            if let Some(request) = &entry.request {
                fs::write(folder.join(format!("{name}-{}.json", entry.line)), request)?;
            }
        }
    }
    Ok(())
}
