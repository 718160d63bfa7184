//! Placement x location x rollout x what fixes or frees a hub: which devices `withoutLocation` refuses.

use dps_allocation::Policy;
use serde_json::json;

use crate::fleet::{Device, policy, steps, verdicts};

const ROLLOUTS: [&str; 5] = [
    "",
    "*/go | new.net;far.net | 100% | running",
    "*/go | new.net | 100% | running",
    "*/go | weu.net;drain.net | 100% | aborted | true",
    "*/go | weu.net | 0% | running",
];

const RULES: [&str; 3] = ["", "*/1 | eus.net", "*/1 | - | one"];

/// None: a new device. `closed.net` is closed, `far.net` is in no pool of the tenant's.
const CURRENT: [Option<&str>; 6] = [
    None,
    Some("weu.net"),
    Some("drain.net"),
    Some("closed.net"),
    Some("far.net"),
    Some("gone.net"),
];

const LINKED: [&[&str]; 3] = [
    &[
        "weu.net",
        "eus.net",
        "new.net",
        "drain.net",
        "closed.net",
        "far.net",
    ],
    // One hub that accepts new devices is left.
    &["eus.net", "drain.net", "closed.net", "far.net"],
    &["drain.net", "closed.net"],
];

#[derive(Clone, Copy, Debug)]
struct Case {
    placement: &'static str,
    on_reprovision: &'static str,
    rollout: &'static str,
    rule: &'static str,
    linked: &'static [&'static str],
    current: Option<&'static str>,
    location: Option<&'static str>,
    /// The hub that the device's row names.
    row: bool,
}

impl Case {
    fn policy(&self, without_location: &str) -> Policy {
        policy(&format!(
            "hubs: region pools state weight
            weu.net | westeurope | std
            eus.net | eastus | std;one
            new.net | northeurope | std | - | 0
            drain.net | westus | std | draining
            closed.net | westus | std | closed
            far.net | westus | far
            enrollments: tenants deviceRows
            group | acme | optional
            tenants: placement withoutLocation onReprovision pools
            acme | {} | {without_location} | {} | std
            rules: hub pools
            {}
            devices: hub
            fixed | weu.net
            rollouts: to steps state return
            {}",
            self.placement, self.on_reprovision, self.rule, self.rollout
        ))
    }

    fn device(&self) -> Device {
        let device = Device::new(if self.row { "fixed" } else { "plain" }).linked(self.linked);
        let device = self
            .current
            .iter()
            .fold(device, |device, hub| device.on(hub));
        let location = self.location.map(|location| json!({"location": location}));
        let device = location.into_iter().fold(device, Device::payload);
        device.with_row()
    }
}

fn each(mut check: impl FnMut(Case)) {
    for placement in ["latency", "weighted", "static"] {
        for on_reprovision in ["stay", "replace"] {
            for rollout in ROLLOUTS {
                for rule in RULES {
                    for linked in LINKED {
                        for current in CURRENT {
                            for location in [None, Some("westeurope"), Some("atlantis")] {
                                for row in [false, true] {
                                    check(Case {
                                        placement,
                                        on_reprovision,
                                        rollout,
                                        rule,
                                        linked,
                                        current,
                                        location,
                                        row,
                                    });
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// With `weighted` a location is only a preference; `refuse` differs from it where `TABLES.md` says.
#[test]
fn refuse_refuses_only_new_devices_with_several_hubs() {
    let mut refused = 0;
    each(|case| {
        let weighted = case.device().decided(&case.policy("weighted"));
        let decided = case.device().decided(&case.policy("refuse"));
        let (hub, reason) = weighted.split_once(' ').unwrap_or(("", &weighted));
        let choice = case.linked.len() == 6 && case.rule.is_empty() && !case.row;
        let located = case.location == Some("westeurope");
        let by_location = case.placement == "latency" && reason == "weighted" && !located && choice;
        let expected = match case.current {
            None if by_location => {
                refused += 1;
                "claimMissing".to_owned()
            }
            // It is to be placed anew, and nothing says where: it stays.
            Some(current @ ("weu.net" | "drain.net")) if by_location => {
                assert_eq!(case.on_reprovision, "replace", "{case:?}");
                format!("{current} stay")
            }
            _ => weighted.clone(),
        };
        assert_eq!(decided, expected, "{case:?} {hub}");
    });
    assert!(refused > 0);
}

#[test]
fn a_decision_without_a_location_is_explained() {
    let case = Case {
        placement: "latency",
        on_reprovision: "stay",
        rollout: "",
        rule: "",
        linked: LINKED[0],
        current: None,
        location: None,
        row: false,
    };
    let check = |case: Case, outcome: &str, found: &str| {
        let policy = case.policy("refuse");
        let explanation = case.device().explained(&policy);
        let steps = steps(&explanation);
        let step = steps
            .iter()
            .find(|step| step.contains("a usable location"))
            .unwrap();
        let expected = format!(
            "latency: a usable location of the device -> none: {found} [tenants tenant/acme]"
        );
        assert_eq!(*step, expected);
        let verdicts = verdicts(&explanation);
        assert!(verdicts.contains(&outcome.to_owned()), "{verdicts:?}");
    };
    check(case, "weu.net notReached", "refused");
    let on = |current| Case {
        current: Some(current),
        ..case
    };
    check(
        on("closed.net"),
        "closed.net closed",
        "placed by weight, because its hub is no longer eligible",
    );
    let led = Case {
        rollout: ROLLOUTS[1],
        ..case
    };
    let found = "placed by weight among the hubs of its rollout";
    check(led, "new.net chosen", found);
    let back = Case {
        rollout: ROLLOUTS[3],
        ..on("weu.net")
    };
    check(back, "weu.net notInRollout", found);
    let again = Case {
        on_reprovision: "replace",
        ..on("drain.net")
    };
    check(again, "drain.net chosen", "the device keeps drain.net");
    let one = Case {
        linked: LINKED[1],
        ..case
    };
    check(one, "eus.net chosen", "placed by weight");
}
