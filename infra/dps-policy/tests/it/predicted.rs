//! What was predicted of a push: kept with its revision, shown, and held against a log.

use std::fs;
use std::process::Stdio;

use azurite::Fault;
use dps_allocation::tables::TableName;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::cloud::Cloud;
use crate::program::{Folder, Run, program, revision, run, short};

const WEU: &str = "contoso-weu-1.azure-devices.net";
const EUS: &str = "contoso-eus-1.azure-devices.net";

/// The starter tables, and a draft that closes a hub with ten devices.
struct Planned {
    draft: Folder,
    fleet: String,
    plan: String,
}

impl Planned {
    /// Previewed by this program, from these tables.
    fn by(run: impl Fn(&[&str]) -> Run, from: &str) -> Self {
        let draft = Folder::starter().edit("hubs.csv", ",factory,2,,open,", ",factory,2,,closed,");
        let head = "registrationId,enrollment,currentHub,attestation\n".to_owned();
        let rows = (0..10).map(|number| format!("dev-{number},tpm-gw-1,{WEU},tpm\n"));
        let draft = draft.write("fleet.list", &rows.fold(head, |fleet, row| fleet + &row));
        let path = |name: &str| format!("{}/{name}", draft.path());
        let (fleet, plan) = (path("fleet.list"), path("plan.json"));
        let arguments = ["preview", from, draft.path(), "--fleet", &fleet];
        let more = ["--out", &plan, "--without", "payload", "--at", "2026-11-01"];
        run(&[&arguments[..], &more].concat()).answer(0);
        Self { draft, fleet, plan }
    }

    /// Where each of the devices goes.
    fn hubs(&self) -> Vec<(String, String)> {
        let list = format!("{}/moved.list", self.draft.path());
        let arguments = ["preview", "infra/policy", self.draft.path(), "--fleet"];
        let more = [&*self.fleet, "--list", &list, "--without", "payload"];
        run(&[&arguments[..], &more].concat()).answer(0);
        let text = fs::read_to_string(list).unwrap();
        let rows = text.lines().skip(1).map(|row| {
            let cells: Vec<&str> = row.split(',').collect();
            (cells[0].to_owned(), cells[4].to_owned())
        });
        rows.collect()
    }

    fn push(&self, cloud: &Cloud, options: &[&str]) -> Run {
        let arguments = ["push", "--yes", "--plan", &self.plan, self.draft.path()];
        cloud.run(&[&arguments[..], options].concat())
    }

    /// The line of a decision by the draft, a year from now: after every preview of this test.
    fn line(&self, id: &str, from: &str, to: &str) -> String {
        let revision = revision(self.draft.path());
        let answer = match to.strip_prefix('!') {
            Some(reason) => format!("\"outcome\":\"refused\",\"reason\":\"{reason}\""),
            None => format!("\"hub\":\"{to}\",\"outcome\":\"assigned\",\"reason\":\"latency\""),
        };
        format!(
            "{{\"log\":\"decision\",\"version\":2,\"time\":\"2099-11-01T10:00:00Z\",\
             \"revision\":\"{revision}\",\"registrationId\":\"{id}\",\"tenant\":\"tenant-a\",\
             \"currentHub\":\"{from}\",{answer}}}\n"
        )
    }

    fn log(&self, name: &str, lines: &[String]) -> String {
        let path = format!("{}/{name}", self.draft.path());
        fs::write(&path, lines.concat()).unwrap();
        path
    }
}

#[test]
fn the_history_shows_what_was_predicted_of_each_push() {
    let cloud = Cloud::starter();
    let planned = Planned::by(|words| cloud.run(words), "tables");
    let draft = revision(planned.draft.path());
    planned.push(&cloud, &["--reason", "close it"]).answer(0);
    let shown = cloud.run(&["history"]).answer(0);
    let lines: Vec<&str> = shown.lines().collect();
    let predicted = "predicted: moved 10 of 10, refused 0, newly accepted 0, undecidable 0, across \
                     residency 0; fleet fleet.list";
    assert_eq!(lines[2].trim(), predicted);
    assert!(lines[0].starts_with(&format!("* {}", short(&draft))));
    // The push before it had no plan.
    assert_eq!(shown.matches("predicted:").count(), 1, "{shown}");
    let document = cloud.run(&["history", "--json"]).json(0);
    let [new, old] = &document["revisions"].as_array().unwrap()[..] else {
        panic!("{document}")
    };
    assert_eq!(new["predicted"]["summary"]["moved"], 10);
    assert_eq!(new["predicted"]["fleet"], "fleet.list");
    assert_eq!(old.get("predicted"), None);

    let plan: Value = serde_json::from_slice(&fs::read(&planned.plan).unwrap()).unwrap();
    let one = cloud.run(&["history", "--json", short(&draft)]).json(0);
    assert_eq!(one, json!({ "predicted": plan }));
    let one = cloud.run(&["history", short(&draft)]).answer(0);
    assert!(one.starts_with("moved 10 of 10, "), "{one}");
    assert!(one.contains("assumed by --without payload\n"), "{one}");
    assert!(
        one.contains("\ncontoso-weu-1  contoso-eus-1  tenant-a  "),
        "{one}"
    );

    // After a rollback and a push without a plan, the plan is still that of its own push.
    cloud.run(&["rollback", "--yes", "--previous"]).answer(0);
    cloud
        .run(&["push", "--yes", planned.draft.path()])
        .answer(0);
    let shown = cloud.run(&["history"]).answer(0);
    assert_eq!(shown.matches("predicted:").count(), 1, "{shown}");
    assert_eq!(shown.lines().nth(6).unwrap().trim(), predicted, "{shown}");
}

#[test]
fn a_revision_without_a_prediction_says_so() {
    let cloud = Cloud::starter();
    let now = cloud.revision();
    let message = cloud.run(&["history", short(&now)]).message();
    assert!(message.contains("was not pushed with a plan"), "{message}");
    let message = cloud.run(&["history", "--log", "README.md"]).message();
    assert!(
        message.starts_with("no stored revision was pushed with a plan"),
        "{message}"
    );
    let message = cloud.run(&["history", "0123456"]).message();
    assert!(message.contains("`0123456` is not stored"), "{message}");
    let wrong = cloud.run(&["history", "latest"]);
    assert!(
        wrong.stderr.contains("is not a revision"),
        "{}",
        wrong.stderr
    );
}

/// A revision that was pushed with a plan by a version that keeps something else.
#[test]
fn what_cannot_be_read_is_said() {
    let cloud = Cloud::starter();
    let now = cloud.revision();
    let key = "0".repeat(64);
    let cells = [("revision", &*now), ("author", "x"), ("report", &*key)];
    cloud.insert_into_revisions("pushed/x", &cells);
    let shown = cloud.run(&["history"]).answer(0);
    assert!(
        shown.contains("predicted: cannot be read: what was predicted"),
        "{shown}"
    );
    let message = cloud.run(&["history", short(&now)]).message();
    assert!(
        message.contains("is not stored as it was written"),
        "{message}"
    );
}

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
    std::io::Write::write_all(&mut gz, last.collect::<String>().as_bytes()).unwrap();
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
    for told in [
        "1 devices are where they were; 1 decisions by other revisions",
        "not so no device sends a payload, by 1 decisions",
        "refused: claimRefused",
    ] {
        assert!(shown.contains(told), "{told}: {shown}");
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

/// The plan is in the store before the marker, so whoever goes on keeps it.
#[test]
fn a_push_that_was_interrupted_keeps_its_prediction() {
    let cloud = Cloud::starter();
    let planned = Planned::by(|words| cloud.run(words), "tables");
    cloud.writes_meet(Fault::Hold);
    let arguments = [
        "push",
        "--yes",
        "--plan",
        &planned.plan,
        "--reason",
        "close it",
    ];
    let mut push = cloud.program(&[&arguments[..], &[planned.draft.path()]].concat());
    let mut push = push
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let closed = |it: &Cloud| it.cell(TableName::Hubs, &format!("hub/{WEU}"), "state") == "closed";
    cloud.hold_writes_until("the first write", closed);
    push.kill().unwrap();
    push.wait().unwrap();
    cloud.proxy.set(Fault::None);
    let resumed = cloud.run(&["push", "--yes", "--resume", planned.draft.path()]);
    resumed.answer(0);
    let shown = cloud.run(&["history"]).answer(0);
    assert!(shown.contains(": close it\n"), "{shown}");
    assert!(shown.contains("predicted: moved 10 of 10, "), "{shown}");
}

/// The fleet again names who went, who did not, and who is to go.
#[test]
fn a_fleet_that_is_given_again_names_its_devices() {
    let cloud = Cloud::starter();
    let planned = Planned::by(|words| cloud.run(words), "tables");
    planned.push(&cloud, &[]).answer(0);
    let mut lines: Vec<String> = planned
        .hubs()
        .iter()
        .take(6)
        .map(|(id, to)| planned.line(id, WEU, to))
        .collect();
    let toasters = "contoso-toasters-hub-1098.azure-devices.net";
    // As many as predicted went there, but one of them is another device.
    lines[0] = lines[0].replace("dev-0", "stranger");
    lines.push(planned.line("dev-7", WEU, toasters));
    let log = planned.log("webhook.log", &lines);
    let list = format!("{}/devices.list", planned.draft.path());
    let arguments = ["history", "--log", &log, "--fleet", &planned.fleet];
    let shown = cloud.run(&[&arguments[..], &["--list", &list]].concat());
    let shown = shown.answer(1);
    assert!(
        shown.starts_with("moved as predicted 6 of 10, otherwise 1; "),
        "{shown}"
    );
    assert!(!shown.contains("Counts cannot tell"), "{shown}");
    for row in [
        "went or were refused as predicted   5        dev-1, dev-2, dev-3",
        "got something else                  1        dev-7",
        "are to go, and have not registered  4        dev-0, dev-6, dev-8",
        "registered, and not of the fleet    1",
    ] {
        assert!(shown.contains(row), "{row}: {shown}");
    }
    let listed = fs::read_to_string(&list).unwrap();
    let rows: Vec<&str> = listed.lines().collect();
    assert_eq!(rows[0], "registrationId,outcome,tenant,from,predicted,seen");
    assert_eq!(rows.len(), 11, "{listed}");
    assert!(
        rows[1].starts_with(&format!("dev-0,notRegistered,tenant-a,{WEU},")),
        "{listed}"
    );
    assert!(
        rows[8].starts_with("dev-7,otherwise,") && rows[8].ends_with(toasters),
        "{listed}"
    );

    let json = cloud.run(&[&arguments[..], &["--json"]].concat()).json(1);
    assert_eq!(json["named"]["gone"]["devices"], 5);
    assert_eq!(json["named"]["others"], 1);
    // Another fleet is named too, with a warning.
    let text = fs::read_to_string(&planned.fleet).unwrap();
    fs::write(&planned.fleet, text.replace("dev-9", "dev-10")).unwrap();
    let note = cloud.run(&arguments).refusal(1);
    assert!(
        note.contains("the fleet is not the one that was previewed"),
        "{note}"
    );
}

#[test]
fn devices_of_a_plan_that_nobody_pushed_are_named_by_its_folders() {
    let planned = Planned::by(run, "infra/policy");
    let (id, to) = planned.hubs().remove(3);
    let log = planned.log("webhook.log", &[planned.line(&id, WEU, &to)]);
    let (plan, fleet) = (planned.plan.clone(), planned.fleet.clone());
    let arguments = ["history", "--plan", &plan, "--log", &log, "--fleet", &fleet];
    let list = run(&[&arguments[..], &["--list", "-"]].concat()).answer(0);
    let row = format!("\n{id},asPredicted,tenant-a,{WEU},{to},{to}\n");
    assert!(list.contains(&row), "{list}");
    assert_eq!(list.lines().count(), 11, "{list}");
    let other = run(&["history", "--fleet", &fleet]);
    assert!(other.stderr.contains("--log <FILE>"), "{}", other.stderr);
    let _edited = planned
        .draft
        .edit("hubs.csv", ",factory,2,,closed,", ",factory,3,,closed,");
    let message = run(&arguments).message();
    assert!(message.contains("and the plan was made of"), "{message}");
}

/// Where the webhook hides ids, its key finds them.
#[test]
fn devices_in_a_log_with_hashes_are_found_by_the_key() {
    let planned = Planned::by(run, "infra/policy");
    let key = "a key of the webhook, at least 32 characters";
    let hide = |id: &str| dps_allocation::IdKey::parse(key).unwrap().hide(id);
    let lines: Vec<String> = planned
        .hubs()
        .iter()
        .map(|(id, to)| planned.line(&hide(id), WEU, to))
        .map(|line| line.replace("\"version\":2,", "\"version\":2,\"idsHashed\":true,"))
        .collect();
    let log = planned.log("webhook.log", &lines);
    let arguments = ["history", "--plan", &planned.plan, "--log", &log];
    let shown = run(&arguments).answer(0);
    assert!(
        shown.starts_with("moved as predicted 10 of 10, "),
        "{shown}"
    );
    let named = [&arguments[..], &["--fleet", &planned.fleet]].concat();
    let message = run(&named).message();
    assert!(message.contains("set LOG_ID_KEY to the key"), "{message}");
    let mut program = program(&named);
    let shown: Run = program.env("LOG_ID_KEY", key).output().unwrap().into();
    let shown = shown.answer(0);
    assert!(
        shown.contains("went or were refused as predicted  10 "),
        "{shown}"
    );
}
