//! What only the whole policy shows, such as tenants without a hub, and rows without effect.

mod destinations;
mod enrollments;
mod evacuations;
mod listed;
mod locations;
mod named;
mod placement;
mod profiles;
mod refusals;
mod reserved;
mod rollouts;
mod rules;
mod tenants;
mod unused;

use super::compile::Compiled;
use crate::finding::Finding;
use crate::schema::TableName;
use crate::tables::Canonical;

/// Checks the compiled policy.
///
/// Each check names the tables from which it concludes something about rows of another one, and
/// runs only if these have no error. What it finds about a row with an error is dropped.
pub(super) fn check(compiled: &Compiled<'_>, rows: &Canonical) -> Vec<Finding> {
    use TableName::{Devices, Enrollments, Hubs, Latency, Rollouts, Rules, Tenants};
    let (policy, faults) = (&compiled.policy, &compiled.faults);
    let mut findings = Vec::new();
    let mut run = |from: &[TableName], check: &dyn Fn(&mut Vec<Finding>)| {
        if from.iter().any(|table| faults.in_table(*table)) {
            return;
        }
        let mut found = Vec::new();
        check(&mut found);
        found.retain(|finding| !faults.are_about(finding));
        findings.append(&mut found);
    };
    run(&[Hubs, Rollouts], &|found| {
        tenants::check(policy, rows, found);
    });
    run(&[], &|found| tenants::replacing(policy, rows, found));
    run(&[Tenants, Rules], &|found| {
        rollouts::idle_gains(policy, found);
    });
    run(&[Hubs, Enrollments, Tenants], &|found| {
        profiles::check(policy, rows, found);
    });
    run(&[Hubs, Tenants], &|found| {
        enrollments::check(policy, rows, found);
    });
    run(&[Hubs, Tenants], &|found| reserved::check(policy, found));
    run(&[Hubs, Tenants], &|found| rollouts::check(policy, found));
    run(&[Hubs], &|found| evacuations::check(policy, found));
    run(&[Hubs, Rules], &|found| {
        placement::check(policy, rows, found);
    });
    run(&[], &|found| rules::check(policy, faults, found));
    run(&[Enrollments], &|found| refusals::check(policy, found));
    run(&[Hubs], &|found| named::hubs(policy, found));
    run(&[Tenants], &|found| named::tenants(policy, rows, found));
    run(&[], &|found| named::groups(policy, rows, found));
    run(&[Rules], &|found| rules::bypassing(policy, found));
    let name_twins = [Hubs, Enrollments, Tenants, Rules, Rollouts, Devices];
    run(&name_twins, &|found| {
        unused::twins(policy, rows, &compiled.named_twins, found);
    });
    run(&[Tenants, Rules], &|found| {
        unused::latency(policy, rows, found);
    });
    run(&[Latency], &|found| locations::check(policy, rows, found));
    run(&[Hubs, Enrollments, Tenants], &|found| {
        listed::check(policy, &compiled.compared, found);
    });
    run(&[Enrollments], &|found| unused::devices(policy, found));
    findings
}
