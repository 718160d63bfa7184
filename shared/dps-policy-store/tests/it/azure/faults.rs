//! A store that throttles, breaks, hangs or is away.

use std::time::Duration;

use azurite::{Azurite, Fault};
use dps_allocation::RegistrationId;
use dps_policy_store::azure::{AccessFault, Change, Network, ReadError, WriteError};

use tokio::time::timeout;

use super::{HUBS, by_proxy, by_proxy_of, insert, list, name, row, write};

/// A client that never gives up fails its test: this is far more than three tries take.
const PATIENCE: Duration = Duration::from_mins(2);

/// Reads a table past the fault: what it comes to, and how many requests it took.
async fn check(fault: Fault, expected: &str) {
    let (direct, through, proxy) = by_proxy().await;
    insert(&direct, HUBS, vec![row("a", "1", &[])]).await;
    proxy.set(fault);
    let rows = timeout(PATIENCE, through.rows(HUBS)).await.unwrap();
    let said = match &rows {
        Ok(rows) => list(rows).join(","),
        Err(ReadError::Access(error)) => match error.fault() {
            AccessFault::Network(network) => format!("{network:?}"),
            AccessFault::Busy if error.to_string().contains("(503 ServerBusy)") => {
                "busy".to_owned()
            }
            fault => format!("{fault:?}"),
        },
        Err(error) => format!("{error:?}"),
    };
    assert_eq!(format!("{said} after {}", proxy.requests()), expected);
}

#[tokio::test]
async fn a_burst_of_failures_is_survived() {
    let unavailable = |times| Fault::ServiceUnavailable {
        retry_after: None,
        times,
    };
    check(unavailable(1), "a/1 after 2").await;
    check(unavailable(2), "a/1 after 3").await;
    check(unavailable(3), "busy after 3").await;
    check(Fault::InternalError { times: 2 }, "a/1 after 3").await;
    check(
        Fault::TooManyRequests {
            retry_after: None,
            times: 2,
        },
        "a/1 after 3",
    )
    .await;
    check(Fault::LoseAnswer { times: 2 }, "a/1 after 3").await;
    check(
        Fault::CutAfter {
            bytes: 20,
            times: 2,
        },
        "a/1 after 3",
    )
    .await;
    check(Fault::Reset, "Broken after 3").await;
}

#[tokio::test]
async fn retry_after_is_honoured_where_the_time_is_enough() {
    let throttled = |seconds| Fault::ServiceUnavailable {
        retry_after: Some(seconds),
        times: 1,
    };
    check(throttled(2), "a/1 after 2").await;
    check(throttled(60), "busy after 1").await;
}

#[tokio::test]
async fn a_store_that_is_away_is_told_and_found_again() {
    let mut azurite = Azurite::start();
    let (_direct, through, proxy) = by_proxy_of(&azurite).await;
    let direct = super::client(&azurite.connection_string(), &super::prefix_of(&through));
    for fault in [Fault::BlackHole, Fault::Refuse] {
        proxy.set(fault.clone());
        let read = timeout(PATIENCE, through.poll()).await;
        let error = read.unwrap().unwrap_err();
        let network = network(&error);
        assert!(
            matches!(network, Network::Timeout | Network::Broken),
            "{fault:?}: {error}"
        );
        proxy.set(Fault::None);
        through.poll().await.unwrap();
    }
    azurite.stop();
    let error = direct.poll().await.unwrap_err();
    assert_eq!(network(&error), Network::Refused, "{error}");
    azurite.restart();
    direct.create_missing_tables().await.unwrap();
    direct.poll().await.unwrap();
}

fn network(error: &ReadError) -> Network {
    match error {
        ReadError::Access(error) => match error.fault() {
            AccessFault::Network(network) => network,
            fault => panic!("{fault:?}"),
        },
        _ => panic!("{error:?}"),
    }
}

#[tokio::test]
async fn a_page_that_fails_in_the_middle_fails_the_whole_read() {
    let (direct, through, proxy) = by_proxy().await;
    let rows = (0..2_500).map(|number| row("hub", &format!("h{number:05}"), &[]));
    insert(&direct, HUBS, rows.collect()).await;
    for page in 1..=3 {
        proxy.set(Fault::NthPageFails(page));
        through.rows(HUBS).await.unwrap_err();
    }
    let hubs = name(&direct, HUBS);
    proxy.set(Fault::OnlyTo(hubs, Box::new(Fault::NthPageFails(2))));
    through.read().await.unwrap_err();
    through.poll().await.unwrap_err();
    proxy.set(Fault::NthPageFails(4));
    assert_eq!(through.rows(HUBS).await.unwrap().len(), 2_500);
}

/// A page of nearly 4 MiB: the most that Azure puts into one.
#[tokio::test]
async fn a_large_page_is_read_over_a_slow_link() {
    let (direct, through, proxy) = by_proxy().await;
    let text = "x".repeat(30_000);
    let names: Vec<String> = (0..15).map(|number| format!("c{number:02}")).collect();
    let cells: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), &*text)).collect();
    let rows = (0..8).map(|number| row("a", &number.to_string(), &cells));
    insert(&direct, HUBS, rows.collect()).await;
    // Longer than any single piece may take.
    proxy.set(Fault::Slow(600_000));
    assert_eq!(through.rows(HUBS).await.unwrap().len(), 8);
    assert_eq!(proxy.requests(), 1, "at once");
}

#[tokio::test]
async fn an_answer_that_stops_in_the_middle_is_given_up() {
    let given_up = "Timeout after 3";
    tokio::join!(
        check(Fault::StallAfter(0), given_up),
        check(Fault::StallAfter(20), given_up),
        // Slower than anything that is waited for.
        check(Fault::Slow(10), given_up),
    );
}

/// Inserts a row past the fault; what it comes to, whether the row is there, requests.
async fn check_write(fault: Fault, expected: &str) {
    let (direct, through, proxy) = by_proxy().await;
    proxy.set(fault);
    let answer = write(&through, HUBS, vec![Change::Insert(row("a", "1", &[]))]).await;
    let said = match &answer {
        Ok(_) => "written",
        Err(WriteError::Unconfirmed { .. }) => "unconfirmed",
        Err(WriteError::Access(_)) => "failed",
        Err(error) => panic!("{error:?}"),
    };
    let there = direct.rows(HUBS).await.unwrap().len();
    assert_eq!(
        format!("{said}, {there} there, after {}", proxy.requests()),
        expected
    );
}

#[tokio::test]
async fn a_write_is_tried_again_only_where_it_cannot_have_been_done() {
    let unavailable = |times| Fault::ServiceUnavailable {
        retry_after: None,
        times,
    };
    check_write(unavailable(2), "written, 1 there, after 3").await;
    check_write(unavailable(3), "failed, 0 there, after 3").await;
    check_write(
        Fault::LoseAnswer { times: 1 },
        "unconfirmed, 1 there, after 1",
    )
    .await;
    check_write(
        Fault::CutAfter {
            bytes: 20,
            times: 1,
        },
        "unconfirmed, 1 there, after 1",
    )
    .await;
    check_write(
        Fault::InternalError { times: 1 },
        "unconfirmed, 0 there, after 1",
    )
    .await;
    check_write(Fault::BlackHole, "unconfirmed, 0 there, after 1").await;
}

#[tokio::test]
async fn a_lookup_ends_at_its_limit() {
    let (_direct, through, proxy) = by_proxy().await;
    proxy.set(Fault::BlackHole);
    let id = RegistrationId::parse("pump").unwrap();
    let error = through
        .device(&id, Duration::from_millis(200))
        .await
        .unwrap_err();
    // A try that ends by itself is another error.
    assert!(matches!(error, ReadError::TooSlow { .. }), "{error:?}");
}

/// Which kind of trouble an endpoint gives.
async fn check_network(endpoint: &str, expected: Network) {
    let text = format!("AccountName=a;AccountKey=d3Jvbmc=;TableEndpoint={endpoint}");
    let error = super::client(&text, "Dps").poll().await.unwrap_err();
    assert_eq!(network(&error), expected, "{error}");
}

#[tokio::test]
async fn the_kind_of_network_trouble_is_told() {
    check_network("https://nowhere.invalid", Network::Dns).await;
    // Azurite speaks no TLS here.
    let port = azurite::shared().port();
    check_network(&format!("https://127.0.0.1:{port}"), Network::Tls).await;
    check_network("http://127.0.0.1:1", Network::Refused).await;
}
