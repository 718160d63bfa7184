use super::*;
use crate::azure::KeyPart;

#[test]
fn empty_cells_are_left_out() {
    let part = |text| KeyPart::parse(text).unwrap();
    let key = Key {
        partition: part("p"),
        row: part("r"),
    };
    let cells = [("a", ""), ("b", "x")].map(|(name, text)| (name.to_owned(), text.to_owned()));
    let row = Row::new(key, cells.to_vec()).unwrap();
    assert_eq!(row.cells().collect::<Vec<_>>(), [("b", "x")]);
    let json = serde_json::to_string(&row.to_json()).unwrap();
    assert_eq!(json, r#"{"PartitionKey":"p","RowKey":"r","b":"x"}"#);
}
