//! Decides what a file states, and compares.

mod case;
mod compared;
mod decide;
mod fleet;

use dps_allocation::Policy;

use super::fault::Fault;
use super::model::{Item, Stated};
use super::names::Names;
use super::read_file::ReadFile;
use super::suite::{Entry, Kind, Outcome};
use compared::Compared;

/// The result of each item, in order.
pub(super) fn run(
    items: &[Item],
    policy: &Policy,
    names: &Names,
    read_file: &ReadFile<'_>,
) -> Vec<Entry> {
    items
        .iter()
        .map(|item| match &item.stated {
            Stated::Case(Ok(stated)) => {
                let (request, result) = case::run(stated, policy, names, read_file);
                Entry {
                    request,
                    ..entry(item, Kind::Case, result)
                }
            }
            Stated::Fleet(Ok(stated)) => {
                entry(item, Kind::Fleet, fleet::run(stated, policy, names))
            }
            Stated::Case(Err(faults)) => broken(item, Kind::Case, faults),
            Stated::Fleet(Err(faults)) => broken(item, Kind::Fleet, faults),
        })
        .collect()
}

fn entry(item: &Item, kind: Kind, result: Result<Compared, String>) -> Entry {
    let (decided, outcome) = match result {
        Ok(Compared {
            decided,
            differences,
        }) if differences.is_empty() => (decided, Outcome::Passed),
        Ok(Compared {
            decided,
            differences,
        }) => (decided, Outcome::Failed(differences)),
        Err(rule) => (String::new(), Outcome::Broken(vec![rule])),
    };
    Entry {
        kind,
        name: item.name.clone(),
        line: item.line,
        outcome,
        decided,
        request: None,
    }
}

fn broken(item: &Item, kind: Kind, faults: &[Fault]) -> Entry {
    Entry::broken(kind, &item.name, item.line, faults)
}
