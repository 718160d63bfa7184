//! Finds a request that refutes a claim.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use dps_allocation::tables::{Column, TableName};
use dps_allocation::{AttestationKind, Decision, Facts, Registration, decide};
use serde_json::Value;

use super::answer::Answer;
use super::bounds::MAX_SENT;
use super::broken::broken_by;
use super::claim::Claim;
use super::explore::{Leaf, device};
use super::expression::{literals, paths};
use super::report::Counterexample;
use super::side::Side;
use super::space::Class;
use crate::scenario::Subject;

/// What a device sends: values by their paths in payload and certificate.
type Sent = BTreeMap<Vec<String>, Value>;

/// How many requests are tried if a hash chooses among hubs.
const MAX_IDS: usize = 4000;

/// A request that the webhook's own code decides against the claim.
pub(super) fn find(
    claim: &Claim,
    class: &Class<'_>,
    leaf: &Leaf,
    sides: &[Side<'_>],
) -> Option<Counterexample> {
    let combinations = combinations(leaf, sides);
    let is_choice = leaf.answers.iter().any(|answer| answer.hubs.len() > 1);
    let ids = if is_choice {
        MAX_IDS / combinations.len().max(1)
    } else {
        1
    };
    for sent in combinations {
        let Some(body) = body(class, &sent, sides) else {
            continue;
        };
        for number in 0..ids {
            let id = match number {
                0 => class.id.clone(),
                // Another number changes the hash of the id, and nothing else.
                _ => with_number(&class.id, number),
            };
            let body = with_id(&body, &class.id, &id);
            let class = Class {
                id,
                ..class.clone()
            };
            if let Some(found) = refutes(claim, &class, &body, sides) {
                return Some(found);
            }
        }
    }
    None
}

/// The request as a counterexample, if it is one.
fn refutes(
    claim: &Claim,
    class: &Class<'_>,
    body: &Value,
    sides: &[Side<'_>],
) -> Option<Counterexample> {
    let bytes = body.to_string();
    let registration = Registration::parse(bytes.as_bytes()).ok()?;
    let mut answers = Vec::new();
    for side in sides {
        let facts = Facts {
            now: class.at,
            device: device(side, &registration),
        };
        answers.push(answered(&decide(side.policy, &registration, &facts)));
    }
    let leaf = Leaf {
        answers,
        assumed: BTreeMap::new(),
    };
    let decided = broken_by(claim, &leaf, class, sides)?;
    Some(Counterexample {
        request: body.clone(),
        at: class.at,
        decided,
    })
}

/// The answer of one decision.
fn answered(decision: &Decision<'_>) -> Answer {
    let (hubs, refused) = match decision {
        Decision::Assigned(it) => ([it.hub_name.clone().into_owned()].into(), None),
        Decision::Refused(_) | Decision::Unavailable(_) => ([].into(), Some(decision.reason())),
    };
    Answer {
        tenant: decision.tenant().map(str::to_owned),
        hubs,
        refused,
        ..Answer::nothing()
    }
}

fn with_number(id: &str, number: usize) -> String {
    let digits = id.find(|c: char| c.is_ascii_digit());
    match digits {
        Some(at) => {
            let (before, rest) = id.split_at(at);
            let after = rest.trim_start_matches(|c: char| c.is_ascii_digit());
            format!("{before}{number}{after}")
        }
        None => format!("{id}{number}"),
    }
}

/// The request of another device.
fn with_id(body: &Value, from: &str, to: &str) -> Value {
    let mut body = body.clone();
    for place in [
        "/deviceRuntimeContext/registrationId",
        "/individualEnrollment/registrationId",
    ] {
        if let Some(id) = body.pointer_mut(place)
            && id == from
        {
            *id = to.into();
        }
    }
    body
}

/// What devices may send that the questions of a leaf read, values that make these true first.
fn combinations(leaf: &Leaf, sides: &[Side<'_>]) -> Vec<Sent> {
    let mut choices: BTreeMap<Vec<String>, Vec<Value>> = BTreeMap::new();
    let mut offer = |path: Vec<String>, values: Vec<Value>| {
        let known = choices.entry(path).or_default();
        for value in values {
            if !known.contains(&value) {
                known.push(value);
            }
        }
    };
    for assumed in leaf.assumed.values() {
        for side in sides {
            let text = side.expression(&assumed.asked);
            let mut values = literals(text);
            if let Some(tenant) = assumed.found.get("tenant") {
                values.insert(0, tenant.clone());
            }
            values.extend(
                values
                    .clone()
                    .into_iter()
                    .map(|value| Value::Array(vec![value])),
            );
            for root in ["payload", "cert"] {
                for path in paths(text, root) {
                    let path = [root.to_owned()].into_iter().chain(path).collect();
                    offer(path, values.clone());
                }
            }
        }
        if assumed.asked.starts_with("payload.") && assumed.found.get("near").is_some() {
            let path = assumed.asked.split('.').map(str::to_owned).collect();
            offer(path, places(sides));
        }
    }
    let mut all: Vec<Sent> = vec![Sent::new()];
    for (path, values) in choices {
        let mut more = Vec::new();
        for sent in &all {
            for value in &values {
                let mut sent = sent.clone();
                sent.insert(path.clone(), value.clone());
                more.push(sent);
            }
        }
        all.extend(more);
        all.truncate(MAX_SENT);
    }
    all
}

/// Locations that devices may report.
fn places(sides: &[Side<'_>]) -> Vec<Value> {
    let mut places: Vec<Value> = Vec::new();
    for side in sides {
        let named = side
            .rows
            .rows(TableName::Latency)
            .map(|row| row.partition());
        let regions = side.rows.rows(TableName::Hubs);
        let regions = regions.filter_map(|row| row.get(Column::Region));
        for place in named.chain(regions) {
            if !places.iter().any(|known| known == place) {
                places.push(place.into());
            }
        }
    }
    places
}

/// The request as the scenario of a device writes it.
fn body(class: &Class<'_>, sent: &Sent, sides: &[Side<'_>]) -> Option<Value> {
    let mut text = String::from("[[case]]\nname = \"x\"\nexpect = { reason = \"stay\" }\n");
    let mut add = |key: &str, value: String| {
        let _infallible = writeln!(text, "{key} = {value}");
    };
    add("id", quoted(&class.id));
    if class.enrollment.is_individual {
        add("individual", "true".to_owned());
    } else {
        add("enrollment", quoted(&class.enrollment.id));
    }
    let linked: Vec<String> = class.linked().into_iter().map(quoted).collect();
    add("linkedHubs", format!("[{}]", linked.join(", ")));
    if let Some(hub) = &class.current {
        add("currentHub", quoted(hub));
    }
    add("at", quoted(&class.at.to_string()));
    let (payload, certificate) = (tree(sent, "payload"), tree(sent, "cert"));
    if let Some(payload) = payload {
        add("payload", inline(&payload));
    }
    if class.attestation == AttestationKind::X509
        && let Some(certificate) = certificate
    {
        add("cert", inline(&certificate));
    } else {
        add("attestation", quoted(class.attestation.as_str()));
    }
    let side = sides.first()?;
    let no_file = |_: &str| Err(String::new());
    let suite = Subject::new(side.policy, side.tables).test("x", &text, &no_file);
    let request = suite.entries.into_iter().next()?.request?;
    serde_json::from_slice(&request).ok()
}

/// The values below a root as one object.
fn tree(sent: &Sent, root: &str) -> Option<Value> {
    let mut tree = Value::Object(serde_json::Map::new());
    let mut is_empty = true;
    for (path, value) in sent {
        let Some((first, rest)) = path.split_first() else {
            continue;
        };
        if first == root {
            let mut place = &mut tree;
            for name in rest {
                if !place.is_object() {
                    *place = Value::Object(serde_json::Map::new());
                }
                place = place.as_object_mut()?.entry(name).or_insert(Value::Null);
            }
            *place = value.clone();
            is_empty = false;
        }
    }
    (!is_empty).then_some(tree)
}

/// A JSON text is a basic string of TOML.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

fn inline(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let members = members.iter();
            let members: Vec<String> = members
                .map(|(name, value)| format!("{} = {}", quoted(name), inline(value)))
                .collect();
            format!("{{ {} }}", members.join(", "))
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(inline).collect();
            format!("[{}]", items.join(", "))
        }
        other => other.to_string(),
    }
}
