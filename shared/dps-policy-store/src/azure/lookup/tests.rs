use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Arc, LazyLock};
use std::thread;

use dps_allocation::{Decision, DeviceFact, DeviceRecord, Facts, Policy, Registration, decide};
use jiff::Timestamp;
use serde_json::json;

use super::*;
use crate::CsvFolder;
use crate::azure::sign::Signer;
use crate::azure::token::tests::{Gives, Source};
use crate::azure::transport::Transport;
use crate::azure::{AccessError, Connection};

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
    /// Status and body of the answer to a request line.
    fn answer(self, request: &str) -> (&'static str, &'static str) {
        match self {
            Self::Row => (
                "200 OK",
                r#"{"odata.metadata":"","odata.etag":"W/1","PartitionKey":"pump","RowKey":"device","tenant":"sold"}"#,
            ),
            // The row itself, then queries for other spellings.
            Self::NoRow if request.contains("RowKey='device'") => (
                "404 Not Found",
                r#"{"odata.error":{"code":"ResourceNotFound","message":{"lang":"en-US","value":"none"}}}"#,
            ),
            Self::NoRow => ("200 OK", r#"{"odata.metadata":"","value":[]}"#),
            Self::Hangs | Self::Fails => (
                "403 Forbidden",
                r#"{"odata.error":{"code":"AuthorizationFailure","message":{"lang":"en-US","value":"no"}}}"#,
            ),
        }
    }

    /// Answers every request; its port.
    fn start(self) -> u16 {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        thread::spawn(move || {
            let mut hung = Vec::new();
            for mut client in listener.incoming().map_while(Result::ok) {
                let lines = BufReader::new(client.try_clone().unwrap()).lines();
                let mut lines = lines.map_while(Result::ok);
                let request = lines.next().unwrap_or_default();
                let _head = lines.find(String::is_empty);
                if self == Self::Hangs {
                    hung.push(client);
                    continue;
                }
                let (status, body) = self.answer(&request);
                let length = body.len();
                let _gone = write!(
                    client,
                    "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nETag: W/1\r\n\
                     x-ms-request-id: 5c1b7a52-3002-0012-5f3c-000000000000\r\n\
                     x-ms-version: 2019-02-02\r\nServer: Windows-Azure-Table/1.0\r\nDate: Wed, 25 Nov 2026 12:00:00 GMT\r\n\
                     Connection: close\r\nContent-Length: {length}\r\n\r\n{body}"
                );
            }
        });
        port
    }

    /// Its tables, where tokens are given like this.
    fn tables(self, gives: &[Gives]) -> AzureTables {
        let signer = Arc::new(Signer::Tokens(Source::new(gives).tokens()));
        let port = self.start();
        let text =
            format!("AccountName=a;AccountKey=d3Jvbmc=;TableEndpoint=http://127.0.0.1:{port}");
        let connection = Connection::parse(&text).unwrap();
        let transport = Transport::signed_by(signer, &connection).unwrap();
        AzureTables::over(transport, connection, "Dps".parse().unwrap())
    }
}

const FAST: Gives = Gives::Token {
    after: 0,
    lasts: 3_600,
};
/// Much later than the lookups of a second, also on a machine that is busy.
const SLOW: Gives = Gives::Token {
    after: 8,
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
    let mut told = Vec::new();
    for number in 0..expected.len() {
        if number + 1 == expected.len() {
            tokio::time::sleep(Duration::from_secs(10)).await;
        }
        told.push(match tables.device(&id, limit).await {
            Ok(Some(_row)) => "row",
            Ok(None) => "no row",
            Err(LookupError::TooSlow { .. }) => "late",
            Err(LookupError::Access(AccessError::Token { .. })) => "no token",
            Err(error) => panic!("{error:?}"),
        });
    }
    assert_eq!(told, expected, "{gives:?} {limit:?}");
}

#[tokio::test]
async fn a_slow_token_makes_no_row_disappear_for_good() {
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

/// The policy of each of [`DEVICE_ROWS`]. Made once, and not while lookups wait: it takes longer than
/// they may differ.
static POLICIES: LazyLock<[Policy; 4]> = LazyLock::new(|| DEVICE_ROWS.map(policy));

/// What becomes of the device, on its hub or without one, after one lookup.
fn decided(
    device_rows: &str,
    current: Option<&str>,
    found: &Result<Option<StoredDevice>, LookupError>,
) -> String {
    let number = DEVICE_ROWS.iter().position(|it| *it == device_rows);
    let policy = &POLICIES[number.unwrap()];
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
        Decision::Refused(it) => it.reason.as_str().to_owned(),
        Decision::Unavailable(it) => it.as_str().to_owned(),
    }
}

/// The decisions for each of [`DEVICE_ROWS`]: of a new device, and of one on the hub of its row.
async fn check_decisions(gives: &[Gives], store: Store, limit: Duration, expected: [[&str; 4]; 2]) {
    let tables = store.tables(gives);
    let id = RegistrationId::parse("pump").unwrap();
    // The first token of an expired one is of no use to the second lookup.
    let _first = tables.device(&id, limit).await;
    let found = tables.device(&id, limit).await;
    let currents = [None, Some("b.net")];
    let told = currents.map(|current| DEVICE_ROWS.map(|rows| decided(rows, current, &found)));
    assert_eq!(told, expected, "{gives:?} {store:?} {limit:?}: {found:?}");
}

#[tokio::test]
async fn token_and_store_and_deadline_and_device_rows_decide() {
    LazyLock::force(&POLICIES);
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
            // A store that hangs takes the whole of a long limit.
            if store != Store::Hangs || limit == short {
                checks.push(check_decisions(gives, store, limit, expected));
            }
        }
    }
    futures_util::future::join_all(checks).await;
}
