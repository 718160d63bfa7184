use super::*;

/// The cells of an entity, as `name=text`.
#[track_caller]
fn check(properties: &str, cells: &str) {
    let entity = format!(r#"{{"PartitionKey":"p","RowKey":"r","odata.etag":"e",{properties}}}"#);
    let row = StoredRow::from_json(serde_json::from_str(&entity).unwrap(), None).unwrap();
    assert_eq!(
        (row.key.to_string().as_str(), row.etag.0.as_str()),
        ("p/r", "e")
    );
    let shown: Vec<String> = row
        .cells
        .iter()
        .map(|(name, text)| format!("{name}={text}"))
        .collect();
    assert_eq!(shown.join(" "), cells);
}

#[test]
fn values_of_any_type_become_text() {
    check(r#""a":"x""#, "a=x");
    check(r#""a":5"#, "a=5");
    check(r#""a":5.0"#, "a=5.0");
    check(r#""a":1.1"#, "a=1.1");
    check(
        r#""a":"9007199254740993","a@odata.type":"Edm.Int64""#,
        "a=9007199254740993",
    );
    check(r#""a":9007199254740993"#, "a=9007199254740993");
    check(r#""a":false"#, "a=false");
    check(r#""a":null,"b":"""#, "b=");
    check(r#""a":"NaN","a@odata.type":"Edm.Double""#, "a=NaN");
}

#[test]
fn what_the_service_adds_is_no_cell() {
    check(
        r#""odata.id":"x","odata.editLink":"y","odata.type":"z","a":"x""#,
        "a=x",
    );
    check(
        r#""Timestamp":"2026-11-21T13:00:00.5Z","Timestamp@odata.type":"Edm.DateTime""#,
        "",
    );
}

#[track_caller]
fn incomplete(entity: &str) {
    let entity = serde_json::from_str(entity).unwrap();
    assert_eq!(StoredRow::from_json(entity, None), None);
}

#[test]
fn a_row_has_two_keys_and_a_version() {
    incomplete(r#"{"RowKey":"r","odata.etag":"e"}"#);
    incomplete(r#"{"PartitionKey":"p","odata.etag":"e"}"#);
    incomplete(r#"{"PartitionKey":"p","RowKey":"r"}"#);
}
