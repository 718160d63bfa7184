//! Rows as large as they may be, and beyond.

use azurite::FaultProxy;
use dps_policy_store::azure::{Row, RowError};

use super::{HUBS, client, insert, key, tables};

/// `count` columns with texts of `units` UTF-16 units each, `character` over and over.
fn cells(count: usize, units: usize, character: char) -> Vec<(String, String)> {
    let text: String = std::iter::repeat_n(character, units / character.len_utf16()).collect();
    (0..count)
        .map(|column| (format!("c{column:03}"), text.clone()))
        .collect()
}

/// Writes the row and reads it back.
async fn check(cells: Vec<(String, String)>) {
    let tables = tables().await;
    let row = Row::new(key("hub", "h"), cells.clone()).unwrap();
    insert(&tables, HUBS, vec![row]).await;
    let read = tables.rows(HUBS).await.unwrap();
    assert!(read[0].cells == cells, "not what was written");
}

#[tokio::test]
async fn the_largest_rows_are_written_and_read() {
    check(cells(1, 32_768, 'x')).await;
    check(cells(1, 32_768, '🚀')).await;
    check(cells(252, 8, 'x')).await;
    // 15 cells of 64 KiB and one that fills the mebibyte.
    let mut full = cells(15, 32_768, '"');
    full.push(("last".to_owned(), "x".repeat(32_700 - 16 * 12)));
    check(full).await;
}

/// Refused before anything is sent.
#[track_caller]
fn refused(cells: Vec<(String, String)>, message: &str) {
    let error: RowError = Row::new(key("hub", "h"), cells).unwrap_err();
    assert_eq!(error.to_string(), message);
}

fn cell(name: &str) -> Vec<(String, String)> {
    vec![(name.to_owned(), "x".to_owned())]
}

#[test]
fn a_row_that_no_table_can_hold_is_refused() {
    refused(
        cells(1, 32_769, 'x'),
        "row `hub/h`: the cell of `c000` has 32769 UTF-16 units: at most 32768 are possible",
    );
    refused(
        cells(253, 1, 'x'),
        "row `hub/h` has 253 columns: at most 252 are possible",
    );
    refused(
        cells(16, 32_768, 'x'),
        "row `hub/h` has 1048908 bytes: at most 1048576 are possible",
    );
    for name in ["", "1a", "a b", "a-b", "a@odata.type", "odata.etag"] {
        refused(
            cell(name),
            &format!(
                "row `hub/h`: `{name}` cannot be a column; write letters, digits and `_`, at most \
                 255, first no digit"
            ),
        );
    }
    refused(
        cell("Timestamp"),
        "row `hub/h`: the column `Timestamp` is there twice",
    );
    refused(
        [cell("a"), cell("a")].concat(),
        "row `hub/h`: the column `a` is there twice",
    );
}

#[tokio::test]
async fn nothing_is_sent_before_something_is_asked() {
    let proxy = FaultProxy::start(azurite::shared().port());
    let tables = client(&azurite::shared().through(proxy.port()), "Dps");
    drop(tables);
    assert_eq!(proxy.connections(), 0);
}
