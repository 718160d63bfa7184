//! Registrations for the generated policies.

use dps_allocation::{
    Decision, DeviceFact, Explanation, Facts, Policy, Registration, RegistrationId, Version,
};
use dps_allocation::{decide, decide_with_evidence, explain, replay};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::generate::{DAYS, GROUPS, Row, device, host};
use crate::replay::withheld;

/// A registration as the test means it; the spelling comes when it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) id: String,
    pub(crate) tenant: &'static str,
    /// By number; a hub beyond those of the policy is unknown to it.
    pub(crate) linked: Vec<usize>,
    pub(crate) current: Option<usize>,
    pub(crate) k: Option<u8>,
    /// The hub that the payload names, by number as well.
    pub(crate) named: Option<usize>,
    pub(crate) group: Option<&'static str>,
    location: Option<&'static str>,
    resets: bool,
    /// Day and hour of December 2026.
    moment: (u32, u32),
    pub(crate) with_row: bool,
}

pub(crate) fn asked() -> impl Strategy<Value = Asked> {
    let id = prop_oneof![(0..6_usize).prop_map(device), "[a-z0-9:._]{0,20}[a-z0-9]"];
    (
        id,
        select(&super::generate::TENANTS[..]),
        prop::collection::btree_set(0..8_usize, 0..8),
        prop::option::of(0..8_usize),
        prop::option::of(0..3_u8),
        (
            prop::option::of(0..8_usize),
            prop::option::of(select(&GROUPS[..])),
        ),
        prop::option::of(select(
            &["berlin", "Boston", "52.4, 4.9", "atlantis", "eastus"][..],
        )),
        any::<bool>(),
        (1..=DAYS, 0..24_u32),
        any::<bool>(),
    )
        .prop_map(
            |(
                id,
                tenant,
                linked,
                current,
                k,
                (named, group),
                location,
                resets,
                moment,
                with_row,
            )| Asked {
                id,
                tenant,
                linked: linked.into_iter().collect(),
                current,
                k,
                named,
                group,
                location,
                resets,
                moment,
                with_row,
            },
        )
}

/// How names are written: as they are, in upper case, or mixed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Spelling {
    Lower,
    Upper,
    Mixed,
}

impl Spelling {
    pub(crate) fn of(self, name: &str) -> String {
        match self {
            Self::Lower => name.to_owned(),
            Self::Upper => name.to_ascii_uppercase(),
            Self::Mixed => {
                let mixed = |(at, c): (usize, char)| {
                    if at % 2 == 0 {
                        c.to_ascii_uppercase()
                    } else {
                        c
                    }
                };
                name.chars().enumerate().map(mixed).collect()
            }
        }
    }
}

impl Asked {
    pub(crate) fn body(&self, spelling: Spelling) -> String {
        let hub = |hub: usize| spelling.of(&host(hub));
        let mut payload = json!({});
        if let Some(k) = self.k {
            payload["k"] = json!(k);
        }
        if let Some(named) = self.named {
            payload["h"] = json!(hub(named));
        }
        if let Some(group) = self.group {
            payload["g"] = json!(spelling.of(group));
        }
        if let Some(location) = self.location {
            payload["location"] = json!(location);
        }
        let body: Value = json!({
            "enrollmentGroup": {
                "enrollmentGroupId": spelling.of(&format!("group-{}", self.tenant)),
                "reprovisionPolicy": {"updateHubAssignment": true, "migrateDeviceData": !self.resets},
            },
            "deviceRuntimeContext": {
                "registrationId": spelling.of(&self.id),
                "currentIotHubHostName": self.current.map(hub),
                "symmetricKey": {},
                "payload": payload,
            },
            "linkedHubs": self.linked.iter().copied().map(hub).collect::<Vec<_>>(),
        });
        body.to_string()
    }

    fn facts<'p>(&self, policy: &'p Policy) -> Facts<'p> {
        let (day, hour) = self.moment;
        let now = format!("2026-12-{day:02}T{hour:02}:00Z").parse().unwrap();
        let row = policy.device(&RegistrationId::parse(&self.id).unwrap());
        let device = match row {
            Some(row) if self.with_row => DeviceFact::Row(row),
            _ => DeviceFact::Missing,
        };
        Facts { now, device }
    }

    pub(crate) fn day(&self) -> u32 {
        self.moment.0
    }

    /// The device's row, if the decision sees it.
    pub(crate) fn row<'f>(&self, rows: &'f [Row]) -> Option<&'f Row> {
        let mut rows = rows.iter().enumerate().filter(|_| self.with_row);
        rows.find(|(number, _)| device(*number) == self.id)
            .map(|(_, row)| row)
    }

    pub(crate) fn decide<T>(
        &self,
        policy: &Policy,
        spelling: Spelling,
        show: impl FnOnce(Decision<'_>) -> T,
    ) -> T {
        let body = self.body(spelling);
        let registration = Registration::parse(body.as_bytes()).unwrap();
        show(decide(policy, &registration, &self.facts(policy)))
    }

    /// Decides, and again from what was kept.
    pub(crate) fn replay(&self, policy: &Policy, spelling: Spelling) -> Explanation {
        let body = self.body(spelling);
        let registration = Registration::parse(body.as_bytes()).unwrap();
        let facts = self.facts(policy);
        let (_, evidence) = decide_with_evidence(policy, &registration, &facts);
        let registration = withheld(&registration);
        replay(policy, &registration, &facts, Version::NEWEST, &evidence).unwrap()
    }

    pub(crate) fn explain(&self, policy: &Policy, spelling: Spelling) -> Explanation {
        let body = self.body(spelling);
        let registration = Registration::parse(body.as_bytes()).unwrap();
        explain(policy, &registration, &self.facts(policy))
    }

    /// Everything that the decision says.
    pub(crate) fn shown(&self, policy: &Policy) -> String {
        self.decide(policy, Spelling::Lower, |decision| format!("{decision:?}"))
    }
}
