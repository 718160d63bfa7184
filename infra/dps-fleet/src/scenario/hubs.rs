//! Hubs in a scenario file: the first label of a hub of the tables, or a whole host name.

use dps_allocation::did_you_mean;

use super::names::Names;
use super::section::{Section, Word};

/// Host names of hubs that are written in short or as they are.
pub(super) fn hosts(section: &Section<'_>, key: &str, names: &Names) -> Option<Vec<String>> {
    let words = section.words(key)?;
    let hosts = words
        .iter()
        .filter_map(|word| host(section, key, word, names));
    Some(hosts.collect())
}

/// The host name of a hub; a fault if it is unknown.
pub(super) fn host(section: &Section<'_>, key: &str, word: &Word, names: &Names) -> Option<String> {
    let host = names.host(&word.text);
    if host.is_none() {
        let near = did_you_mean(&word.text, names.labels());
        let rule = format!(
            "`{}` is not the first label of a hub of the tables",
            word.text
        );
        let help = format!("{near}write a hub of the table hubs, or a whole host name");
        section.fault(word.line, key, rule, help);
    }
    host
}
