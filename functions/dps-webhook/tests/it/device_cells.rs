//! Residency, group and attributes of a device's row: the same by key from Azure Tables and from a
//! folder, and in no log.

use dps_allocation::IdKey;
use dps_allocation::tables::TableName;
use dps_policy_store::PolicyStore;
use dps_webhook::{Endpoints, Lines, LoggedIds};
use serde_json::{Value, json};

use crate::tables::Cloud;
use crate::webhook::{Answer, Webhook, Written, app, request};

type Row = (
    TableName,
    (&'static str, &'static str),
    &'static [(&'static str, &'static str)],
);

/// What is marked must be in no log.
const ROWS: [Row; 6] = [
    (
        TableName::Hubs,
        ("hub", "weu.azure-devices.net"),
        &[("geography", "DE"), ("region", "westeurope")],
    ),
    (
        TableName::Hubs,
        ("hub", "neu.azure-devices.net"),
        &[("geography", "EU")],
    ),
    (
        TableName::Twins,
        ("*", "serial"),
        &[
            ("tags", r#"{"serial": "${device.attributes.serial}"}"#),
            (
                "reply",
                r#"{"site": "${device.attributes.site}", "hub": "${hub.name}", "key": "marked-5"}"#,
            ),
        ],
    ),
    (
        TableName::Rules,
        ("acme", "050-pro"),
        &[
            ("when", "device.attributes.sku == 'Pro'"),
            ("twin", "serial"),
        ],
    ),
    (
        TableName::Devices,
        ("pump-1", "device"),
        &[
            ("tenant", "acme"),
            ("residency", "DE"),
            ("group", "Marked-1"),
            (
                "attributes",
                r#"{"sku": "Pro", "serial": "marked-2", "site": "marked-3"}"#,
            ),
        ],
    ),
    (
        TableName::Devices,
        ("pump-2", "device"),
        &[
            ("tenant", "acme"),
            ("residency", "EU"),
            ("attributes", r#"{"sku": "marked-4"}"#),
        ],
    ),
];

fn csv(name: TableName) -> String {
    let rows = || ROWS.into_iter().filter(|(table, ..)| *table == name);
    let mut columns: Vec<&str> = rows()
        .flat_map(|(.., cells)| cells)
        .map(|it| it.0)
        .collect();
    columns.sort_unstable();
    columns.dedup();
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let line = |(_, keys, cells): Row| {
        let cell = |column: &&str| {
            cells
                .iter()
                .find(|it| it.0 == *column)
                .map_or("", |it| it.1)
        };
        let cells = columns.iter().map(|column| quoted(cell(column)));
        format!(
            "{},{},{}\n",
            keys.0,
            keys.1,
            cells.collect::<Vec<_>>().join(",")
        )
    };
    let rows: String = rows().map(line).collect();
    format!("PartitionKey,RowKey,{}\n{rows}", columns.join(","))
}

fn asked(id: &str) -> Value {
    let mut request = request("sold", Value::Null);
    request["deviceRuntimeContext"]["registrationId"] = json!(id);
    request["linkedHubs"] = json!(["weu.azure-devices.net", "neu.azure-devices.net"]);
    request
}

/// What both devices are answered, twice, and everything that is logged.
async fn answers(store: &PolicyStore, ids: LoggedIds) -> (Vec<Value>, String, Vec<Value>) {
    let (events, _guard) = Written::log();
    let written = Written::default();
    let lines = Lines::to(written.clone());
    let (mut app, mut refresh) = app(store, &lines);
    refresh.poll().await;
    app.ids = ids;
    let endpoints = Endpoints::new(app, None);
    let mut answers = Vec::new();
    for id in ["Pump-1", "pump-2", "pump-1", "PUMP-2"] {
        let body = axum::body::Body::from(asked(id).to_string());
        let request = axum::http::Request::post("/api/allocate").body(body);
        let answer = Answer::of(&endpoints, request.unwrap()).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answers.push(answer.json());
    }
    let lines = written.after(&lines);
    let text = lines.iter().map(Value::to_string).collect::<String>() + &events.text();
    (answers, text, lines)
}

#[track_caller]
fn check(answers: &[Value], text: &str, lines: &[Value], group: &str) {
    let first = json!({
        "iotHubHostName": "weu.azure-devices.net",
        "initialTwin": {"tags": {"serial": "marked-2"}, "properties": {"desired": {}}},
        "payload": {"site": "marked-3", "hub": "weu.azure-devices.net", "key": "marked-5"},
    });
    let second = json!({"iotHubHostName": "neu.azure-devices.net"});
    assert_eq!(answers, [first.clone(), second.clone(), first, second]);
    assert!(!text.to_lowercase().contains("marked"), "{text}");
    let device = json!({
        "tenant": "acme", "residency": "de", "group": "withheld", "attributes": "withheld",
    });
    for line in [&lines[0], &lines[2]] {
        assert_eq!(line["device"], device);
        assert_eq!(line["group"], group);
        let found: Vec<&Value> = line["evidence"].as_array().unwrap().iter().collect();
        assert_eq!(found[0]["found"], json!({"condition": true}), "{line}");
        assert_eq!(
            found[1]["found"],
            json!({"drawn": "weu.azure-devices.net"}),
            "{line}"
        );
    }
    assert_eq!(lines[1]["group"], Value::Null);
}

#[tokio::test]
async fn rows_of_a_folder() {
    let webhook = Webhook::new();
    for name in [
        TableName::Hubs,
        TableName::Twins,
        TableName::Rules,
        TableName::Devices,
    ] {
        webhook.write(&name.file_name(), &csv(name));
    }
    webhook.write(
        "enrollments.csv",
        "PartitionKey,RowKey,tenants,deviceRows\nenrollment,sold,acme,required\n",
    );
    let (found, text, lines) = answers(&webhook.store(), LoggedIds::default()).await;
    check(&found, &text, &lines, "withheld");
    let key = IdKey::parse("0123456789abcdef0123456789abcdef").unwrap();
    let group = key.hide("marked-1");
    let (found, text, lines) = answers(&webhook.store(), LoggedIds::new(Some(key))).await;
    check(&found, &text, &lines, &group);
}

#[tokio::test]
async fn rows_that_are_read_by_key() {
    let cloud = Cloud::new().await;
    for (table, keys, cells) in ROWS {
        cloud.edit(table, keys, cells).await;
    }
    let (found, text, lines) = answers(&cloud.store(), LoggedIds::default()).await;
    check(&found, &text, &lines, "withheld");
}
