//! A prediction next to what the decision log says.

use std::fs;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use super::{EUS, Planned, WEU};
use crate::cloud::Cloud;
use crate::program::{revision, run};

/// Prediction and log of a folder that nobody pushes.
#[test]
fn a_log_that_shows_what_was_predicted_is_a_success() {
    let planned = Planned::by(run, "infra/policy");
    let hubs = planned.hubs();
    assert_eq!(hubs.len(), 10);
    let lines: Vec<String> = hubs
        .iter()
        .take(6)
        .map(|(id, to)| planned.line(id, WEU, to))
        .collect();
    let log = planned.log("webhook.log", &[&lines[..], &lines[..3]].concat());
    let arguments = ["history", "--plan", &planned.plan, "--log", &log];
    let shown = run(&arguments).answer(0);
    let first = "moved as predicted 6 of 10, otherwise 0; refused as predicted 0 of 0, otherwise 0; \
                 registered 6 of 10, at least 4 have not\n";
    assert!(shown.starts_with(first), "{shown}");
    assert!(shown.contains("9 decisions by the revision"), "{shown}");
    assert!(shown.contains("Counts cannot tell"), "{shown}");
    let found = run(&[&arguments[..], &["--json"]].concat()).json(0);
    assert_eq!(found["outcome"]["moved"]["seen"], 6);
    let load = found["outcome"]["load"].as_array().unwrap();
    let weu = load.iter().find(|it| it["hub"] == WEU).unwrap();
    let expected = json!({"hub": WEU, "then": 10, "predicted": 0, "seen": 4});
    assert_eq!(*weu, expected);
    assert_eq!(found["predicted"]["summary"]["moved"], 10);

    // Packed, in two files, from a pipe.
    let packed = format!("{}/more.log.gz", planned.draft.path());
    let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
    let last = hubs
        .iter()
        .skip(5)
        .map(|(id, to)| planned.line(id, WEU, to));
    gz.write_all(last.collect::<String>().as_bytes()).unwrap();
    fs::write(&packed, gz.finish().unwrap()).unwrap();
    let shown = run(&[&arguments[..], &[&packed]].concat()).answer(0);
    assert!(
        shown.starts_with("moved as predicted 10 of 10, "),
        "{shown}"
    );
}

#[test]
fn a_log_that_shows_something_else_is_a_finding() {
    let planned = Planned::by(run, "infra/policy");
    let heard = format!("\"payload\":\"withheld\",{}", "\"outcome\"");
    let lines = [
        planned.line("dev-0", WEU, "contoso-toasters-hub-1098.azure-devices.net"),
        planned.line("dev-1", WEU, "!claimRefused"),
        planned
            .line("dev-2", WEU, WEU)
            .replace("\"outcome\"", &heard),
        planned
            .line("dev-3", EUS, WEU)
            .replace(&revision(planned.draft.path()), "71bc68eb7d66"),
    ];
    let log = planned.log("webhook.log", &lines);
    let shown = run(&["history", "--plan", &planned.plan, "--log", &log]).answer(1);
    let first =
        "moved as predicted 0 of 10, otherwise 1; refused as predicted 0 of 0, otherwise 1; ";
    assert!(shown.starts_with(first), "{shown}");
    for text in [
        "1 device is where it was; 1 decision by another revision or before",
        "not so no device sends a payload, by 1 decision",
        "refused: claimRefused",
    ] {
        assert!(shown.contains(text), "{text}: {shown}");
    }
    let none = planned.log("none.log", &lines[3..]);
    let nothing = run(&["history", "--plan", &planned.plan, "--log", &none]);
    assert!(nothing.refusal(2).contains("no decision by revision"));
    let cut = planned.log("cut.log", &[lines[0][..200].to_owned()]);
    let shown = run(&["history", "--plan", &planned.plan, "--log", &log, &cut]).answer(1);
    assert!(
        shown.contains("line 1: the line of a decision is cut"),
        "{shown}"
    );
}

#[test]
fn the_last_push_with_a_plan_is_compared() {
    let cloud = Cloud::starter();
    let planned = Planned::by(|words| cloud.run(words), "tables");
    planned.push(&cloud, &[]).answer(0);
    let (id, to) = planned.hubs().remove(0);
    let log = planned.log("webhook.log", &[planned.line(&id, WEU, &to)]);
    // Nobody has pushed the revision again so far.
    let shown = cloud.run(&["history", "--log", &log]).answer(0);
    assert!(shown.starts_with("moved as predicted 1 of 10, "), "{shown}");
    let early = planned.line(&id, WEU, EUS).replace("2099", "2019");
    let log = planned.log("early.log", &[early]);
    let shown = cloud.run(&["history", "--log", &log]);
    assert!(shown.refusal(2).contains("since the preview"));
}
