//! Expressions over payloads.

use dps_allocation::tables::{TableName, Tables};
use dps_allocation::{Policy, Registration};
use serde_json::value::RawValue;

use crate::{case, csv_file, most_heap};

const KEYS: &str = "PartitionKey,RowKey";

/// What the expression is for, one policy each: what is good as a condition is not a place.
const USES: [(TableName, &str, &str); 6] = [
    (TableName::Rules, "when,refuse", "*,1,{},true"),
    (
        TableName::Rollouts,
        "to,when,steps",
        "*,1,b.azure-devices.net,{},50%",
    ),
    (
        TableName::Enrollments,
        "tenants,tenantFrom",
        "enrollment,g*,*,{}",
    ),
    (
        TableName::Tenants,
        "locationFrom,placement",
        "tenant,t,{},latency",
    ),
    (TableName::Tenants, "reply", "tenant,t,{json}"),
    (TableName::Twins, "tags,desired", "*,d,{json},{json}"),
];

/// The tables around it.
const TABLES: [(TableName, &str, &[&str]); 4] = [
    (
        TableName::Hubs,
        "region,twin",
        &[
            "hub,a.azure-devices.net,westeurope,",
            "hub,b.azure-devices.net,eastus,d",
        ],
    ),
    (
        TableName::Enrollments,
        "tenants,twin",
        &["enrollment,g,t,d"],
    ),
    (TableName::Tenants, "twin", &["tenant,t,d"]),
    (TableName::Twins, "tags", &["*,d,{}"]),
];

/// Compiles the text before the first line break, and evaluates it over the JSON after it.
pub fn expression(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (expression, payload) = text.split_once('\n').unwrap_or((&text, "null"));
    let quoted;
    let payload = if serde_json::from_str::<&RawValue>(payload).is_ok() {
        payload
    } else {
        quoted = case::must(serde_json::to_string(payload).ok());
        &quoted
    };
    let body = format!(
        "{{\"enrollmentGroup\": {{\"enrollmentGroupId\": \"g\"}}, \
         \"deviceRuntimeContext\": {{\"registrationId\": \"device-01\", \"payload\": {payload}}}, \
         \"linkedHubs\": [\"a.azure-devices.net\", \"b.azure-devices.net\"]}}"
    );
    // Nested too deeply, or longer than any request.
    if body.len() > crate::MAX_INPUT {
        return;
    }
    let Ok(registration) = Registration::parse(body.as_bytes()) else {
        return;
    };
    for used in USES {
        let tables = tables(used, expression);
        // All patterns together have 16 MiB; one takes twice its size while it is compiled.
        most_heap(32, || {
            let reading = Policy::read(&tables);
            for finding in &reading.findings {
                assert!(!finding.rule.is_empty() && !finding.help.is_empty());
            }
            if let Some(policy) = reading.policy {
                case::decide(&policy, &registration);
            }
        });
    }
}

fn tables((name, columns, row): (TableName, &str, &str), expression: &str) -> Tables {
    let json = case::must(serde_json::to_string(&format!("${{{expression}}}")).ok());
    let json = format!("{{\"m\": {json}}}");
    let cell = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let row = row
        .replace("{json}", &cell(&json))
        .replace("{}", &cell(expression));
    let mut tables = Tables::default();
    // The row of the expression comes first, and takes the place of one with the same key.
    let file = format!("{KEYS},{columns}\n{row}\n");
    csv_file::parse(name, file.as_bytes(), &mut tables);
    let key = |row: &str| {
        row.split(',')
            .take(2)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    for (other, columns, rows) in TABLES {
        let rows: Vec<&str> = rows
            .iter()
            .copied()
            .filter(|it| other != name || key(it) != key(&row))
            .collect();
        let file = format!("{KEYS},{columns}\n{}\n", rows.join("\n"));
        csv_file::parse(other, file.as_bytes(), &mut tables);
    }
    tables
}
