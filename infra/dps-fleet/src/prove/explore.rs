//! All answers to what decisions ask of payload, certificate and group.

use std::collections::BTreeMap;

use dps_allocation::{
    DecisionRecord, DeviceFact, DeviceRows, Evidence, Facts, Known, Registration, foresee,
};
use serde_json::{Value, json};

use super::answer::Answer;
use super::bounds::MAX_LEAVES;
use super::side::Side;
use super::space::Class;

/// One way to answer all questions, and what each side decides then.
#[derive(Clone, Debug)]
pub(super) struct Leaf {
    pub(super) answers: Vec<Answer>,
    /// By the expression, or by the question if it has none.
    pub(super) assumed: BTreeMap<String, Assumed>,
}

impl Leaf {
    /// What was asked, and what is assumed of it.
    pub(super) fn questions(&self) -> Vec<String> {
        let assumed = self.assumed.values();
        assumed
            .map(|it| format!("{} {}", it.asked, it.found))
            .collect()
    }
}

/// What is assumed of one question.
#[derive(Clone, Debug)]
pub(super) struct Assumed {
    /// As decisions ask.
    pub(super) asked: String,
    pub(super) found: Value,
}

/// The leaves of a class.
#[derive(Debug, Default)]
pub(super) struct Leaves {
    pub(super) all: Vec<Leaf>,
    /// What is asked if there are more than [`MAX_LEAVES`], so that `all` lacks some.
    pub(super) cut: Option<Vec<String>>,
}

/// Every leaf of a class, or as many as are decided; `None` if no device can register so.
pub(super) fn leaves(class: &Class<'_>, sides: &[Side<'_>]) -> Option<Leaves> {
    let record = class.record()?;
    let registration = record.registration().ok()?;
    let mut leaves = Leaves::default();
    let mut open: Vec<BTreeMap<String, Assumed>> = vec![BTreeMap::new()];
    while let Some(assumed) = open.pop() {
        if leaves.all.len() + open.len() >= MAX_LEAVES {
            let asked = assumed.into_values().map(|it| it.asked);
            leaves.cut = Some(asked.collect());
            break;
        }
        match answers(class, sides, &record, &registration, &assumed) {
            Ok(answers) => leaves.all.push(Leaf { answers, assumed }),
            Err(Some((key, asked))) => {
                for found in options(&asked, class) {
                    let asked = asked.clone();
                    let mut more = assumed.clone();
                    more.insert(key.clone(), Assumed { asked, found });
                    open.push(more);
                }
            }
            // The answers exclude each other.
            Err(None) => {}
        }
    }
    Some(leaves)
}

/// What each side decides, or the first question without an answer; `None` if an answer does not
/// fit.
fn answers(
    class: &Class<'_>,
    sides: &[Side<'_>],
    record: &DecisionRecord<'_>,
    registration: &Registration<'_>,
    assumed: &BTreeMap<String, Assumed>,
) -> Result<Vec<Answer>, Option<(String, String)>> {
    let mut all = Vec::new();
    for side in sides {
        let facts = Facts {
            now: class.at,
            device: device(side, registration),
        };
        let version = record.version().map_err(|_newer| None)?;
        let mut given: Vec<Value> = Vec::new();
        let mut last = String::new();
        loop {
            let evidence: Evidence =
                serde_json::from_value(given.clone().into()).map_err(|_malformed| None)?;
            let known = Known::Recorded(version, &evidence);
            match foresee(side.policy, registration, &facts, known) {
                Ok(foreseen) => {
                    let decision = &foreseen.decision;
                    all.push(Answer::of(
                        decision,
                        side,
                        registration,
                        &facts,
                        version,
                        &evidence,
                    ));
                    break;
                }
                Err(missing) => {
                    let asked = missing.asked().to_owned();
                    let key = side.expression(&asked).to_owned();
                    let Some(assumed) = assumed.get(&key) else {
                        return Err(Some((key, asked)));
                    };
                    if asked == last {
                        return Err(None);
                    }
                    given.push(json!({"asked": asked, "found": assumed.found}));
                    last = asked;
                }
            }
        }
    }
    Ok(all)
}

/// The row of the device in the tables, if its enrollment asks for it.
pub(super) fn device<'a>(side: &'a Side<'_>, registration: &Registration<'_>) -> DeviceFact<'a> {
    if side.policy.device_rows(registration) == DeviceRows::Off {
        return DeviceFact::NotRead;
    }
    let row = side.policy.device(&registration.id);
    row.map_or(DeviceFact::Missing, DeviceFact::Row)
}

/// Every answer that a question can have.
fn options(asked: &str, class: &Class<'_>) -> Vec<Value> {
    let named = |what: &str, names: &[String]| -> Vec<Value> {
        names.iter().map(|name| json!({what: name})).collect()
    };
    let hosts = &class.space.hosts;
    let column = asked.rsplit(' ').next().unwrap_or_default();
    match column {
        "when" | "unless" => vec![json!({"condition": true}), json!({"condition": false})],
        "share" => vec![json!({"inShare": true}), json!({"inShare": false})],
        "groupFrom" => vec![json!({"group": true}), json!({"group": false})],
        "tenantFrom" => {
            let mut all = named("tenant", &class.space.tenants);
            all.extend([json!("otherTenant"), json!("noTenant")]);
            all
        }
        "hubFrom" => {
            let mut all = named("hub", hosts);
            all.extend([json!("otherHub"), json!("noHub")]);
            all
        }
        _ if asked.starts_with("the weighted hash") => named("drawn", hosts),
        _ => vec![json!("noPlace"), json!({"near": hosts})],
    }
}
