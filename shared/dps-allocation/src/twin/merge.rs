//! How layers of a twin are merged: what an operator writes, and what an expression gives.

use serde_json::{Map, Value};

/// A JSON object.
pub(super) type Object = Map<String, Value>;

/// JSON merge patch (RFC 7396, section 2) of one object onto another.
pub(super) fn merge(target: &mut Object, patch: Object) {
    for (key, value) in patch {
        merge_member(target, &key, value);
    }
}

/// The object without members that are null: what a merge onto nothing gives.
pub(super) fn without_null_members(patch: &Object) -> Object {
    let mut target = Object::new();
    merge(&mut target, patch.clone());
    target
}

/// JSON merge patch of one member.
pub(super) fn merge_member(target: &mut Object, key: &str, value: Value) {
    match value {
        Value::Null => {
            target.remove(key);
        }
        Value::Object(patch) => {
            let mut object = take_object(target, key);
            merge(&mut object, patch);
            target.insert(key.to_owned(), Value::Object(object));
        }
        value => {
            target.insert(key.to_owned(), value);
        }
    }
}

/// Removes the object at a member; any other value counts as an empty object.
pub(super) fn take_object(target: &mut Object, key: &str) -> Object {
    match target.remove(key) {
        Some(Value::Object(object)) => object,
        _ => Object::new(),
    }
}

/// Merges what an expression gives into its own member.
///
/// A device may choose the value, so it never removes or replaces another member: an object adds
/// what no lower layer has, and no other value replaces an object.
pub(super) fn fill(target: &mut Object, key: &str, value: Value) {
    match (target.get_mut(key), value) {
        (Some(Value::Object(lower)), Value::Object(value)) => add(lower, value),
        (Some(Value::Object(_)), _) | (_, Value::Null) => {}
        (_, value) => {
            target.insert(key.to_owned(), without_nulls(value));
        }
    }
}

/// Adds the members that are missing.
fn add(lower: &mut Object, value: Object) {
    for (key, value) in value {
        match (lower.get_mut(&key), value) {
            (Some(Value::Object(lower)), Value::Object(value)) => add(lower, value),
            (Some(_), _) | (None, Value::Null) => {}
            (None, value) => {
                lower.insert(key, without_nulls(value));
            }
        }
    }
}

/// The value without members that are null, which would remove something elsewhere.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.into_iter().filter(|(_, value)| !value.is_null());
            let members = members.map(|(key, value)| (key, without_nulls(value)));
            Value::Object(members.collect())
        }
        value => value,
    }
}
