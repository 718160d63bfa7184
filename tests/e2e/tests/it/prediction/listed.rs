//! The devices that a preview lists, held against what happened.

use std::collections::BTreeMap;

use super::fleet::{Places, is_hub};

/// From where to where devices go.
pub(super) type Moves = BTreeMap<String, (String, String)>;

/// The rows of `preview --list`.
pub(super) fn listed(list: &str) -> Moves {
    let rows = list.lines().skip(1).map(|line| {
        let cells: Vec<&str> = line.split(',').collect();
        let (from, to) = (cells[3].to_owned(), cells[4].to_owned());
        (cells[0].to_owned(), (from, to))
    });
    rows.collect()
}

/// The devices whose answer differs; a preview lists no device that is refused before and after.
pub(super) fn happened(before: &Places, after: &Places) -> Moves {
    let changed = before.iter().filter_map(|(id, from)| {
        let to = &after[id];
        let differs = from != to && (is_hub(from) || is_hub(to));
        differs.then(|| (id.clone(), (from.clone(), to.clone())))
    });
    changed.collect()
}

/// 0 differences.
#[track_caller]
pub(super) fn assert_same(mut predicted: Moves, happened: &Moves) {
    for (id, change) in happened {
        assert_eq!(predicted.remove(id).as_ref(), Some(change), "{id}");
    }
    assert_eq!(predicted, Moves::new(), "predicted, and did not happen");
}
