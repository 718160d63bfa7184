//! How layers of a twin are merged: what an operator writes, and what an expression gives.

use std::borrow::Cow;
use std::mem;

use serde_json::{Map, Value};

use crate::document::{Member, Object};

/// JSON merge patch (RFC 7396, section 2) of one object onto another.
pub(super) fn merge<'p>(target: &mut Object<'p>, patch: &'p Map<String, Value>) {
    for (key, value) in patch {
        merge_member(target, key, value);
    }
}

/// The object without members that are null: what a merge onto nothing gives.
pub(super) fn without_null_members(patch: &Map<String, Value>) -> Object<'_> {
    let mut target = Object::new();
    merge(&mut target, patch);
    target
}

/// JSON merge patch of one member.
pub(super) fn merge_member<'p>(target: &mut Object<'p>, key: &'p str, value: &'p Value) {
    match value {
        Value::Null => {
            target.remove(key);
        }
        Value::Object(patch) => {
            let mut object = take_object(target, key);
            merge(&mut object, patch);
            target.insert(Cow::Borrowed(key), Member::Object(object));
        }
        value => {
            let value = Member::Value(Cow::Borrowed(value));
            target.insert(Cow::Borrowed(key), value);
        }
    }
}

/// Takes the object at a member, and leaves an empty one; any other value counts as an empty object.
pub(super) fn take_object<'p>(target: &mut Object<'p>, key: &str) -> Object<'p> {
    match target.get_mut(key).map(mem::take) {
        Some(Member::Object(object)) => object,
        Some(Member::Value(Cow::Borrowed(Value::Object(members)))) => {
            let members = members.iter();
            let borrowed = members.map(|(key, value)| {
                let value = Member::Value(Cow::Borrowed(value));
                (Cow::Borrowed(key.as_str()), value)
            });
            borrowed.collect()
        }
        Some(Member::Value(Cow::Owned(Value::Object(members)))) => owned(members),
        _ => Object::new(),
    }
}

/// The object as one to merge onto.
pub(super) fn owned<'p>(members: Map<String, Value>) -> Object<'p> {
    let members = members.into_iter();
    let owned = members.map(|(key, value)| (Cow::Owned(key), Member::Value(Cow::Owned(value))));
    owned.collect()
}

/// Merges what an expression gives into its own member.
///
/// A device may choose the value, so it never removes or replaces another member: an object adds
/// what no lower layer has, and no other value replaces an object.
pub(super) fn fill<'p>(target: &mut Object<'p>, key: &'p str, value: Value) {
    let is_object = target.get(key).is_some_and(Member::is_object);
    match (is_object, value) {
        (true, Value::Object(value)) => {
            let mut lower = take_object(target, key);
            add(&mut lower, value);
            target.insert(Cow::Borrowed(key), Member::Object(lower));
        }
        (true, _) | (false, Value::Null) => {}
        (false, value) => {
            let value = Member::Value(Cow::Owned(without_nulls(value)));
            target.insert(Cow::Borrowed(key), value);
        }
    }
}

/// Adds the members that are missing.
fn add(lower: &mut Object<'_>, value: Map<String, Value>) {
    for (key, value) in value {
        let key = Cow::Owned(key);
        match (lower.get(&key).map(Member::is_object), value) {
            (Some(true), Value::Object(value)) => {
                let mut object = take_object(lower, &key);
                add(&mut object, value);
                lower.insert(key, Member::Object(object));
            }
            (Some(_), _) | (None, Value::Null) => {}
            (None, value) => {
                lower.insert(key, Member::Value(Cow::Owned(without_nulls(value))));
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
