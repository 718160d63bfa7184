//! Each enrollment has a request, which reaches its row.

use dps_allocation::{DeviceFact, Facts, Policy, Registration};
use dps_fleet::probe::probes;

use crate::policy::tables;

#[test]
fn each_enrollment_is_asked_about() {
    let tables = tables();
    let policy = Policy::read(&tables).policy.unwrap();
    let decided: Vec<(String, &str)> = probes(&tables)
        .into_iter()
        .map(|probe| {
            let registration = Registration::parse(&probe.body).unwrap();
            let facts = Facts {
                now: jiff::Timestamp::UNIX_EPOCH,
                device: DeviceFact::Missing,
            };
            let explanation = dps_allocation::explain(&policy, &registration, &facts);
            (probe.enrollment, explanation.reason)
        })
        .collect();
    let expected = [
        ("certs", "claimMissing"),
        ("factory", "weighted"),
        ("sold", "unknownDevice"),
        ("unsure", "weighted"),
    ];
    let decided: Vec<(&str, &str)> = decided.iter().map(|(row, why)| (&**row, *why)).collect();
    assert_eq!(decided, expected);
}
