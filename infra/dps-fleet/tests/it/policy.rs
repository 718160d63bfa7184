//! A small policy, and scenario files about it.

use dps_allocation::Policy;
use dps_allocation::tables::{TableName, Tables};
use dps_fleet::scenario::{Entry, Outcome, Subject, Suite};

/// Two hubs in two pools; a tenant that a certificate or a row names; a rule; a rollout of a half.
const ROWS: &[(TableName, &str)] = &[
    (
        TableName::Hubs,
        "hub|weu-1.azure-devices.net|pools=eu|twin=site",
    ),
    (TableName::Hubs, "hub|eus-1.azure-devices.net|pools=us;eu"),
    (TableName::Enrollments, "enrollment|factory|tenants=acme"),
    (
        TableName::Enrollments,
        "enrollment|sold|tenants=acme;other|deviceRows=required",
    ),
    (
        TableName::Enrollments,
        "enrollment|unsure|tenants=acme|deviceRows=optional",
    ),
    (
        TableName::Enrollments,
        "enrollment|certs|tenants=acme;other|tenantFrom=cert.subject.organizationalUnit",
    ),
    (
        TableName::Tenants,
        "tenant|acme|reply={\"hello\": \"${registrationId}\", \"n\": 1}",
    ),
    (TableName::Tenants, "tenant|other|pools=us"),
    (
        TableName::Rules,
        "acme|10-de|when=payload.country == 'DE'|pools=eu",
    ),
    (
        TableName::Rules,
        "acme|20-lost|when=payload.lost == true|refuse=true",
    ),
    (
        TableName::Rules,
        "acme|30-lot|when='2' in payload.?lot.orValue([])|refuse=true",
    ),
    (
        TableName::Rollouts,
        "acme|half|from=weu-1.azure-devices.net|to=eus-1.azure-devices.net|cohort=existing|\
         steps=2026-12-01=50% 2027-01-01=100%|include=canary-*",
    ),
    (
        TableName::Twins,
        "*|site|tags={\"site\": \"ams\"}|desired={\"n\": 1}",
    ),
    (TableName::Devices, "sold-1|device|tenant=other"),
];

pub(crate) fn tables() -> Tables {
    tables_of(ROWS)
}

/// Tables of rows such as `hub|a.azure-devices.net|weight=2`.
pub(crate) fn tables_of(rows: &[(TableName, &str)]) -> Tables {
    let mut tables = Tables::default();
    for (name, row) in rows {
        let table = tables.table_mut(*name);
        let mut cells = row.split('|');
        let keys = ["PartitionKey", "RowKey"].map(|key| (key, cells.next().unwrap()));
        let cells = keys
            .into_iter()
            .chain(cells.map(|cell| cell.split_once('=').unwrap()));
        let cells: Vec<(usize, &str)> = cells
            .map(|(name, text)| (table.column(name), text))
            .collect();
        table.push(None, cells).unwrap();
    }
    tables
}

/// The results of a scenario file.
pub(crate) fn test(text: &str) -> Suite {
    let tables = tables();
    let reading = Policy::read(&tables);
    let policy = reading
        .policy
        .unwrap_or_else(|| panic!("{:?}", reading.findings));
    let read_file = |path: &str| match path {
        "request.json" => Ok(
            br#"{"deviceRuntimeContext": {"registrationId": "a-1"}, "linkedHubs":
            ["eus-1.azure-devices.net"], "enrollmentGroup": {"enrollmentGroupId": "factory"}}"#
                .to_vec(),
        ),
        "broken.json" => Ok(b"{".to_vec()),
        _ => Err("there is no such file".to_owned()),
    };
    Subject::new(&policy, &tables).test("x.test.toml", text, &read_file)
}

/// The result of a file with one entry.
#[track_caller]
pub(crate) fn entry(text: &str) -> Entry {
    let [entry] = <[Entry; 1]>::try_from(test(text).entries).unwrap();
    entry
}

/// The outcome of an entry in a line.
pub(crate) fn outcome_of(entry: &Entry) -> String {
    match &entry.outcome {
        Outcome::Passed => "passed".to_owned(),
        Outcome::Failed(because) => format!("failed: {}", because.join("; ")),
        Outcome::Broken(because) => format!("broken: {}", because.join("; ")),
    }
}
