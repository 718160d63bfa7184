//! One decision and one policy read: 10,000 tenants, 50 hubs, 60 regions, a rule and a rollout.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a bench may fail on its own data"
)]

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use dps_allocation::tables::{TableName, Tables};
use dps_allocation::{Decision, DeviceFact, Facts, Policy, Registration, decide};
use jiff::Timestamp;

const HUBS: usize = 50;
const REGIONS: usize = 60;

fn fill(tables: &mut Tables, name: TableName, columns: &[&str], rows: &[Vec<String>]) {
    let table = tables.table_mut(name);
    let columns: Vec<usize> = columns.iter().map(|name| table.column(name)).collect();
    for row in rows {
        let cells = columns.iter().copied().zip(row.iter().map(String::as_str));
        table
            .push(None, cells)
            .expect("the bench's tables are small");
    }
}

fn strings<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.iter().map(|cell| (*cell).to_owned()).collect()
}

/// Tables with that many tenants, each with an enrollment of its own.
fn tables(tenants: usize) -> Tables {
    let mut tables = Tables::default();
    let hubs: Vec<_> = (0..HUBS)
        .map(|hub| {
            let pool = format!("pool-{}", hub % 4);
            let region = format!("region-{}", hub % REGIONS);
            vec![
                "hub".to_owned(),
                host(hub),
                region,
                pool,
                (hub % 3 + 1).to_string(),
            ]
        })
        .collect();
    let columns = ["PartitionKey", "RowKey", "region", "pools", "weight"];
    fill(&mut tables, TableName::Hubs, &columns, &hubs);
    let rows: Vec<_> = (0..tenants)
        .map(|tenant| {
            let pool = format!("pool-{}", tenant % 4);
            let mut row = strings(["tenant", "", "", "latency", "40"]);
            row[1] = format!("tenant-{tenant:06}");
            row[2] = pool;
            row
        })
        .collect();
    let columns = [
        "PartitionKey",
        "RowKey",
        "pools",
        "placement",
        "toleranceMs",
    ];
    fill(&mut tables, TableName::Tenants, &columns, &rows);
    let rows: Vec<_> = (0..tenants)
        .map(|tenant| {
            let mut row = strings(["enrollment", "", "", "location-7"]);
            row[1] = format!("group-{tenant:06}");
            row[2] = format!("tenant-{tenant:06}");
            row
        })
        .collect();
    let columns = ["PartitionKey", "RowKey", "tenants", "location"];
    fill(&mut tables, TableName::Enrollments, &columns, &rows);
    let mut latency = Vec::new();
    for location in 0..20 {
        for region in 0..REGIONS {
            let ms = (location * 7 + region * 13) % 100 + 5;
            latency.push(vec![
                format!("location-{location}"),
                format!("region-{region}"),
                ms.to_string(),
            ]);
        }
    }
    let columns = ["PartitionKey", "RowKey", "milliseconds"];
    fill(&mut tables, TableName::Latency, &columns, &latency);
    let columns = ["PartitionKey", "RowKey", "pools"];
    let rule = [strings(["tenant-000001", "100-narrow", "pool-1"])];
    fill(&mut tables, TableName::Rules, &columns, &rule);
    let columns = ["PartitionKey", "RowKey", "to", "steps"];
    let rollout = [strings(["*", "spread", "pool-1", "10%"])];
    fill(&mut tables, TableName::Rollouts, &columns, &rollout);
    tables
}

/// Columns and cells of one tenant more, whose device meets every column that a decision can read.
const EVERYTHING: [(TableName, &str, &str); 13] = [
    (
        TableName::Hubs,
        "region|geography|pools|tenants|state|begins",
        "hub|own.azure-devices.net|region-1|EU|own|every*|draining|2027-01-01",
    ),
    (
        TableName::Enrollments,
        "tenants|location|deviceRows|residency",
        "enrollment|everything|everything|location-7|optional|EU",
    ),
    (
        TableName::Tenants,
        "pools|placement|groupFrom|twin|reply",
        r#"tenant|everything|own|latency|payload.gateway|base|{"hub": "${hub.name}"}"#,
    ),
    (
        TableName::Rules,
        "mode|when|refuse",
        "everything|100-quarantine|also|has(payload.quarantine)|true",
    ),
    (
        TableName::Rules,
        "mode|unless|refuse",
        "everything|200-sold|also|device.attributes.sold|true",
    ),
    (
        TableName::Rules,
        "mode|when|twin",
        "everything|300-expiring|also|now > timestamp('2026-06-01T00:00:00Z')|renew",
    ),
    (
        TableName::Rules,
        "when|pools",
        "everything|400-rest|registrationId.startsWith('x')|own",
    ),
    (
        TableName::Rollouts,
        "to|cohort|anew|minGainMs|steps",
        "everything|spread|own|existing|true|5|50%",
    ),
    (
        TableName::Rollouts,
        "twin|steps",
        "everything|trial|trial|100%",
    ),
    (
        TableName::Devices,
        "tenant|residency|group|attributes",
        r#"breakroom499-contoso-tstrsd-007|device|everything|EU|building-7|{"sold": true}"#,
    ),
    (
        TableName::Twins,
        "tags|reply",
        r#"everything|base|{"tenant": "a"}|{"interval": 30}"#,
    ),
    (
        TableName::Twins,
        "tags|reply",
        r#"everything|renew|{"renew": true}|{"interval": 30}"#,
    ),
    (
        TableName::Twins,
        "tags|reply",
        r#"everything|trial|{"trial": 1}|{"interval": 30}"#,
    ),
];

fn with_everything(mut tables: Tables) -> Tables {
    for (name, columns, row) in EVERYTHING {
        let key = ["PartitionKey", "RowKey"].into_iter();
        let columns: Vec<_> = key.chain(columns.split('|')).collect();
        let row = row.split('|').map(str::to_owned).collect();
        fill(&mut tables, name, &columns, &[row]);
    }
    tables
}

const ID: &str = "breakroom499-contoso-tstrsd-007";

fn host(hub: usize) -> String {
    format!("contoso-fleet-hub-{hub:04}.azure-devices.net")
}

/// How a request orders its linked hubs, relative to the policy.
#[derive(Clone, Copy)]
enum Order {
    /// As the policy does.
    Same,
    /// No hub follows the one before it in the policy.
    Other,
}

impl Order {
    /// The hub at a place of the list.
    fn hub(self, place: usize) -> usize {
        match self {
            Self::Same => place,
            // 7 and 50 have no common divisor, so each hub comes once.
            Self::Other => place * 7 % HUBS,
        }
    }
}

fn body(tenant: usize, order: Order) -> String {
    let mut hubs = String::new();
    for place in 0..HUBS {
        let comma = if place == 0 { "" } else { "," };
        let host = host(order.hub(place));
        write!(hubs, "{comma}\"{host}\"").expect("writing to a string");
    }
    format!(
        r#"{{"enrollmentGroup":{{"enrollmentGroupId":"group-{tenant:06}"}},
            "deviceRuntimeContext":{{"registrationId":"{ID}",
            "symmetricKey":{{}}}},"linkedHubs":[{hubs}]}}"#
    )
}

fn benches(criterion: &mut Criterion) {
    let policy = Policy::read(&tables(10_000))
        .policy
        .expect("the bench's policy is good");
    let now = "2026-12-01T00:00Z".parse().expect("a time");
    let facts = Facts {
        now,
        device: DeviceFact::NotRead,
    };
    for (name, order) in [
        ("decide, 50 linked hubs", Order::Same),
        ("decide, 50 linked hubs in another order", Order::Other),
    ] {
        let text = body(1, order);
        let registration = Registration::parse(text.as_bytes()).expect("the bench's request");
        criterion.bench_function(name, |bencher| {
            bencher.iter(|| black_box(decide(&policy, black_box(&registration), &facts)));
        });
    }
    everything(criterion, now, "decide, with every column", Order::Same);
    everything(
        criterion,
        now,
        "decide, with every column, hubs in another order",
        Order::Other,
    );
    let text = body(1, Order::Same);
    criterion.bench_function("parse the request", |bencher| {
        bencher.iter(|| black_box(Registration::parse(black_box(text.as_bytes()))));
    });
    let many = tables(50_000);
    let mut group = criterion.benchmark_group("read a policy");
    group.sample_size(10);
    group.bench_function("100,000 rows", |bencher| {
        bencher.iter(|| black_box(Policy::read(black_box(&many))));
    });
    group.finish();
}

fn everything(criterion: &mut Criterion, now: Timestamp, name: &str, order: Order) {
    let policy = Policy::read(&with_everything(tables(100)))
        .policy
        .expect("the bench's policy is good");
    let text = body(1, order)
        .replace("group-000001", "everything")
        .replace(
            "\"symmetricKey\":{}}",
            "\"symmetricKey\":{},\"payload\":{\"gateway\":\"gw-1\"}}",
        );
    let text = text.replace(&host(0), "own.azure-devices.net");
    let registration = Registration::parse(text.as_bytes()).expect("the bench's request");
    let row = policy.device(&registration.id).expect("the bench's row");
    let facts = Facts {
        now,
        device: DeviceFact::Row(row),
    };
    let decision = decide(&policy, &registration, &facts);
    assert!(
        matches!(&decision, Decision::Assigned(it) if it.payload.is_some() && it.group.is_some()),
        "{decision:?}"
    );
    criterion.bench_function(name, |bencher| {
        bencher.iter(|| black_box(decide(&policy, black_box(&registration), &facts)));
    });
    criterion.bench_function(&format!("write the answer: {name}"), |bencher| {
        let Decision::Assigned(assignment) = &decision else {
            return;
        };
        bencher.iter(|| serde_json::to_vec(&black_box(assignment).response()));
    });
}

criterion_group!(all, benches);
criterion_main!(all);
