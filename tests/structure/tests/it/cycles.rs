//! No module depends on itself by way of others: facade -> parts -> vocabulary, and never back.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use crate::modules::{Graph, Module, graph};

fn check(root: &str) {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let graph = graph(&top.join(root));
    assert!(graph.len() > 1, "{root} has no modules");
    let cycles = report(&graph);
    assert!(cycles.is_empty(), "{root}\n{cycles}");
}

#[test]
fn engine() {
    check("shared/dps-allocation/src/lib.rs");
}

#[test]
fn store() {
    check("shared/dps-policy-store/src/lib.rs");
}

#[test]
fn telemetry() {
    check("shared/dps-telemetry/src/lib.rs");
}

#[test]
fn webhook() {
    check("functions/dps-webhook/src/lib.rs");
}

#[test]
fn fleet() {
    check("infra/dps-fleet/src/lib.rs");
}

#[test]
fn operators_tool() {
    check("infra/dps-policy/src/main.rs");
}

#[test]
fn local_dps() {
    check("tests/dps-local/src/lib.rs");
}

#[test]
fn a_part_that_names_its_facade_is_a_cycle() {
    let graph = [
        ("", vec!["facade"]),
        ("facade", vec!["facade::part", "facade::words"]),
        ("facade::part", vec!["facade::words", "facade"]),
        ("facade::words", vec![]),
    ];
    let module = |path: &str| -> Module {
        path.split("::")
            .filter(|n| !n.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let graph: Graph = graph
        .into_iter()
        .map(|(from, to)| (module(from), to.into_iter().map(module).collect()))
        .collect();
    let expected = "cycle:\n  facade -> facade::part\n  facade::part -> facade\n";
    assert_eq!(report(&graph), expected);
}

/// Each set of modules that reach each other, with what they name within the set.
fn report(graph: &Graph) -> String {
    let all_reached: Vec<(&Module, BTreeSet<&Module>)> = graph
        .keys()
        .map(|from| (from, reach(graph, from)))
        .collect();
    let reaches = |from: &Module, to: &Module| {
        all_reached
            .iter()
            .any(|(module, to_these)| *module == from && to_these.contains(to))
    };
    let mut text = String::new();
    let mut in_text: BTreeSet<&Module> = BTreeSet::new();
    for (first, to) in &all_reached {
        let cycle: BTreeSet<&Module> = to
            .iter()
            .copied()
            .filter(|other| reaches(other, first))
            .collect();
        if cycle.is_empty() || in_text.contains(first) {
            continue;
        }
        text += "cycle:\n";
        for from in &cycle {
            for to in graph[*from].iter().filter(|to| cycle.contains(to)) {
                writeln!(text, "  {} -> {}", name(from), name(to)).unwrap();
            }
        }
        in_text.extend(cycle);
    }
    text
}

/// What `from` names, directly or by way of others.
fn reach<'g>(graph: &'g Graph, from: &Module) -> BTreeSet<&'g Module> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&Module> = graph[from].iter().collect();
    while let Some(module) = open.pop() {
        if reached.insert(module) {
            open.extend(&graph[module]);
        }
    }
    reached
}

fn name(module: &Module) -> String {
    if module.is_empty() {
        "crate".to_owned()
    } else {
        module.join("::")
    }
}
