//! `shadow`: a candidate is started, looked at and stopped.

use std::fs;
use std::io::Write as _;
use std::process::Command;

use dps_allocation::tables::TableName;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;
use tempfile::TempDir;

use crate::cloud::Cloud;
use crate::program::{Folder, Run, program, run, short};

/// Lines of a webhook's decision log: two revisions of a candidate, and times before the first.
pub(crate) fn log() -> String {
    let line = |time: &str, id: &str, answer: &str, shadow: &str| {
        format!(
            "{{\"log\":\"decision\",\"version\":2,\"time\":\"2026-11-26T{time}Z\",\
             \"outcome\":\"assigned\",{answer},\"registrationId\":\"{id}\"{shadow}}}\n"
        )
    };
    let first = "6f1e8c2a9b3d6f1e8c2a9b3d6f1e8c2a9b3d6f1e8c2a9b3d6f1e8c2a9b3d6f1e";
    let second = "0b9d5e7f4a210b9d5e7f4a210b9d5e7f4a210b9d5e7f4a210b9d5e7f4a210b9d";
    let by = |revision: &str, more: &str| {
        format!(",\"shadow\":{{\"revision\":\"{revision}\",\"difference\":{more}}}")
    };
    let weu = "\"reason\":\"weighted\",\"hub\":\"contoso-weu-1.azure-devices.net\"";
    let neu = "\"hub\",\"outcome\":\"assigned\",\"reason\":\"weighted\",\"hub\":\"contoso-neu-1.azure-devices.net\"";
    let refused = "\"refused\",\"outcome\":\"refused\",\"reason\":\"noEligibleHub\"";
    [
        "{\"log\":\"started\"}\n".to_owned(),
        line("08:00:00", "pump-1", weu, ""),
        line("09:00:00", "pump-2", weu, &by(first, refused)),
        line("09:30:00", "pump-3", weu, &by(first, "\"same\"")),
        line("10:00:00", "pump-1", weu, &by(second, "\"same\"")),
        line("10:00:01", "pump-2", weu, &by(second, neu)),
        line("10:00:02", "pump-3", weu, &by(second, "\"same\"")),
        line("10:00:03", "pump-4", weu, &by(second, neu)),
        line("10:00:04", "pump-5", weu, &by(second, "\"undecidable\"")),
        line("10:00:05", "pump-6", weu, &by(second, neu))[..200].to_owned(),
    ]
    .concat()
}

/// An edit of the starter tables.
fn draft() -> Folder {
    Folder::starter().edit("hubs.csv", "EU,factory,2", "EU,factory,5")
}

/// A prefix of the test's own: tests share an account.
fn prefix(cloud: &Cloud) -> String {
    let program = cloud.program(&[]);
    let live = program
        .get_envs()
        .find(|(name, _)| *name == "POLICY_TABLE_PREFIX");
    let live = live.and_then(|(_, value)| value).unwrap();
    format!("{}Candidate", live.to_str().unwrap())
}

/// The program with the candidate's prefix in its environment.
fn beside(cloud: &Cloud, arguments: &[&str]) -> Run {
    let mut program = cloud.program(arguments);
    let program = program.env("POLICY_SHADOW", prefix(cloud));
    Run::of(arguments, program.output().unwrap())
}

#[test]
fn a_draft_is_tried_and_withdrawn_and_the_live_tables_stay() {
    let (cloud, draft) = (Cloud::starter(), draft());
    let live = cloud.revision();
    let none = beside(&cloud, &["shadow", "status"]).answer(1);
    assert!(none.starts_with("no candidate: Azure Tables"), "{none}");
    let none = beside(&cloud, &["shadow", "stop"]).answer(0);
    assert!(none.starts_with("there is no candidate: "), "{none}");
    assert_eq!(none.lines().count(), 1, "{none}");

    let started = beside(&cloud, &["shadow", "start", "--yes", draft.path()]);
    assert!(
        started.stderr.contains("CandidateHubs created"),
        "{}",
        started.stderr
    );
    let next = format!(
        "\nset POLICY_SHADOW={} on the webhook, if it is not; `dps-policy shadow status URL` shows \
         what it decides\n",
        prefix(&cloud)
    );
    assert!(started.stdout.ends_with(&next), "{}", started.stdout);
    assert_eq!(started.code, Some(0));
    let held = beside(&cloud, &["shadow", "status", "--json"]).document(0);
    let revision = crate::program::revision(draft.path());
    assert_eq!(held["tables"]["revision"], revision);
    let again = beside(&cloud, &["shadow", "start", "--yes", draft.path()]).answer(0);
    assert!(again.starts_with("no difference\n"), "{again}");

    // One that has lost a table is a candidate still.
    azurite::shared().delete_table(&format!("{}Latency", prefix(&cloud)));
    let lost = beside(&cloud, &["shadow", "status"]).message();
    let advice = "Latency of the candidate; write it with `dps-policy shadow start DRAFT`, or withdraw it \
                with `dps-policy shadow stop`";
    assert!(lost.ends_with(advice), "{lost}");
    let stopped = beside(&cloud, &["shadow", "stop", "--yes"]);
    assert!(
        stopped.stderr.contains("Latency created"),
        "{}",
        stopped.stderr
    );
    let (code, stopped) = (stopped.code, stopped.stdout);
    assert_eq!(code, Some(0), "{stopped}");
    let none = beside(&cloud, &["shadow", "stop", "--yes", "--json"]).document(0);
    assert_eq!(none, json!({"written": false}));
    assert!(stopped.contains("after 5 to 22 s"), "{stopped}");
    let held = beside(&cloud, &["shadow", "status", "--json"]).document(1);
    let tables = json!({
        "source": held["tables"]["source"], "revision": null, "withdrawn": true,
    });
    assert_eq!(held["tables"], tables);
    // What was tried can be looked up, and tried again.
    let mut history = cloud.program(&["history"]);
    let history = Run::from(
        history
            .env("POLICY_TABLE_PREFIX", prefix(&cloud))
            .output()
            .unwrap(),
    );
    let history = history.answer(0);
    for part in [short(&revision), "shadow start", "shadow stop"] {
        assert!(history.contains(part), "{part}: {history}");
    }
    beside(&cloud, &["shadow", "start", "--yes", draft.path()]).answer(0);
    assert_eq!(cloud.revision(), live);
}

#[test]
fn it_asks_and_refuses_as_a_push_does() {
    let cloud = Cloud::starter();
    let wrong = Folder::starter().edit("hubs.csv", "EU,factory,2", "EU,factory,two");
    let refused = cloud
        .run(&["shadow", "start", "--yes", wrong.path()])
        .answer(1);
    assert!(refused.contains("`two` is not a whole number"), "{refused}");
    let draft = draft();
    cloud.run(&[
        "shadow",
        "start",
        "--yes",
        "--prefix",
        "Trial",
        draft.path(),
    ]);
    let asked = cloud.run(&["shadow", "stop", "--prefix", "Trial"]);
    assert!(asked.refusal(2).contains("add --yes to agree"));
    let screen = cloud.terminal(&["shadow", "stop", "--prefix", "Trial"]);
    let screen = screen.answer("n").end(1);
    assert!(screen.ends_with("nothing was written\n"), "{screen}");
    let prefix = prefix(&cloud);
    let live = prefix.strip_suffix("Candidate").unwrap();
    for live in [live, &live.to_uppercase()] {
        let message = cloud.run(&["shadow", "stop", "--yes", "--prefix", live]);
        let message = message.message();
        assert!(
            message.contains("names the live policy; name other tables"),
            "{message}"
        );
    }
    assert!(!cloud.rows(TableName::Hubs).is_empty());
}

fn with_folders(arguments: &[&str], live: &str, candidate: Option<&str>) -> Run {
    let mut program: Command = program(arguments);
    program.env("POLICY_DIR", live);
    if let Some(candidate) = candidate {
        program.env("POLICY_SHADOW", candidate);
    }
    Run::of(arguments, program.output().unwrap())
}

#[test]
fn a_candidate_in_a_folder_is_a_copy_that_is_put_away() {
    let (live, draft, parent) = (Folder::starter(), draft(), TempDir::new().unwrap());
    let candidate = parent.path().join("candidate");
    let named = candidate.to_str();
    let run = |arguments: &[&str]| with_folders(arguments, live.path(), named);
    let started = run(&["shadow", "start", "--yes", draft.path()]).answer(0);
    let next = format!("set POLICY_SHADOW={} on the webhook", candidate.display());
    assert!(started.contains(&next), "{started}");
    let held = run(&["shadow", "status", "--json"]).document(0);
    assert_eq!(
        held["tables"]["revision"],
        crate::program::revision(draft.path())
    );
    for put_away in ["candidate.stopped", "candidate.stopped-2"] {
        run(&["shadow", "start", "--yes", draft.path()]).answer(0);
        let stopped = run(&["shadow", "stop", "--yes"]).answer(0);
        assert!(stopped.contains(put_away), "{stopped}");
        assert!(parent.path().join(put_away).join("hubs.csv").exists());
        assert!(
            run(&["shadow", "status"])
                .answer(1)
                .starts_with("no candidate: ")
        );
        assert!(
            run(&["shadow", "stop"])
                .answer(0)
                .starts_with("there is no candidate: ")
        );
    }

    // Without a name, the draft is what the webhook can poll.
    let unnamed = |arguments: &[&str]| with_folders(arguments, live.path(), None);
    let json = unnamed(&["shadow", "start", "--yes", "--json", draft.path()]).document(0);
    assert_eq!(
        (&json["written"], &json["changes"]),
        (&json!(false), &json!([]))
    );
    let started = unnamed(&["shadow", "start", draft.path()]).answer(0);
    let next = format!("set POLICY_SHADOW={} on the webhook", draft.path());
    assert!(started.starts_with(&next), "{started}");
    let stopped = unnamed(&["shadow", "stop", "--yes"]).message();
    assert!(
        stopped.contains("set POLICY_SHADOW, or add --prefix FOLDER"),
        "{stopped}"
    );
    let same = with_folders(&["shadow", "stop", "--yes"], live.path(), Some(live.path()));
    assert!(same.message().contains("names the live policy"));
    assert!(fs::exists(live.path()).unwrap());
}

#[test]
fn what_holds_the_live_policy_or_no_table_is_not_put_away() {
    let parent = TempDir::new().unwrap();
    let at = |name: &str| parent.path().join(name).to_str().unwrap().to_owned();
    let live = at("policies/live");
    let made = run(&["init", "--hub", "a.azure-devices.net", &live]);
    made.answer(0);
    std::os::unix::fs::symlink(&live, at("link")).unwrap();
    fs::create_dir(at("other")).unwrap();
    for names_live in ["policies", "policies/./live/../live", "link"] {
        for arguments in [
            &["shadow", "stop", "--yes"][..],
            &["shadow", "start", "--yes", &live],
        ] {
            let message = with_folders(arguments, &live, Some(&at(names_live))).message();
            assert!(
                message.contains("names the live policy"),
                "{names_live}: {message}"
            );
        }
    }
    let stopped = with_folders(&["shadow", "stop", "--yes"], &live, Some(&at("other")));
    let stopped = stopped.answer(0);
    assert!(stopped.ends_with("holds no config table\n"), "{stopped}");
    for kept in ["policies/live/hubs.csv", "other", "link"] {
        assert!(fs::exists(at(kept)).unwrap(), "{kept}");
    }
}

#[test]
fn a_log_tells_which_answers_differ() {
    let folder = Folder::starter().write("a.log", &log());
    let log = format!("{}/a.log", folder.path());
    let shown = run(&["shadow", "status", "--log", &log]).answer(1);
    let second = shown.find("candidate 0b9d5e7f4a21, from 2026-11-26T10:00:00Z to ");
    let first = shown.find("candidate 6f1e8c2a9b3d, from 2026-11-26T09:00:00Z to ");
    assert!(second.unwrap() < first.unwrap(), "{shown}");
    for part in [
        "2 of 5 decisions are the same: 2 hub, 1 undecidable\n",
        "contoso-neu-1, weighted",
        "pump-2, pump-4",
        "needs the device's row",
        "1 of 2 decisions is the same: 1 refused\n",
        "1 decision without a candidate\n",
        "1 line of a decision cannot be read\n",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }

    let packed = format!("{log}.gz");
    let mut gzip = GzEncoder::new(fs::File::create(&packed).unwrap(), Compression::fast());
    gzip.write_all(&fs::read(&log).unwrap()).unwrap();
    gzip.finish().unwrap();
    let json = run(&["shadow", "status", "--json", "--log", &log, &packed]).document(1);
    let candidate = &json["log"]["candidates"][0];
    assert_eq!(
        candidate["decisions"],
        json!({"hub": 4, "same": 4, "undecidable": 2})
    );
    let difference = json!({
        "difference": "hub",
        "live": "contoso-weu-1.azure-devices.net, weighted",
        "candidate": "contoso-neu-1.azure-devices.net, weighted",
        "devices": 4,
        "suchAs": ["pump-2", "pump-4", "pump-2"],
    });
    assert_eq!(candidate["differences"][0], difference);

    let folder = Folder::starter().write("a.log", &fs::read_to_string(&log).unwrap()[..100]);
    let none = run(&[
        "shadow",
        "status",
        "--log",
        &format!("{}/a.log", folder.path()),
    ])
    .answer(1);
    assert!(
        none.contains("no candidate has decided any of 0 decisions"),
        "{none}"
    );
}

#[test]
fn a_webhook_that_does_not_answer_is_told() {
    let none = run(&["shadow", "status", "http://127.0.0.1:9"]).message();
    assert!(
        none.contains("does not answer: ") && none.contains("check the address"),
        "{none}"
    );
    // Behind --log too.
    for before in [&[][..], &["--log", "a.log"]] {
        let arguments = [&["shadow", "status"], before].concat();
        let secret = run(&[&arguments[..], &["https://a.example?code=x"]].concat());
        assert!(
            secret.stderr.contains("write the URL without a key"),
            "{}",
            secret.stderr
        );
        let none = run(&[&arguments[..], &["http://127.0.0.1:9"]].concat()).message();
        assert!(
            none.contains("`http://127.0.0.1:9/` does not answer"),
            "{none}"
        );
    }
}
