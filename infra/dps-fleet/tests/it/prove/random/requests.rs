//! Random requests, and what a policy decides about them.

use std::fmt::Write as _;

use dps_allocation::tables::Tables;
use dps_allocation::{Decision, Policy, Registration, decide, instant};
use dps_fleet::scenario::Subject;
use jiff::Timestamp;

use super::dice::Dice;
use super::vocabulary::HOSTS;
use crate::prove::facts;

/// A request as the scenario of a device writes it, and what matters of it here.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) body: String,
    pub(super) id: String,
    pub(super) enrollment: String,
    pub(super) current: Option<String>,
    pub(super) at: Timestamp,
}

/// A random request.
pub(super) fn request(tables: &Tables, policy: &Policy, dice: &mut Dice) -> Option<Request> {
    let ids = [
        "dev-7", "dev-1", "sold-1", "a1", "z1", "q-2", "dev-x1", "x", "dev-z1", "t1-5", "dev-q",
        "abc",
    ];
    let mut id = dice.pick(&ids).to_owned();
    if dice.chance(40) {
        id = format!(
            "{}{}",
            dice.pick(&["d", "dev-", "a", "q", "t2-", "zz"]),
            dice.below(1000)
        );
    }
    let groups = ["e0", "e1", "e0", "e1", "dev-q", "zzz", "dev-7", "sold-1"];
    let is_individual = dice.chance(30);
    let enrollment = if is_individual {
        id.clone()
    } else {
        dice.pick(&groups).to_owned()
    };
    let current = match dice.below(6) {
        0 | 1 => None,
        2 => Some("hub-without-a-row.azure-devices.net".to_owned()),
        _ => Some(dice.pick(&HOSTS).to_owned()),
    };
    let times = [
        "2026-11-26",
        "2026-12-01",
        "2026-12-03",
        "2026-12-04",
        "2026-12-05",
        "2026-12-06",
        "2026-12-08",
        "2026-12-21",
        "2027-06-01",
    ];
    let at = instant(dice.pick(&times)).unwrap();
    let mut text = String::from("[[case]]\nname = \"x\"\nexpect = { reason = \"stay\" }\n");
    writeln!(text, "id = {id:?}").unwrap();
    if is_individual {
        text.push_str("individual = true\n");
    } else {
        writeln!(text, "enrollment = {enrollment:?}").unwrap();
    }
    let mut linked: Vec<&str> = HOSTS.to_vec();
    if let Some(current) = &current {
        if !linked.contains(&&**current) {
            linked.push(current);
        }
        writeln!(text, "currentHub = {current:?}").unwrap();
    }
    writeln!(text, "linkedHubs = {linked:?}").unwrap();
    writeln!(text, "at = \"{at}\"").unwrap();
    let mut payload = Vec::new();
    let members: [(&str, &[&str]); 7] = [
        ("x", &["1", "3", "0", "\"1\""]),
        ("y", &["\"a\"", "\"b\""]),
        (
            "t",
            &["\"t0\"", "\"t1\"", "\"t2\"", "\"T3 \"", "\"zz\"", "7"],
        ),
        ("u", &["\"t0\"", "\"t1\"", "\"t2\"", "\"t3\""]),
        (
            "h",
            &[
                "\"h0.azure-devices.net\"",
                "\"h2.azure-devices.net\"",
                "\"zz\"",
            ],
        ),
        ("g", &["\"g1\"", "\"g2\"", "5"]),
        ("region", &["\"westeurope\"", "\"eastus\"", "\"nowhere\""]),
    ];
    for (name, values) in members {
        if dice.chance(55) {
            payload.push(format!("{name} = {}", dice.pick(values)));
        }
    }
    if !payload.is_empty() {
        writeln!(text, "payload = {{ {} }}", payload.join(", ")).unwrap();
    }
    writeln!(
        text,
        "attestation = {:?}",
        dice.pick(&["tpm", "x509", "symmetricKey"])
    )
    .unwrap();
    let no_file = |_: &str| Err(String::new());
    let suite = Subject::new(policy, tables).test("x", &text, &no_file);
    let body = suite.entries.into_iter().next()?.request?;
    let body = String::from_utf8(body).unwrap();
    Some(Request {
        body,
        id,
        enrollment,
        current,
        at,
    })
}

/// What a policy decides.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Decided {
    pub(super) tenant: Option<String>,
    pub(super) hub: Result<String, &'static str>,
}

pub(super) fn decided(policy: &Policy, it: &Request) -> Decided {
    let registration = Registration::parse(it.body.as_bytes()).unwrap();
    let decision = decide(policy, &registration, &facts(policy, &registration, it.at));
    Decided {
        tenant: decision.tenant().map(str::to_owned),
        hub: match &decision {
            Decision::Assigned(it) => Ok(it.hub_name.clone().into_owned()),
            other => Err(other.reason()),
        },
    }
}
