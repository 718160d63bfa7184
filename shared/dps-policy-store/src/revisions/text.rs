//! A text of any length in the cells of rows, and back.

/// Longest string of a cell, in UTF-16 units: Azure allows 64 KiB, which is 32,768 of them.
///
/// <https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model>
const CELL: usize = 32_000;

/// Cells of a row: Azure allows 1 MiB a row, keys and names included.
const CELLS: usize = 14;

/// UTF-16 units that one row holds, whatever its characters.
pub(super) const ROW: usize = (CELL - 1) * CELLS;

/// The cells of each row, `text00` first.
pub(super) fn rows(text: &str) -> Vec<Vec<(String, String)>> {
    let pieces = pieces(text, CELL);
    let row = |pieces: &[&str]| {
        let numbered = pieces.iter().enumerate();
        let cells =
            numbered.map(|(number, piece)| (format!("text{number:02}"), (*piece).to_owned()));
        cells.collect()
    };
    pieces.chunks(CELLS).map(row).collect()
}

/// The text of the cells of rows, in key order.
pub(super) fn joined<'r>(rows: impl Iterator<Item = &'r [(String, String)]>) -> String {
    let mut text = String::new();
    for cells in rows {
        let named = cells.iter().filter(|(name, _)| name.starts_with("text"));
        let mut pieces: Vec<&(String, String)> = named.collect();
        pieces.sort();
        text.extend(pieces.into_iter().map(|(_, piece)| piece.as_str()));
    }
    text
}

/// Cuts a text into pieces of at most `max` UTF-16 units, between characters.
fn pieces(text: &str, max: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut start, mut units) = (0, 0);
    for (at, char) in text.char_indices() {
        if units + char.len_utf16() > max {
            pieces.extend(text.get(start..at));
            (start, units) = (at, 0);
        }
        units += char.len_utf16();
    }
    pieces.extend(text.get(start..).filter(|rest| !rest.is_empty()));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(pieces(text, 4), expected);
    }

    #[test]
    fn no_piece_is_longer_than_allowed_or_cuts_a_character() {
        check("", &[]);
        check("abcd", &["abcd"]);
        check("abcde", &["abcd", "e"]);
        check("éééééé", &["éééé", "éé"]);
        check("abc🦀d", &["abc", "🦀d"]);
        check("🦀🦀🦀", &["🦀🦀", "🦀"]);
    }

    #[test]
    fn a_text_comes_back_from_its_rows() {
        for length in [
            0,
            1,
            CELL,
            CELL + 1,
            CELL * CELLS,
            CELL * CELLS + 1,
            1_000_000,
        ] {
            let text: String = "a🦀 é\n".chars().cycle().take(length).collect();
            let rows = rows(&text);
            assert!(rows.iter().all(|cells| cells.len() <= CELLS));
            assert_eq!(joined(rows.iter().map(Vec::as_slice)), text, "{length}");
        }
    }
}
