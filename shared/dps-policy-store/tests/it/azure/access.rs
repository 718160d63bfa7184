//! Who may not, and what is not there: the messages say what was tried and what to do.

use azurite::{ACCOUNT, Fault, SAS, unique_prefix};
use dps_policy_store::azure::{AccessFault, Change, WriteError};

use super::{HUBS, by_proxy, client, insert, name, row, tables, write};

/// What an error says, with the port of the moment and the prefix taken out.
#[track_caller]
fn check(error: &impl std::error::Error, port: u16, prefix: &str, message: &str) {
    let said = error.to_string();
    let said = said
        .replace(&format!(":{port}/"), ":0/")
        .replace(prefix, "Dps");
    assert_eq!(said, message);
}

#[track_caller]
fn check_fault(error: &WriteError, fault: AccessFault) {
    let WriteError::Access(error) = error else {
        panic!("{error:?}");
    };
    assert_eq!(error.fault(), fault);
}

#[tokio::test]
async fn missing_tables_are_all_named() {
    let prefix = unique_prefix();
    let azurite = azurite::shared();
    let tables = client(&azurite.connection_string(), &prefix);
    let error = tables.read().await.unwrap_err();
    let missing = "`http://127.0.0.1:0/devstoreaccount1` has no table DpsHubs, DpsEnrollments, \
         DpsTenants, DpsRules, DpsRollouts, DpsLatency, DpsTwins; create the tables with \
         `dps-policy push` or PolicyTables__create=true, or correct POLICY_TABLE_PREFIX";
    check(&error, azurite.port(), &prefix, missing);
    assert!(error.is_no_table() && error.is_nothing_there());
    let error = tables.poll().await.unwrap_err();
    check(&error, azurite.port(), &prefix, missing);
    let error = write(&tables, HUBS, vec![Change::Insert(row("a", "b", &[]))])
        .await
        .unwrap_err();
    check_fault(&error, AccessFault::NoTable);
}

/// A candidate whose tables are all gone was withdrawn; one that lost a table is broken.
#[tokio::test]
async fn a_table_that_is_missing_beside_others_is_not_nothing() {
    let tables = tables().await;
    azurite::shared().delete_table(&name(&tables, HUBS));
    for error in [
        tables.read().await.unwrap_err(),
        tables.poll().await.unwrap_err(),
    ] {
        assert!(error.is_no_table() && !error.is_nothing_there(), "{error}");
    }
}

#[tokio::test]
async fn nobody_has_pushed_where_the_table_of_revisions_is_missing() {
    let tables = tables().await;
    let before = tables.read().await.unwrap().fingerprint;
    let revisions = name(&tables, dps_policy_store::azure::StoreTable::Revisions);
    azurite::shared().delete_table(&revisions);
    assert_eq!(tables.read().await.unwrap().fingerprint, before);
}

#[tokio::test]
async fn a_wrong_account_key_is_told() {
    let (azurite, prefix) = (azurite::shared(), unique_prefix());
    let port = azurite.port();
    let wrong = format!(
        "AccountName={ACCOUNT};AccountKey=d3Jvbmc=;TableEndpoint=http://127.0.0.1:{port}/{ACCOUNT}"
    );
    let error = client(&wrong, &prefix).read().await.unwrap_err();
    check(&error, port, &prefix, FORBIDDEN);

    // Azurite's code is that of a firewall; this is Azure's.
    let (_direct, tables, proxy) = by_proxy().await;
    proxy.set(Fault::ClockSkew { ahead: 0, times: 1 });
    let error = tables.rows(HUBS).await.unwrap_err();
    check(
        &error,
        proxy.port(),
        "-",
        "`http://127.0.0.1:0/devstoreaccount1` does not accept the key of account \
         `devstoreaccount1` (403 AuthenticationFailed); copy one of its two keys from Access keys",
    );
}

const FORBIDDEN: &str = "the key of account `devstoreaccount1` may not use DpsHubs of \
     `http://127.0.0.1:0/devstoreaccount1` (403 AuthorizationFailure); is the key right, and does \
     the firewall of the account admit this address?";

#[tokio::test]
async fn a_shared_access_signature_reads_and_writes() {
    let (azurite, tables) = (azurite::shared(), tables().await);
    let endpoint = format!(
        "TableEndpoint=http://127.0.0.1:{}/{ACCOUNT}",
        azurite.port()
    );
    let text = format!("{endpoint};SharedAccessSignature={SAS}");
    let by_sas = client(&text, &super::prefix_of(&tables));
    insert(
        &by_sas,
        HUBS,
        vec![row("a", "o'brien", &[]), row("a", "b", &[])],
    )
    .await;
    assert_eq!(
        by_sas.read().await.unwrap().fingerprint,
        tables.read().await.unwrap().fingerprint
    );
}

#[tokio::test]
async fn a_firewall_is_told() {
    let (_direct, tables, proxy) = by_proxy().await;
    proxy.set(Fault::Forbidden { times: u32::MAX });
    let error = tables.rows(HUBS).await.unwrap_err();
    check(&error, proxy.port(), &super::prefix_of(&tables), FORBIDDEN);
    assert_eq!(proxy.requests(), 1, "not tried again");
    let error = write(&tables, HUBS, vec![Change::Insert(row("a", "b", &[]))])
        .await
        .unwrap_err();
    check_fault(&error, AccessFault::Forbidden);
}

#[tokio::test]
async fn a_wrong_clock_is_told() {
    let (_direct, tables, proxy) = by_proxy().await;
    for (ahead, said) in [(-3_630, "60 minutes ahead"), (3_630, "60 minutes behind")] {
        proxy.set(Fault::ClockSkew {
            ahead,
            times: u32::MAX,
        });
        let error = tables.rows(HUBS).await.unwrap_err();
        check(
            &error,
            proxy.port(),
            "-",
            &format!(
                "`http://127.0.0.1:0/devstoreaccount1` refuses requests, because this machine's \
                 clock is {said}; set the clock"
            ),
        );
    }
}
