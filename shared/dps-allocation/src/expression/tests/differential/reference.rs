//! What `cel`'s interpreter makes of an expression, with `+` as the specification has it.

use std::sync::{Arc, LazyLock};

use cel::common::types::{DYN_TYPE, Kind};
use cel::common::value::CowVal;
use cel::{Context, Env, ExecutionError, Value, extensions};

use super::PAYLOAD;

static CEL: LazyLock<Arc<Env>> = LazyLock::new(|| {
    let mut env = Env::stdlib();
    env.add_extension(extensions::strings).unwrap();
    env.add_member_overload("plus", "plus", DYN_TYPE, vec![DYN_TYPE], plus)
        .unwrap();
    Arc::new(env)
});

/// `+` of the CEL specification: `cel` also appends the keys of a map to a list.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the signature is that of `cel`"
)]
fn plus<'b, 'v>(operands: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let [left, right] = &operands[..] else {
        unreachable!("`plus` has a receiver and one argument")
    };
    let (left, right) = (left.as_ref(), right.as_ref());
    let refused = || ExecutionError::function_error("plus", "no such overload");
    if left.get_type().kind() == Kind::List && right.get_type().kind() != Kind::List {
        return Err(refused());
    }
    let sum = left.as_adder().ok_or_else(refused)?.add(right)?;
    Ok(CowVal::Owned(sum.into_owned()))
}

/// The source for `cel`: `(a)+(b)` calls `plus`.
fn for_cel(source: &str) -> String {
    source.replace(")+(", ").plus(")
}

/// Whether `cel` can read it.
pub(super) fn is_cel(source: &str) -> bool {
    CEL.compile(&for_cel(source)).is_ok()
}

fn cel_value(json: &serde_json::Value) -> Value {
    use serde_json::Value as Json;
    match json {
        Json::Null => Value::Null,
        Json::Bool(flag) => Value::Bool(*flag),
        Json::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(whole), _) => Value::Int(whole),
            (None, Some(whole)) => Value::UInt(whole),
            (None, None) => Value::Float(number.as_f64().unwrap()),
        },
        Json::String(text) => text.as_str().into(),
        Json::Array(items) => items.iter().map(cel_value).collect::<Vec<_>>().into(),
        Json::Object(members) => {
            let members = members
                .iter()
                .map(|(key, json)| (key.clone(), cel_value(json)));
            members.collect::<std::collections::HashMap<_, _>>().into()
        }
    }
}

/// What `cel` makes of it: JSON, or nothing.
pub(super) fn by_cel(source: &str) -> Option<serde_json::Value> {
    let program = CEL.compile(&for_cel(source)).unwrap();
    let mut context = Context::with_env(Arc::clone(&CEL));
    let payload = cel_value(&serde_json::from_str(PAYLOAD).unwrap());
    context.add_variable_from_value("payload", payload);
    let value = program.execute(&context).ok()?;
    value.json().ok().filter(|json| !json.is_null())
}
