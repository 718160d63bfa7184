//! The limits of IoT Hub on twins, each at its edge.

use dps_allocation::twin_limits::{Section, TwinLimit, check as check_section};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn object(value: &Value) -> &Map<String, Value> {
    value.as_object().unwrap()
}

#[track_caller]
fn taken(value: &Value) {
    assert_eq!(check_section(Section::Desired, object(value)), Ok(()));
}

#[track_caller]
fn refused(value: &Value, message: &str) {
    let limit = check_section(Section::Desired, object(value)).unwrap_err();
    assert_eq!(limit.to_string(), message);
}

/// A section of exactly this many bytes.
fn of_size(bytes: usize) -> Value {
    let mut section = Map::new();
    let (full, rest) = (bytes / 4096, bytes % 4096);
    for i in 0..full {
        section.insert(format!("k{i}"), "x".repeat(4094).into());
    }
    if rest > 0 {
        section.insert("r".into(), "x".repeat(rest - 1).into());
    }
    Value::Object(section)
}

#[test]
fn sections_have_their_sizes() {
    for (section, limit) in [(Section::Tags, 8 * 1024), (Section::Desired, 32 * 1024)] {
        assert_eq!(section.limit(), limit);
        assert_eq!(check_section(section, object(&of_size(limit))), Ok(()));
        let over = TwinLimit::Size {
            section,
            bytes: limit + 1,
            limit,
        };
        assert_eq!(
            check_section(section, object(&of_size(limit + 1))),
            Err(over)
        );
    }
    let tags = check_section(Section::Tags, object(&of_size(9000))).unwrap_err();
    let message = "`tags` counts 9000 bytes, IoT Hub allows 8192; remove something";
    assert_eq!(tags.to_string(), message);
}

/// What `value` counts, found by filling up the rest of the section.
#[track_caller]
fn counts(value: &Value, bytes: usize) {
    let mut section = object(&of_size(32 * 1024 - bytes)).clone();
    section.extend(object(value).clone());
    assert_eq!(
        check_section(Section::Desired, &section),
        Ok(()),
        "more than {bytes}"
    );
    section.insert("y".into(), "".into());
    let limit = check_section(Section::Desired, &section);
    assert!(
        matches!(limit, Err(TwinLimit::Size { .. })),
        "less than {bytes}: {limit:?}"
    );
}

#[test]
fn sizes_are_counted_as_documented() {
    counts(&json!({"z": 1}), 1 + 8);
    counts(&json!({"z": 1.5}), 1 + 8);
    counts(&json!({"z": true}), 1 + 4);
    counts(&json!({"z": "abc"}), 1 + 3);
    counts(&json!({"zö": "Größe"}), 3 + 7);
    counts(&json!({"z": "a\u{0}b\u{1f}c\u{85}d\n"}), 1 + 4);
    counts(&json!({"z": {"inner": false}}), 1 + 5 + 4);
    counts(
        &json!({"z": [1, "ab", true, {"k": 2}, []]}),
        1 + 8 + 2 + 4 + 9,
    );
    counts(&json!({"z": null}), 1);
    counts(&json!({"z": {}}), 1);
}

/// An object (or array) this many levels below the section, with a value in it.
fn nested(levels: usize, wrap: impl Fn(Value) -> Value) -> Value {
    let inner = (0..levels).fold(json!("value"), |value, _| wrap(value));
    json!({ "top": inner })
}

#[test]
fn ten_levels_are_allowed() {
    taken(&nested(10, |value| json!({ "k": value })));
    refused(
        &nested(11, |value| json!({ "k": value })),
        "`properties.desired.top.k.k.k.k.k.k.k.k.k.k` is nested deeper than 10 levels, \
         IoT Hub allows no more",
    );
    taken(&nested(10, |value| json!([value])));
    refused(
        &nested(11, |value| json!([value])),
        "`properties.desired.top[0][0][0][0][0][0][0][0][0][0]` is nested deeper than 10 levels, \
         IoT Hub allows no more",
    );
    assert!(check_section(Section::Tags, object(&nested(5000, |value| json!([value])))).is_err());
}

/// The example of the documentation: `one` to `ten` and a property.
#[test]
fn the_documented_example_is_read() {
    let tags = [
        "ten", "nine", "eight", "seven", "six", "five", "four", "three", "two", "one",
    ]
    .iter()
    .fold(
        json!({"property": "value"}),
        |value, key| json!({ *key: value }),
    );
    assert_eq!(check_section(Section::Tags, object(&tags)), Ok(()));
}

#[test]
fn keys_have_their_length_and_letters() {
    taken(&json!({ "k".repeat(1024): 1, "": 1, "größe_1-a:b/c#": 1, "ключ": 1 }));
    taken(&json!({ "ö".repeat(512): 1 }));
    let shown = format!("properties.desired[\"{}\"…]", "k".repeat(64));
    refused(
        &json!({ "k".repeat(1025): 1 }),
        &format!("`{shown}` has a key of 1025 bytes, IoT Hub allows 1024"),
    );
    assert!(check_section(Section::Tags, object(&json!({ "ö".repeat(513): 1 }))).is_err());
    let rule = "in its key, IoT Hub allows no control character, `.`, `$` or space there";
    refused(
        &json!({"a.b": 1}),
        &format!("`properties.desired[\"a.b\"]` has '.' {rule}"),
    );
    refused(
        &json!({"$a": 1}),
        &format!("`properties.desired[\"$a\"]` has '$' {rule}"),
    );
    refused(
        &json!({"a b": 1}),
        &format!("`properties.desired[\"a b\"]` has ' ' {rule}"),
    );
    refused(
        &json!({"a": [{"b\n": 1}]}),
        &format!("`properties.desired.a[0][\"b\\n\"]` has '\\n' {rule}"),
    );
    refused(
        &json!({"\u{9f}": 1}),
        &format!("`properties.desired[\"\\u{{9f}}\"]` has '\\u{{9f}}' {rule}"),
    );
}

#[test]
fn strings_have_their_length() {
    taken(&json!({"s": "x".repeat(4096), "a": ["ö".repeat(2048)]}));
    refused(
        &json!({"a": {"s": "x".repeat(4097)}}),
        "`properties.desired.a.s` is a string of 4097 bytes, IoT Hub allows 4096",
    );
    refused(
        &json!({"a": [0, "ö".repeat(2049)]}),
        "`properties.desired.a[1]` is a string of 4098 bytes, IoT Hub allows 4096",
    );
}

#[test]
fn integers_have_52_bits() {
    taken(&json!({"max": 4_503_599_627_370_495_i64, "min": -4_503_599_627_370_496_i64}));
    taken(&json!({"fraction": 1e300, "small": -0.5}));
    for integer in [
        json!(4_503_599_627_370_496_i64),
        json!(-4_503_599_627_370_497_i64),
        json!(u64::MAX),
        json!(i64::MIN),
    ] {
        refused(
            &json!({"n": integer}),
            "`properties.desired.n` is an integer outside -4503599627370496 to 4503599627370495, \
             send it as a string",
        );
    }
}

#[test]
fn null_is_allowed_outside_of_arrays_only() {
    taken(&json!({"gone": null, "site": {"floor": null}}));
    let rule = "is null inside an array, which IoT Hub does not allow";
    refused(
        &json!({"a": [1, null]}),
        &format!("`properties.desired.a[1]` {rule}"),
    );
    refused(
        &json!({"a": [{"b": null}]}),
        &format!("`properties.desired.a[0].b` {rule}"),
    );
    refused(
        &json!({"a": [[], [{"b": {"c": null}}]]}),
        &format!("`properties.desired.a[1][0].b.c` {rule}"),
    );
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "secret.{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(14, 200, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((".{0,8}", inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_panic_and_no_value_in_messages(value in any_value()) {
        let section: Map<_, _> = [("root".to_owned(), value)].into_iter().collect();
        if let Err(limit) = check_section(Section::Tags, &section) {
            prop_assert!(!limit.to_string().contains("secret"));
        }
    }
}
