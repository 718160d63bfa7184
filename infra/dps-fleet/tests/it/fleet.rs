//! Fleets from outside: bytes in, devices and faults out.

use std::io::Cursor;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use dps_fleet::fleet::{FleetReader, Hub, Member, Through};

pub(crate) fn reader(bytes: impl Into<Vec<u8>>) -> FleetReader {
    let source = Box::new(Cursor::new(bytes.into()));
    FleetReader::new("fleet", source, Arc::new(AtomicU64::new(0))).unwrap()
}

/// One line for each device or fault: `line id group|individual hub ..`.
fn read(bytes: impl Into<Vec<u8>>) -> Vec<String> {
    let mut found = Vec::new();
    for batch in reader(bytes) {
        let batch = batch.unwrap();
        let others = batch.each(|line, member| {
            found.push(match member {
                Ok(member) => format!("{line} {}", shown(&member)),
                Err(fault) => format!("{line} ! {}", fault.rule),
            });
        });
        if others > 0 {
            found.push(format!("{others} others"));
        }
    }
    found
}

fn shown(member: &Member<'_>) -> String {
    let device = match member {
        Member::Listed(device) => device,
        Member::Logged(record) => {
            return format!("log {}", record.registration_id.as_deref().unwrap_or("-"));
        }
    };
    let mut words = vec![device.id.to_string()];
    words.extend(device.through.as_ref().map(|through| match through {
        Through::Group(group) => format!("group={group}"),
        Through::Individual => "individual".to_owned(),
    }));
    match &device.hub {
        Hub::Unstated => {}
        Hub::None => words.push("new".to_owned()),
        Hub::At(hub) => words.push(format!("on={hub}")),
    }
    words.extend(
        device
            .linked
            .as_ref()
            .map(|it| format!("linked={}", it.join("+"))),
    );
    words.extend(device.attestation.map(|it| format!("{it:?}")));
    words.extend(device.iot_edge.map(|it| format!("edge={it}")));
    words.extend(device.payload.as_ref().map(|payload| match payload {
        None => "no payload".to_owned(),
        Some(payload) => format!("payload={}", payload.get()),
    }));
    words.join(" ")
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    assert_eq!(read(text), expected);
}

#[test]
fn a_csv_file_is_a_fleet() {
    check("registrationId\na\nb\n", &["2 a", "3 b"]);
    check("\u{feff}RegistrationID\r\na\r\nb", &["2 a", "3 b"]);
    check("id,enrollment,note\na,g,x\n", &["2 a group=g"]);
    check(
        "registration_id,currentHub\na,h.net\nb,\n",
        &["2 a on=h.net", "3 b new"],
    );
    check(
        "registrationId,individual,attestation,iotEdge\na,true,TPM,false\nb,,,\n",
        &["2 a individual Tpm edge=false", "3 b"],
    );
    check(
        "registrationId,linkedHubs,payload\na,h.net;i.net,\"{\"\"n\"\": 1}\"\nb,,\n",
        &[
            "2 a linked=h.net+i.net payload={\"n\": 1}",
            "3 b no payload",
        ],
    );
    // Of two ids the one of DPS counts.
    check("deviceId,registrationId\nD,r\n", &["2 r"]);
    // Of two names for one thing the one that is listed first counts, and the other is named.
    check("ID,registrationId\nD,r\n", &["2 r"]);
    let both = reader("ID,site,registrationId\nD,x,r\n");
    let unread = ["ID (registrationId counts)", "site"];
    assert_eq!(both.form().unread_columns(), unread);
    // A line break within quotes is part of the value.
    check(
        "id,payload\na,\"{\n}\"\nb,\n",
        &["2 a payload={\n}", "4 b no payload"],
    );
}

#[test]
fn json_objects_are_a_fleet() {
    check(
        "{\"registrationId\": \"a\"}\n\n{\"id\":\"b\",\"currentHub\":null}\n",
        &["1 a", "3 b new"],
    );
    check(
        "{\"registrationId\":\"a\",\"enrollment\":\"g\",\"linkedHubs\":[\"h\",\"i\"],\
         \"payload\":{\"n\":1},\"iotEdge\":true}",
        &["1 a group=g linked=h+i edge=true payload={\"n\":1}"],
    );
    check(
        "{\"registrationId\":\"a\",\"payload\":null}",
        &["1 a no payload"],
    );
    for two in [
        "{\"registrationId\":\"a\",\"hub\":\"h\",\"currentHub\":\"i\"}",
        "{\"currentHub\":\"i\",\"hub\":\"h\",\"ID\":\"b\",\"registrationId\":\"a\"}",
    ] {
        check(two, &["1 a on=i"]);
    }
    check(
        "{\"registrationId\":\"a\",\"individual\":true}",
        &["1 a individual"],
    );
}

/// As `az iot dps enrollment-group registration list` prints it, in one array.
#[test]
fn registration_records_are_a_fleet() {
    check(
        "[\n  {\n    \"assignedHub\": \"h.net\",\n    \"deviceId\": \"A\",\n    \
         \"etag\": \"\\\"x]\\\"\",\n    \"registrationId\": \"a\",\n    \
         \"status\": \"assigned\"\n  },\n  {\"registrationId\": \"b\", \"status\": \"unassigned\"},\n  \
         {\"registrationId\": \"c\", \"status\": \"failed\", \"assignedHub\": null}\n]\n",
        &["1 a on=h.net", "2 b new", "3 c new"],
    );
}

/// As the export of an IoT hub and as `az iot hub device-identity list` give them.
#[test]
fn device_identities_are_a_fleet() {
    check(
        "{\"id\":\"a\",\"eTag\":\"MQ==\",\"status\":\"enabled\",\"authentication\":{\"type\":\"sas\"},\
         \"capabilities\":{\"iotEdge\":true}}\n",
        &["1 a edge=true"],
    );
    check(
        "[{\"deviceId\":\"a\",\"status\":\"disabled\",\"authenticationType\":\"sas\",\
         \"capabilities\":{\"iotEdge\":false}}]",
        &["1 a edge=false"],
    );
}

const DECISION: &str = r#"{"log":"decision","version":2,"time":"2026-12-01T00:00:00Z","registrationId":"a","outcome":"assigned","reason":"weighted"}"#;

#[test]
fn lines_of_the_decision_log_are_a_fleet() {
    check(DECISION, &["1 log a"]);
    let log = format!(
        "{{\"log\":\"started\"}}\n2026-12-01 web-1 {DECISION}\nplain text\n{}\n",
        &DECISION[..DECISION.len() - 9]
    );
    check(
        &log,
        &[
            "2 log a",
            "4 ! the line of a decision is cut before its end",
            "2 others",
        ],
    );
    // A query of Application Insights, as a CSV file.
    let cell = DECISION.replace('"', "\"\"");
    check(&format!("timestamp,message\nx,\"{cell}\"\n"), &["2 log a"]);
}

#[test]
fn lines_that_are_not_devices_are_named() {
    check(
        "id,enrollment\na\nb,g\nc,g,h\n",
        &[
            "2 ! its values (1) are not as many as the columns of the first line (2)",
            "3 b group=g",
            "4 ! its values (3) are not as many as the columns of the first line (2)",
        ],
    );
    check(
        "id,iotEdge\na,maybe\n",
        &["2 ! iotEdge `maybe` is neither true nor false"],
    );
    check("id,payload\na,{\n", &["2 ! its payload is not JSON"]);
    check(
        "{\"registrationId\":\"a\"}\n{\"name\":\"b\"}\n{\"registrationId\":\"c",
        &[
            "1 a",
            "2 ! it has no `registrationId`",
            "3 ! its JSON is cut before its end",
        ],
    );
    assert_eq!(read(&b"id\na\n\xe9\n"[..]), ["2 a", "3 ! it is not UTF-8"]);
}

#[test]
fn a_file_that_is_no_fleet_is_named_for_what_it_is() {
    let refused = |bytes: &[u8]| {
        let source = Box::new(Cursor::new(bytes.to_vec()));
        let reader = FleetReader::new("fleet", source, Arc::new(AtomicU64::new(0)));
        reader.map(|_| ()).unwrap_err().to_string()
    };
    let empty = refused(b"");
    assert!(
        empty.starts_with("it is empty") && empty.ends_with("a log one for each decision"),
        "{empty}"
    );
    for utf16 in [
        &b"\xff\xfei\0d\0"[..],
        b"\xfe\xff\0i\0d",
        b"i\0d\0",
        b"\0i\0d",
    ] {
        assert!(refused(utf16).starts_with("it is UTF-16; save it as UTF-8"));
    }
    assert_eq!(
        refused(b"registrationId;enrollment\na;b\n"),
        "its columns are separated by semicolons; separate them by commas"
    );
    assert!(refused(b"id\tb\n").contains("separated by tabs"));
    assert_eq!(
        refused(b"name,site\na,b\n"),
        "its first line, `name,site`, names no column for ids; name one of the columns \
         `registrationId`"
    );
    assert!(refused(b"id,enrollment,Enrollment\n").contains("say the same"));
}

/// Memory does not grow with a line, or with a quote that is not closed.
#[test]
fn a_line_without_an_end_is_one_fault() {
    let long = "x".repeat(5 << 20);
    let found = read(format!("id\n{long}\nb\n"));
    assert_eq!(found.len(), 2, "{:?}", found.first());
    assert!(found[0].contains("more than 2 MiB"), "{}", found[0]);
    assert_eq!(found[1], "3 b");
    let many = "a,1\n".repeat(1 << 20);
    let found = read(format!("id,n\n\"open,1\n{many}"));
    assert!(found[0].starts_with("2 ! it has more than 2 MiB, or a quote"));
    assert!(found.last().is_some_and(|it| it.ends_with(" a")));
}

#[test]
fn an_array_without_its_end_is_broken_wherever_it_is_cut() {
    let whole = "[{\"id\": \"a\"}, {\"id\": \"b\"}]";
    for end in 1..whole.len() {
        let cut = &whole[..end];
        let batches: Vec<_> = reader(cut).collect();
        let broken = batches.iter().filter_map(|it| it.as_ref().err());
        let broken: Vec<String> = broken.map(ToString::to_string).collect();
        let expected =
            "`fleet` cannot be read to its end: the file ends before its JSON array does";
        assert_eq!(broken, [expected], "{cut}");
        assert!(batches.last().is_some_and(Result::is_err), "{cut}");
    }
    assert!(reader(whole).all(|it| it.is_ok()));
}
