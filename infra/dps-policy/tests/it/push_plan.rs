//! `push --plan`: only what was previewed is written.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;

use azurite::Fault;
use dps_allocation::tables::TableName;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::cloud::Cloud;
use crate::program::{Folder, Run, revision, short};

const WEU: &str = "hub/contoso-weu-1.azure-devices.net";

/// The starter tables in the cloud, a draft that closes a hub, a fleet of a hundred devices on it,
/// and a plan.
struct Planned {
    cloud: Cloud,
    draft: Folder,
}

impl Planned {
    fn new() -> Self {
        let planned = Self::of(
            Folder::starter().edit("hubs.csv", ",factory,2,,open,", ",factory,2,,closed,"),
            &["--without", "payload"],
        );
        assert_eq!(planned.plan()["summary"]["moved"], 100);
        planned
    }

    /// A preview with these options.
    fn of(draft: Folder, options: &[&str]) -> Self {
        let head = "registrationId,enrollment,currentHub,attestation\n".to_owned();
        let rows = (0..100)
            .map(|number| format!("gw-{number},tpm-gw-1,contoso-weu-1.azure-devices.net,tpm\n"));
        let fleet = rows.fold(head, |fleet, row| fleet + &row);
        let planned = Self {
            cloud: Cloud::starter(),
            draft: draft.write("fleet.list", &fleet),
        };
        let (fleet, plan) = (planned.path("fleet.list"), planned.path("plan.json"));
        let mut arguments = vec!["preview", "tables", planned.draft.path(), "--out", &plan];
        arguments.extend(["--at", "2026-11-01"]);
        if !options.contains(&"--synthetic") {
            arguments.extend(["--fleet", &fleet]);
        }
        arguments.extend(options);
        let ran = planned.cloud.run(&arguments);
        assert_eq!(ran.stderr, "", "{}", ran.stdout);
        planned
    }

    fn path(&self, name: &str) -> String {
        format!("{}/{name}", self.draft.path())
    }

    fn plan(&self) -> Value {
        let text = fs::read(self.path("plan.json")).unwrap();
        serde_json::from_slice(&text).unwrap()
    }

    fn push(&self, options: &[&str]) -> Run {
        let plan = self.path("plan.json");
        let mut arguments = vec!["push", "--yes", "--plan", &plan, self.draft.path()];
        arguments.extend(options);
        self.cloud.run(&arguments)
    }

    /// A push is refused, says these words, and writes nothing.
    #[track_caller]
    fn check(&self, options: &[&str], expected: &[&str]) {
        let before = self.cloud.rows(TableName::Hubs);
        let refused = self.push(options);
        assert_eq!(refused.stdout, "");
        let message = refused.refusal(1);
        for words in expected {
            assert!(message.contains(words), "{words}: {message}");
        }
        assert!(message.ends_with("; nothing was written"), "{message}");
        assert_eq!(self.cloud.rows(TableName::Hubs), before);
    }
}

#[test]
fn what_was_previewed_is_pushed() {
    let planned = Planned::new();
    let file = fs::metadata(planned.path("plan.json")).unwrap();
    assert_eq!(file.permissions().mode() & 0o777, 0o600);
    let plan = planned.plan();
    let base = revision("infra/policy");
    let draft = revision(planned.draft.path());
    assert_eq!(plan["from"]["revision"], *base);
    assert_eq!(plan["to"]["revision"], *draft);
    assert_eq!(plan["from"]["at"], "2026-11-01T00:00:00Z");
    let fleet = fs::metadata(planned.path("fleet.list")).unwrap();
    assert_eq!(plan["fleet"]["files"][0]["bytes"], fleet.len());
    let expected = json!({
        "devices": 100, "moved": 100, "refused": 0, "accepted": 0, "refusedBefore": 0,
        "underWay": 0, "undecidable": 0, "acrossResidency": 0, "faults": 0,
    });
    assert_eq!(plan["summary"], expected);
    assert_eq!(plan["assumed"], json!({"without": ["payload"]}));
    let pushed = planned.push(&["--max-moves", "100", "--reason", "close it"]);
    let expected = "plan: moved 100 of 100, refused 0, newly accepted 0, undecidable 0, across residency 0; \
                fleet fleet.list; devices register at 2026-11-01T00:00:00Z, assumed by --without payload\n";
    let pushed = pushed.answer(0);
    assert!(pushed.starts_with(expected), "{pushed}");
    assert_eq!(planned.cloud.revision(), draft);
    let history = planned.cloud.run(&["history"]).answer(0);
    assert!(
        history.contains(": close it\n") && history.contains(" predicted: moved 100 of 100, "),
        "{history}"
    );
    // A plan that was pushed is stale, and stays readable.
    planned.check(&[], &["it was pushed already"]);
    assert_eq!(planned.plan(), plan);
}

#[test]
fn a_fleet_that_is_gone_or_made_is_no_obstacle() {
    let planned = Planned::new();
    fs::remove_file(planned.path("fleet.list")).unwrap();
    planned.push(&["--reason", ""]).answer(0);
    let history = planned.cloud.run(&["history"]).answer(0);
    assert!(
        history.contains("predicted: moved 100 of 100, refused 0"),
        "{history}"
    );

    let draft = Folder::starter().edit("hubs.csv", ",factory,2,,open,", ",factory,5,,open,");
    let planned = Planned::of(draft, &["--synthetic", "50"]);
    assert_eq!(planned.plan()["fleet"], json!({"synthetic": 50}));
    planned.push(&["--max-moves", "0"]).answer(0);
}

#[test]
fn a_plan_of_two_dates_says_both() {
    let draft = Folder::starter().edit("hubs.csv", ",factory,2,,open,", ",factory,2,,closed,");
    // As the first of two, with that of every plan here.
    let planned = Planned::of(draft, &["--at", "2026-11-15", "--synthetic", "50"]);
    let pushed = planned.push(&[]).answer(0);
    let expected = "; devices register at 2026-11-01T00:00:00Z before the change and at \
                2026-11-15T00:00:00Z after it\n";
    assert!(pushed.contains(expected), "{pushed}");
}

#[test]
fn other_tables_than_those_of_the_preview_refuse() {
    let planned = Planned::new();
    planned.cloud.edit(TableName::Hubs, WEU, "weight", "7");
    let now = planned.cloud.revision();
    let base = revision("infra/policy");
    planned.check(&[], &[short(&now), short(&base), "preview again"]);
    planned.cloud.edit(TableName::Hubs, WEU, "weight", "seven");
    planned.check(&[], &["the tables have errors"]);
    // Back to what they were, the plan fits again.
    planned.cloud.edit(TableName::Hubs, WEU, "weight", "2");
    planned.push(&[]).answer(0);
}

#[test]
fn another_folder_than_that_of_the_preview_refuses() {
    let mut planned = Planned::new();
    let draft = revision(planned.draft.path());
    planned.draft = planned
        .draft
        .edit("hubs.csv", "EU,factory,2", "EU,factory,3");
    let now = revision(planned.draft.path());
    planned.check(&[], &[short(&draft), short(&now), "preview the folder"]);
    planned.check(&["--force"], &["the folder holds revision"]);
}

#[test]
fn a_fleet_that_has_changed_refuses() {
    let planned = Planned::new();
    let fleet = planned.path("fleet.list");
    let text = fs::read_to_string(&fleet).unwrap();
    // Of the same length.
    fs::write(&fleet, text.replace("gw-99,", "gw-9x,")).unwrap();
    planned.check(&[], &["fleet.list` has changed since the plan was made"]);
    fs::write(&fleet, format!("{text}gw-100,tpm-gw-1,,tpm\n")).unwrap();
    planned.check(&[], &["fleet.list` has changed"]);
    fs::write(&fleet, text).unwrap();
    planned.push(&[]).answer(0);
}

#[test]
fn everything_that_does_not_fit_is_said_at_once() {
    let mut planned = Planned::new();
    planned.cloud.edit(TableName::Hubs, WEU, "weight", "7");
    planned.draft = planned.draft.write("fleet.list", "");
    planned.draft = planned
        .draft
        .edit("hubs.csv", "EU,factory,2", "EU,factory,3");
    let expected = [
        "the tables hold",
        "the folder holds",
        "fleet",
        "--max-moves",
    ];
    planned.check(&["--max-moves", "3"], &expected);
    let refused = planned.push(&["--json"]);
    assert_eq!(refused.code, Some(1));
    let document: Value = refused.document(1);
    assert_eq!(document["written"], false);
    assert_eq!(document["refused"].as_array().unwrap().len(), 3);
}

#[test]
fn more_moves_than_allowed_refuse() {
    let planned = Planned::new();
    let expected = "100 devices would move, which is more than 99";
    planned.check(&["--max-moves", "99"], &[expected]);

    let draft = Folder::starter().edit(
        "tenants.csv",
        "tenant,contoso,active,appliances,US,",
        "tenant,contoso,active,appliances;factory,EU,",
    );
    let across = Planned::of(draft, &["--synthetic", "200"]);
    let plan = across.plan();
    let left = plan["summary"]["acrossResidency"].as_u64().unwrap();
    assert!(left > 0, "{plan}");
    let expected = format!("{left} devices would leave their residency");
    across.check(&["--max-moves", "1000"], &[&expected]);
}

#[test]
fn undecidable_devices_count_as_moves() {
    let draft = Folder::starter().edit("hubs.csv", ",factory,2,,open,", ",factory,2,,closed,");
    let planned = Planned::of(draft, &[]);
    assert_eq!(planned.plan()["summary"]["undecidable"], 100);
    planned.check(
        &["--max-moves", "99"],
        &["0 devices would move, and 100 are undecidable"],
    );
    planned.push(&["--max-moves", "100"]).answer(0);
}

#[test]
fn device_rows_are_previewed_and_pushed_or_neither() {
    let planned = Planned::new();
    planned.check(&["--devices"], &["use --devices for both"]);
    let draft = || Folder::starter().edit("hubs.csv", ",factory,2,,open,", ",factory,5,,open,");
    let with = Planned::of(draft(), &["--devices", "--synthetic", "9"]);
    with.check(&[], &["use --devices for both"]);
    with.push(&["--devices"]).answer(0);
    let mut edited = Planned::of(draft(), &["--devices", "--synthetic", "9"]);
    edited.draft = edited.draft.edit("devices.csv", "pump-0043,", "pump-0044,");
    edited.check(&["--devices"], &["other device rows"]);
}

/// Rows of devices decide too, and are in no revision.
#[test]
fn other_device_rows_in_the_tables_refuse() {
    let planned = Planned::new();
    let (device, name) = ("pump-0042/device", TableName::Devices);
    let before = planned.cloud.cell(name, device, "location");
    planned.cloud.edit(name, device, "location", "sg");
    planned.check(&[], &["other device rows than the tables hold"]);
    planned.cloud.edit(name, device, "location", &before);
    planned.push(&[]).answer(0);

    // Of two folders, each with its own rows, neither is what the tables hold.
    let mut other = Planned::new();
    other.draft = other.draft.edit("devices.csv", "pump-0043,", "pump-0044,");
    let (fleet, plan) = (other.path("fleet.list"), other.path("plan.json"));
    let draft = other.draft.path();
    let preview = ["preview", "infra/policy", draft, "--fleet", &fleet];
    other
        .cloud
        .run(&[&preview[..], &["--out", &plan]].concat())
        .answer(0);
    other.check(&[], &["use --devices for both"]);
    other.push(&["--devices"]).answer(0);
}

#[test]
fn tables_that_are_missing_refuse_and_say_what_to_do() {
    let planned = Planned::new();
    let cloud = Cloud::empty();
    let plan = planned.path("plan.json");
    let push = ["push", "--yes", "--plan", &plan, planned.draft.path()];
    let message = cloud.run(&push).refusal(1);
    assert!(
        message.contains("Revisions are missing, so the store"),
        "{message}"
    );
    assert!(
        message.contains("begin with a push without --plan, which creates them"),
        "{message}"
    );
    assert!(
        message.ends_with("preview again; nothing was written"),
        "{message}"
    );
    let json = cloud.run(&[&push[..], &["--json"]].concat());
    let document: Value = json.document(1);
    assert_eq!(document["written"], false);
}

#[test]
fn a_push_that_is_under_way_refuses_one_with_a_plan() {
    let planned = Planned::new();
    let theirs = Folder::starter().edit("hubs.csv", "EU,factory,2", "EU,factory,9");
    planned.cloud.writes_meet(Fault::Hold);
    let mut first = planned.cloud.program(&["push", "--yes", theirs.path()]);
    let first = first.stdout(Stdio::null()).spawn().unwrap();
    planned.cloud.hold_writes_until("a push", Cloud::has_marker);
    let plan = planned.path("plan.json");
    let arguments = ["push", "--yes", "--plan", &plan, planned.draft.path()];
    let second = planned.cloud.beside().run(&arguments).refusal(1);
    assert!(second.contains(" has not finished; "), "{second}");
    planned.cloud.proxy.set(Fault::None);
    assert!(first.wait_with_output().unwrap().status.success());
    planned.check(&[], &["somebody has edited them"]);
}

#[test]
fn what_is_not_a_plan_is_said() {
    let planned = Planned::new();
    let (path, plan) = (planned.path("plan.json"), planned.plan());
    let whole = fs::read_to_string(&path).unwrap();
    let with = |member: &str, value: Value| {
        let mut plan = plan.clone();
        *plan.pointer_mut(member).unwrap() = value;
        plan.to_string()
    };
    let check = |text: &str, expected: &str| {
        fs::write(&path, text).unwrap();
        let message = planned.push(&[]).message();
        assert!(message.contains(expected), "{message}");
    };
    for length in [0, 1, whole.len() / 2, whole.trim_end().len() - 1] {
        check(
            &whole[..length],
            "plan.json` is not a whole plan; write one",
        );
    }
    check("registrationId\ngw-1\n", "is not a whole plan");
    check("{\0}\0", "plan.json`: it is UTF-16; save it as UTF-8");
    check("{}", "missing field `format`");
    check(&with("/format", json!(3)), "is a plan of format 3");
    check(&with("/to/revision", json!("0123456789ab")), "64 digits");
    check(&with("/summary/moved", json!(-1)), "is not a whole plan");
    fs::remove_file(&path).unwrap();
    let message = planned.push(&[]).message();
    assert!(message.contains("plan.json` cannot be read"), "{message}");
    assert_eq!(planned.cloud.revision(), revision("infra/policy"));
    let alone = planned
        .cloud
        .run(&["push", "--max-moves", "1", planned.draft.path()]);
    assert!(alone.stderr.contains("--plan <FILE>"), "{}", alone.stderr);
}

#[test]
fn a_plan_that_cannot_be_written_is_said() {
    let planned = Planned::new();
    let fleet = planned.path("fleet.list");
    let check = |fleet: &str, plan: &str, expected: &str| {
        let arguments = ["preview", "infra/policy", "infra/policy", "--fleet", fleet];
        let message = planned
            .cloud
            .run(&[&arguments[..], &["--out", plan]].concat());
        let message = message.refusal(2);
        assert!(message.contains(expected), "{message}");
    };
    check("-", "plan", "which stdin cannot");
    check("/dev/null", "plan", "`/dev/null` is not a file");
    check("no-such-file", "plan", "`no-such-file` cannot be read");
    check(&fleet, "/proc/plan", "`/proc/plan` cannot be written");
    // A fleet that ends too early predicts too little.
    let cut = planned.path("cut.gz");
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(&fs::read(&fleet).unwrap()).unwrap();
    let mut packed = packed.finish().unwrap();
    packed.truncate(packed.len() - 8);
    fs::write(&cut, packed).unwrap();
    let out = planned.path("none.json");
    check(&cut, &out, "cut.gz`");
    assert!(!fs::exists(out).unwrap());
}
