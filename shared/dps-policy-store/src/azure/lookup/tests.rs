use std::sync::Arc;

use async_trait::async_trait;
use dps_allocation::{Decision, DeviceFact, DeviceRecord, Facts, Policy, Registration, decide};
use jiff::Timestamp;
use serde_json::json;

use super::*;
use crate::CsvFolder;
use crate::azure::exchange::Exchange;
use crate::azure::sign::Signer;
use crate::azure::token::tests::{Gives, Source};
use crate::azure::transport::Transport;
use crate::azure::{AccessFault, Connection};

/// What the store says of the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Store {
    /// Its row: it is of the tenant `sold`, whose hub is `b.net`.
    Row,
    NoRow,
    /// It takes the request and never answers.
    Hangs,
    /// It refuses to say.
    Fails,
}

impl Store {
    /// Its tables, where tokens are given like this.
    fn tables(self, gives: &[Gives]) -> AzureTables {
        let signer = Arc::new(Signer::Tokens(Source::new(gives).tokens()));
        let text = "AccountName=a;AccountKey=d3Jvbmc=;TableEndpoint=https://a.example";
        let connection = Connection::parse(text).unwrap();
        let transport = Transport::over(Arc::new(self), signer);
        AzureTables::over(transport, connection, "Dps".parse().unwrap())
    }
}

/// Without a network, so that time may be paused: it then goes on only while everybody waits for it.
#[async_trait]
impl Exchange for Store {
    async fn exchange(&self, request: reqwest::Request) -> reqwest::Result<reqwest::Response> {
        let (status, body) = match self {
            Self::Row => (
                200,
                r#"{"odata.metadata":"","odata.etag":"W/1","PartitionKey":"pump","RowKey":"device","tenant":"sold"}"#,
            ),
            // The row itself, then queries for other spellings.
            Self::NoRow if request.url().path().contains("RowKey='device'") => (
                404,
                r#"{"odata.error":{"code":"ResourceNotFound","message":{"lang":"en-US","value":"none"}}}"#,
            ),
            Self::NoRow => (200, r#"{"odata.metadata":"","value":[]}"#),
            Self::Fails => (
                403,
                r#"{"odata.error":{"code":"AuthorizationFailure","message":{"lang":"en-US","value":"no"}}}"#,
            ),
            Self::Hangs => std::future::pending().await,
        };
        let answer = http::Response::builder()
            .status(status)
            .header("content-type", "application/json")
            .header("etag", "W/1")
            .header("x-ms-request-id", "5c1b7a52-3002-0012-5f3c-000000000000")
            .header("x-ms-version", "2019-02-02")
            .header("server", "Windows-Azure-Table/1.0")
            .header("date", "Wed, 25 Nov 2026 12:00:00 GMT")
            .body(body)
            .unwrap();
        Ok(answer.into())
    }
}

const FAST: Gives = Gives::Token {
    after: 0,
    lasts: 3_600,
};
/// Later than the lookups of a second.
const SLOW: Gives = Gives::Token {
    after: 5,
    lasts: 3_600,
};
const EXPIRED: Gives = Gives::Token {
    after: 0,
    lasts: -1,
};

/// Looks a device up twice, and once more after the slowest token; what that comes to.
async fn check(gives: &[Gives], limit: Duration, expected: [&str; 3]) {
    let tables = Store::Row.tables(gives);
    let id = RegistrationId::parse("pump").unwrap();
    let mut found = Vec::new();
    for number in 0..expected.len() {
        if number + 1 == expected.len() {
            tokio::time::sleep(Duration::from_secs(6)).await;
        }
        found.push(match tables.device(&id, limit).await {
            Ok(Some(_row)) => "row",
            Ok(None) => "no row",
            Err(ReadError::TooSlow { .. }) => "late",
            Err(ReadError::Access(error)) if error.fault() == AccessFault::NoToken => "no token",
            Err(error) => panic!("{error:?}"),
        });
    }
    assert_eq!(found, expected, "{gives:?} {limit:?}");
}

#[tokio::test(start_paused = true)]
async fn a_row_is_found_once_a_slow_token_has_come() {
    let (short, long) = (Duration::from_secs(1), Duration::from_secs(30));
    let cases = [
        (&[FAST][..], short, ["row", "row", "row"]),
        (&[FAST], long, ["row", "row", "row"]),
        (&[SLOW], short, ["late", "late", "row"]),
        (&[SLOW], long, ["row", "row", "row"]),
        (&[EXPIRED, SLOW], short, ["row", "late", "row"]),
        (&[EXPIRED, SLOW], long, ["row", "row", "row"]),
        (
            &[Gives::Failure, FAST],
            short,
            ["no token", "no token", "row"],
        ),
        (&[Gives::Failure], long, ["no token"; 3]),
        (&[Gives::Nothing], short, ["late"; 3]),
    ];
    let checks = cases.map(|(gives, limit, expected)| check(gives, limit, expected));
    futures_util::future::join_all(checks).await;
}

const DEVICE_ROWS: [&str; 4] = ["off", "optional", "required", "bestEffort"];

/// Without its row the device is of the tenant `own`, whose hub is `a.net`.
fn policy(device_rows: &str) -> Policy {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("hubs", "hub,a.net,own\nhub,b.net,sold\n"),
        ("tenants", "tenant,own,own\ntenant,sold,sold\n"),
    ] {
        let text = format!("PartitionKey,RowKey,pools\n{text}");
        std::fs::write(folder.path().join(format!("{name}.csv")), text).unwrap();
    }
    let text = format!(
        "PartitionKey,RowKey,tenants,tenantFrom,deviceRows\n\
         enrollment,group,own;sold,'own',{device_rows}\n"
    );
    std::fs::write(folder.path().join("enrollments.csv"), text).unwrap();
    let tables = CsvFolder::new(folder.path()).read().unwrap().tables;
    Policy::read(&tables).policy.unwrap()
}

/// What becomes of the device, on its hub or without one, after one lookup.
fn decided(
    policy: &Policy,
    device_rows: &str,
    current: Option<&str>,
    found: &Result<Option<StoredDevice>, ReadError>,
) -> String {
    let record = match found {
        Ok(Some(stored)) => Some(DeviceRecord::read(stored.row.clone()).unwrap()),
        _ => None,
    };
    let device = match (found, &record) {
        _ if device_rows == "off" => DeviceFact::NotRead,
        (_, Some(record)) => DeviceFact::Row(policy.recorded_device(record).unwrap().unwrap()),
        (Ok(_), None) => DeviceFact::Missing,
        (Err(_), None) => DeviceFact::Unavailable,
    };
    let body = json!({
        "enrollmentGroup": {
            "enrollmentGroupId": "group",
            "attestation": {"type": "symmetricKey"},
        },
        "deviceRuntimeContext": {
            "registrationId": "pump",
            "symmetricKey": {},
            "currentIotHubHostName": current,
        },
        "linkedHubs": ["a.net", "b.net"],
    });
    let body = body.to_string();
    let registration = Registration::parse(body.as_bytes()).unwrap();
    let now = Timestamp::UNIX_EPOCH;
    match decide(policy, &registration, &Facts { now, device }) {
        Decision::Assigned(it) => format!("{} {}", it.hub, it.reason.as_str()),
        other => other.reason().to_owned(),
    }
}

/// The decisions for each of [`DEVICE_ROWS`]: of a new device, and of one on the hub of its row.
async fn check_decisions(
    policies: &[Policy; 4],
    gives: &[Gives],
    store: Store,
    limit: Duration,
    expected: [[&str; 4]; 2],
) {
    let tables = store.tables(gives);
    let id = RegistrationId::parse("pump").unwrap();
    // The first token of an expired one is of no use to the second lookup.
    let _first = tables.device(&id, limit).await;
    let found = tables.device(&id, limit).await;
    let currents = [None, Some("b.net")];
    let decided = currents.map(|current| {
        let cases = policies.iter().zip(DEVICE_ROWS);
        let decided = cases.map(|(policy, rows)| decided(policy, rows, current, &found));
        decided.collect::<Vec<_>>()
    });
    assert_eq!(
        decided, expected,
        "{gives:?} {store:?} {limit:?}: {found:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn token_and_store_and_deadline_and_device_rows_decide() {
    let policies = DEVICE_ROWS.map(policy);
    let (short, long) = (Duration::from_secs(1), Duration::from_secs(30));
    // In the order of DEVICE_ROWS: off, optional, required, bestEffort.
    let row = [
        [
            "a.net weighted",
            "b.net weighted",
            "b.net weighted",
            "b.net weighted",
        ],
        ["a.net weighted", "b.net stay", "b.net stay", "b.net stay"],
    ];
    let missing = [
        [
            "a.net weighted",
            "a.net weighted",
            "unknownDevice",
            "a.net weighted",
        ],
        [
            "a.net weighted",
            "a.net weighted",
            "unknownDevice",
            "a.net weighted",
        ],
    ];
    let unknown = [
        [
            "a.net weighted",
            "storeUnavailable",
            "storeUnavailable",
            "a.net weighted",
        ],
        [
            "a.net weighted",
            "b.net stayUnverified",
            "storeUnavailable",
            "a.net weighted",
        ],
    ];
    let mut checks = Vec::new();
    for (store, answered) in [
        (Store::Row, row),
        (Store::NoRow, missing),
        (Store::Fails, unknown),
        (Store::Hangs, unknown),
    ] {
        for (gives, limit, expected) in [
            (&[FAST][..], short, answered),
            (&[SLOW], short, unknown),
            (&[SLOW], long, answered),
            (&[EXPIRED, SLOW], short, unknown),
            (&[EXPIRED, SLOW], long, answered),
            (&[EXPIRED, Gives::Failure], short, unknown),
            (&[Gives::Failure], short, unknown),
            (&[Gives::Panic], short, unknown),
            (&[Gives::Nothing], short, unknown),
        ] {
            checks.push(check_decisions(&policies, gives, store, limit, expected));
        }
    }
    futures_util::future::join_all(checks).await;
}
