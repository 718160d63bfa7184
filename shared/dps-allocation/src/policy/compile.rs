//! Compiles canonical rows table by table; each table refers only to those compiled before it.

mod context;
mod devices;
mod enrollments;
mod hubs;
mod latency;
mod references;
mod rollouts;
mod rules;
mod tenants;
mod twins;

use std::collections::HashSet;

use super::compared::Compared;
use super::faults::Faults;
use super::model::{Devices, Policy, Twin};
use crate::finding::Finding;
use crate::revision::Revision;
use crate::schema::PerTable;
use crate::tables::Canonical;
use context::Context;

pub(super) use devices::resolve as resolve_device;

/// A policy, which may be used only if none of the findings is an error.
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
    let mut context = Context::new(rows, findings, faults);
    tenants::names(&mut context);
    twins::compile(&mut context);
    hubs::compile(&mut context);
    let tenants = tenants::compile(&mut context);
    let enrollments = enrollments::compile(&mut context);
    let rules = rules::compile(&mut context);
    let rollouts = rollouts::compile(&mut context);
    let latency = latency::compile(&mut context);
    let mut compiled = Compiled {
        policy: Policy {
            revision: Revision::of(rows),
            rows: PerTable::new(|table| rows.len(table)),
            hubs: context.hubs,
            enrollments,
            tenants,
            rules,
            rollouts,
            latency,
            devices: Devices::default(),
            twins: context.twins,
        },
        findings: context.findings,
        faults: context.faults,
        named_twins: context.named_twins,
        compared: context.compared,
    };
    compiled.faults.count(&compiled.findings);
    compiled.policy.devices = devices::compile(
        &compiled.policy,
        rows,
        &compiled.faults,
        &mut compiled.named_twins,
        &mut compiled.findings,
    );
    compiled.faults.count(&compiled.findings);
    compiled
}
