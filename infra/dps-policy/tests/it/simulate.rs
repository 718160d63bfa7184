//! `simulate`: what it prints, and what it ends with.

use crate::cloud::Cloud;
use crate::program::{Folder, program, run};
use crate::terminal::Terminal;

/// The starter tables with a rollout of everybody from one hub.
fn drained() -> Folder {
    Folder::starter().edit(
        "rollouts.csv",
        "2026-12-01=1% 2026-12-08=10% 2026-12-15=25%",
        "2026-12-01=100%",
    )
}

const CALENDAR: [&str; 4] = ["--from", "2026-12-01", "--register-every", "10d"];

#[test]
fn a_table_says_when_a_hub_is_empty() {
    let folder = drained();
    let arguments = ["simulate", folder.path(), "--synthetic", "600"];
    let answer = run(&[&arguments[..], &CALENDAR].concat()).answer(0);
    assert!(answer.starts_with("600 devices, moved "), "{answer}");
    let heading = answer.lines().find(|line| line.contains("EMPTY FROM"));
    let words: Vec<&str> = heading.unwrap().split_whitespace().collect();
    assert_eq!(words[1], "2026-12-01");
    assert_eq!(words[4], "2026-12-21");
    let row = answer
        .lines()
        .find(|line| line.starts_with("contoso-weu-1"));
    let words: Vec<&str> = row.unwrap().split_whitespace().collect();
    assert_eq!(&words[3..], ["0", "0", "2026-12-11"], "{answer}");
}

#[test]
fn dates_stay_whole_on_a_narrow_terminal() {
    let folder = drained();
    let arguments = ["simulate", folder.path(), "--synthetic", "60"];
    let arguments = [&arguments[..], &CALENDAR, &["--capacity", "1000"]].concat();
    let shown = Terminal::with_80_columns(&program(&arguments)).end(0);
    let heading = shown.lines().find(|line| line.contains("EMPTY FROM"));
    let heading = heading.unwrap_or_else(|| panic!("{shown}"));
    // As many as there is room for.
    for part in ["2026-12-01", "2026-12-21", "CAPACITY", "FULL FROM"] {
        assert!(heading.contains(part), "{shown}");
    }
    assert!(!heading.contains("2026-12-11"), "{shown}");
    let empty = shown.lines().find(|line| line.contains(" 2026-12-11"));
    assert!(empty.unwrap().starts_with("contoso-weu-1 "), "{shown}");
    let widest = shown.lines().map(|line| line.trim_end().chars().count());
    assert!(widest.max() <= Some(80), "{shown}");
}

#[test]
fn json_has_all_moments() {
    let folder = drained();
    let arguments = ["simulate", folder.path(), "--synthetic", "600", "--json"];
    let document = run(&[&arguments[..], &CALENDAR].concat()).json(0);
    let moments = document["moments"].as_array().unwrap();
    assert_eq!(moments.len(), 61);
    assert_eq!(moments[0]["at"], "2026-12-01T00:00:00Z");
    assert_eq!(moments[3]["at"], "2026-12-02T00:00:00Z");
    let hubs = document["hubs"].as_array().unwrap();
    let weu = hubs
        .iter()
        .find(|it| it["hub"] == "contoso-weu-1.azure-devices.net");
    assert_eq!(weu.unwrap()["emptyFrom"], "2026-12-11T00:00:00Z");
    assert!(
        hubs.iter()
            .all(|it| it["devices"].as_array().unwrap().len() == 61)
    );
}

#[test]
fn tables_are_simulated_with_their_device_rows() {
    let cloud = Cloud::starter();
    let here = ["simulate", "infra/policy", "--synthetic", "300", "--json"];
    let there = ["simulate", "tables", "--synthetic", "300", "--json"];
    let there = cloud.run(&[&there[..], &CALENDAR].concat()).json(0);
    let here = run(&[&here[..], &CALENDAR].concat()).json(0);
    assert_eq!(there["hubs"], here["hubs"]);
    let revision = here["tables"]["revision"].as_str().unwrap();
    let kept = format!("tables@{}", &revision[..12]);
    let kept = ["simulate", &kept, "--synthetic", "300", "--json"];
    let kept = cloud.run(&[&kept[..], &CALENDAR].concat()).json(0);
    assert_eq!(kept["hubs"], here["hubs"]);
}

#[test]
fn a_fleet_says_where_devices_are() {
    let fleet = "registrationId,enrollment,currentHub,attestation\n\
                 gw-1,tpm-gw-1,contoso-weu-1.azure-devices.net,tpm\nno/id,tpm-gw-1,,tpm\n";
    let folder = drained().write("fleet.list", fleet);
    let fleet = format!("{}/fleet.list", folder.path());
    let arguments = ["simulate", folder.path(), "--fleet", &fleet];
    let options = [&CALENDAR[..], &["--without", "payload"]].concat();
    let answer = run(&[&arguments[..], &options].concat()).answer(0);
    assert!(answer.starts_with("1 device, moved 1 time,"), "{answer}");
    assert!(answer.contains("line 3: `no/id` is not a"), "{answer}");
    let few = ["--capacity", "0"];
    let over = run(&[&arguments[..], &options, &few].concat()).answer(1);
    assert!(over.contains("it has up to 1 device\n"), "{over}");
}

/// A line of the decision log says where it left the device.
#[test]
fn a_log_is_a_fleet() {
    let line = |hub: &str| {
        format!(
            "{{\"log\":\"decision\",\"version\":2,\"time\":\"2026-11-01T10:00:00Z\",\
             \"revision\":\"71bc68eb7d66\",\"registrationId\":\"pump-1\",\"enrollment\":\
             {{\"kind\":\"individual\",\"id\":\"pump-1\",\"iotEdge\":false,\"resetsData\":false}},\
             \"attestation\":\"tpm\",\"linkedHubs\":[\"contoso-weu-1.azure-devices.net\",\
             \"contoso-eus-1.azure-devices.net\"],\"device\":\"missing\",\"tenant\":\"tenant-a\",\
             \"hub\":\"{hub}.azure-devices.net\",\"outcome\":\"assigned\",\"reason\":\"weighted\"}}\n"
        )
    };
    let check = |hub: &str, moved: u64| {
        let folder = drained().write("webhook.log", &line(hub));
        let log = format!("{}/webhook.log", folder.path());
        let arguments = ["simulate", folder.path(), "--fleet", &log, "--json"];
        let document = run(&[&arguments[..], &CALENDAR].concat()).json(0);
        assert_eq!(
            (&document["devices"], &document["undecidable"]),
            (&1.into(), &0.into())
        );
        let moments = document["moments"].as_array().unwrap();
        let all: u64 = moments.iter().map(|it| it["moved"].as_u64().unwrap()).sum();
        assert_eq!(all, moved, "{document}");
    };
    check("contoso-weu-1", 1);
    check("contoso-eus-1", 0);
}

#[test]
fn what_cannot_be_simulated_is_said() {
    let check = |options: &[&str], expected: &str| {
        let arguments = ["simulate", "infra/policy", "--synthetic", "5"];
        let message = run(&[&arguments[..], options].concat()).stderr;
        assert!(message.contains(expected), "{message}");
    };
    check(
        &["--register-every", "often"],
        "'often' for '--register-every <TIME>': it is not a length of time",
    );
    check(&["--register-every", "1s"], "at least a minute apart");
    check(&["--until", "2020-01-01"], "nobody registers until the end");
    check(&["--until", "2100-01-01"], "more than 33 times");
    check(
        &["--capacity", "many"],
        "'many' for '--capacity <NUMBER>': it is not a number of devices",
    );
    check(
        &["--capacity", "other.azure-devices.net=5"],
        "`other.azure-devices.net` is not a hub of the tables",
    );
    check(
        &["--capacity", "contoso-weu-9=5"],
        "`contoso-weu-9` is not a hub of the tables; did you mean `contoso-weu-1`?",
    );
    // A pool has no capacity.
    check(
        &["--capacity", "factory=5"],
        "`factory` is not a hub of the tables",
    );
    check(
        &["--capacity", "3", "--capacity", "4"],
        "--capacity says `3` and `4`; leave one of them out",
    );
    check(
        &[
            "--capacity",
            "contoso-weu-1=3",
            "--capacity",
            "contoso-weu-1.azure-devices.net=4",
        ],
        "--capacity says `contoso-weu-1=3` and `contoso-weu-1.azure-devices.net=4`; leave one of them out",
    );
    check(
        &["--register-log", "no-such-log"],
        "`no-such-log` cannot be read",
    );
    check(
        &["--report", "/no/such/report.html"],
        "`/no/such/report.html` cannot be written",
    );
    let broken = Folder::starter().edit("hubs.csv", "factory,2", "factory,two");
    let answer = run(&["simulate", broken.path(), "--synthetic", "5"]).answer(1);
    assert!(answer.contains("`two` is not a whole number"), "{answer}");
}

#[test]
fn a_hub_that_passes_its_capacity_is_a_finding() {
    let folder = drained();
    let page = format!("{}/load.html", folder.path());
    let arguments = [
        "simulate",
        folder.path(),
        "--synthetic",
        "600",
        "--report",
        &page,
    ];
    let of_one = ["--capacity", "1000", "--capacity", "contoso-eus-1=100"];
    let answer = run(&[&arguments[..], &CALENDAR, &of_one].concat()).answer(1);
    assert!(answer.contains("CAPACITY  FULL FROM"), "{answer}");
    let passed = "contoso-eus-1 passes its capacity of 100: it has up to ";
    assert_eq!(answer.matches("passes its capacity").count(), 1, "{answer}");
    assert!(answer.contains(passed), "{answer}");
    let enough = ["--capacity", "100000", "--json"];
    let document = run(&[&arguments[..], &CALENDAR, &enough].concat()).json(0);
    assert_eq!(document["hubs"][0]["capacity"], 100_000);
    assert_eq!(document["hubs"][0]["fullFrom"], serde_json::Value::Null);
    assert_eq!(document["secondsBetween"], serde_json::json!([864_000]));
}

/// A device gets a hub at ten o'clock of a day of November.
fn line(id: &str, day: u32) -> String {
    format!(
        "{{\"log\":\"decision\",\"version\":2,\"time\":\"2026-11-{day:02}T10:00:00Z\",\"revision\":\
         \"71bc68eb7d66\",\"registrationId\":\"{id}\",\"enrollment\":{{\"kind\":\"individual\",\"id\":\
         \"{id}\",\"iotEdge\":false,\"resetsData\":false}},\"attestation\":\"tpm\",\"linkedHubs\":[\
         \"contoso-weu-1.azure-devices.net\"],\"device\":\"missing\",\"tenant\":\"tenant-a\",\"hub\":\
         \"contoso-weu-1.azure-devices.net\",\"outcome\":\"assigned\",\"reason\":\"weighted\"}}\n"
    )
}

#[test]
fn a_log_says_how_often_devices_register() {
    let lines = (1..=9).flat_map(|day| [line("pump-1", day), line("pump-2", day)]);
    let folder = drained().write("webhook.log", &lines.collect::<String>());
    let log = format!("{}/webhook.log", folder.path());
    let arguments = [
        "simulate",
        folder.path(),
        "--synthetic",
        "60",
        "--register-log",
        &log,
    ];
    let from = ["--from", "2026-12-01"];
    let answer = run(&[&arguments[..], &from].concat()).answer(0);
    assert!(
        answer.contains(
            "18 registrations of 2 devices in 192h: half register every 24h or more often"
        ),
        "{answer}"
    );
    let document = run(&[&arguments[..], &from, &["--json"]].concat()).json(0);
    assert_eq!(document["registrations"]["logSeconds"], 8 * 86_400);
    assert_eq!(
        document["secondsBetween"],
        serde_json::json!(vec![86_400; 10])
    );
    assert_eq!(document["moments"][60]["at"], "2026-12-03T00:00:00Z");
    let short = drained().write("short.log", &line("pump-1", 1));
    let log = format!("{}/short.log", short.path());
    let arguments = [
        "simulate",
        short.path(),
        "--synthetic",
        "60",
        "--register-log",
        &log,
    ];
    let message = run(&arguments).message();
    assert!(
        message.contains("no device of the log gets a hub twice"),
        "{message}"
    );
}

/// No more devices are told apart than fit into memory.
#[test]
fn the_devices_of_a_large_log_are_an_estimate() {
    let lines = (0..66_000).flat_map(|number| {
        let id = format!("pump-{number}");
        let days = if number % 4 == 0 { 1..=2 } else { 1..=1 };
        days.map(move |day| line(&id, day))
    });
    let folder = drained().write("webhook.log", &lines.collect::<String>());
    let log = format!("{}/webhook.log", folder.path());
    let arguments = ["simulate", folder.path(), "--synthetic", "60"];
    let answer = run(&[&arguments[..], &["--register-log", &log]].concat()).answer(0);
    let found = answer
        .lines()
        .find(|line| line.starts_with("log "))
        .unwrap();
    assert!(found.contains("82500 registrations of about "), "{found}");
    assert!(found.contains("; about "), "{found}");
}
