//! Compiles canonical rows table by table; each table refers only to those compiled before it.

mod compiler;
mod devices;
mod enrollments;
mod hubs;
mod latency;
mod references;
mod rollouts;
mod rules;
mod tenants;
mod twins;
mod windows;

use std::collections::HashSet;

use super::compared::Compared;
use super::faults::Faults;
use super::model::{Devices, Policy, Twin};
use crate::finding::Finding;
use crate::revision::Revision;
use crate::schema::PerTable;
use crate::tables::Canonical;
use compiler::Compiler;

pub(super) use devices::resolve as resolve_device;

/// A policy, which may be used only if no finding is an error.
pub(super) struct Compiled<'c> {
    pub(super) policy: Policy,
    pub(super) findings: Vec<Finding>,
    pub(super) faults: Faults,
    /// The twins that some row names.
    pub(super) named_twins: HashSet<Twin>,
    /// What expressions compare with names that tables list.
    pub(super) compared: Vec<Compared<'c>>,
}

/// Compiles the tables.
pub(super) fn compile(rows: &Canonical, findings: Vec<Finding>, faults: Faults) -> Compiled<'_> {
    let mut compiler = Compiler::new(rows, findings, faults);
    tenants::names(&mut compiler);
    twins::compile(&mut compiler);
    hubs::compile(&mut compiler);
    let tenants = tenants::compile(&mut compiler);
    let enrollments = enrollments::compile(&mut compiler);
    let rules = rules::compile(&mut compiler);
    let rollouts = rollouts::compile(&mut compiler);
    let latency = latency::compile(&mut compiler);
    let mut result = Compiled {
        policy: Policy {
            revision: Revision::of(rows),
            rows: PerTable::new(|table| rows.len(table)),
            hubs: compiler.hubs,
            enrollments,
            tenants,
            rules,
            rollouts,
            latency,
            devices: Devices::default(),
            twins: compiler.twins,
        },
        findings: compiler.findings,
        faults: compiler.faults,
        named_twins: compiler.named_twins,
        compared: compiler.compared,
    };
    result.faults.count(&result.findings);
    result.policy.devices = devices::compile(
        &result.policy,
        rows,
        &result.faults,
        &mut result.named_twins,
        &mut result.findings,
    );
    result.faults.count(&result.findings);
    result
}
