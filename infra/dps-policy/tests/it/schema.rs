//! `schema`: which commands have one.

use crate::program::{Folder, run};

#[test]
fn every_command_with_json_has_a_schema() {
    let listed = run(&["schema"]).answer(0);
    let listed: Vec<&str> = listed.lines().collect();
    assert!(listed.is_sorted());
    let commands = |help: &str| -> Vec<String> {
        let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
        let lines = lines.take_while(|line| !line.is_empty());
        let lines = lines.filter(|line| !line.starts_with("   "));
        lines
            .filter_map(|line| Some(line.split_whitespace().next()?.to_owned()))
            .filter(|command| command != "help")
            .collect()
    };
    let mut with_json = Vec::new();
    for command in commands(&run(&["--help"]).answer(0)) {
        let help = run(&[&command, "--help"]).answer(0);
        if ["rollout", "shadow"].contains(&&*command) {
            for part in commands(&help) {
                let help = run(&[&command, &part, "--help"]).answer(0);
                let name = format!("{command}-{part}");
                with_json.extend(help.contains("json").then_some(name));
            }
        } else {
            let has_json = help.contains("--json") || help.contains("json, ");
            with_json.extend(has_json.then_some(command));
        }
    }
    with_json.retain(|command| command != "schema");
    with_json.sort();
    assert_eq!(with_json, listed, "add the others to src/schema.rs");
    for command in listed {
        let schema = run(&["schema", command]).answer(0);
        let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
        assert_eq!(
            schema["$schema"],
            "https://json-schema.org/draft/2020-12/schema"
        );
    }
    let unknown = run(&["schema", "previw"]).stderr;
    assert!(unknown.contains("preview"), "{unknown}");
}

#[test]
fn a_command_is_named_as_it_is_typed() {
    let prints = |words: &[&str], command: &str| {
        let typed = run(&[&["schema"], words].concat()).answer(0);
        assert_eq!(typed, run(&["schema", command]).answer(0), "{words:?}");
    };
    prints(&["shadow", "status"], "shadow-status");
    prints(&["Prove"], "prove");
    let none = run(&["schema", "shadow", "list"]).message();
    assert!(none.contains("`shadow list` has no --json"), "{none}");
}

/// Documents that no other test reads; `tests/schema` validates all that were read.
#[test]
fn documents_of_the_other_commands_are_kept() {
    run(&["prove", "--json", "constraints", "infra/policy"]).document(0);
    let refuted = ["no-new-devices", "contoso-weu-1", "infra/policy"];
    run(&[&["prove", "--json"], &refuted[..]].concat()).document(1);
    let show = [
        "rollout",
        "show",
        "2026-q4-spread",
        "--policy",
        "infra/policy",
    ];
    run(&[&show[..], &["--json"]].concat()).document(0);
    // Nobody listens there.
    run(&["doctor", "http://127.0.0.1:9", "infra/policy", "--json"]).document(1);
    let folder = Folder::starter();
    let options = ["--policy", folder.path(), "--yes", "--json"];
    for words in [
        &["set", "hubs", "contoso-weu-1", "weight=5"][..],
        &["move", "pump-1", "contoso-eus-1"],
        &["rollout", "pause", "2026-q4-spread"],
    ] {
        run(&[words, &options].concat()).document(0);
    }
}
