//! A cold start while the tables cannot be reached.

use azurite::Fault;
use e2e::{Call, Front, Lambda, ScriptRoot};
use serde_json::Value;

use super::{KEYS, OPERATOR_KEY, allocate, allocated};
use crate::account::Account;

#[tokio::test]
async fn a_start_without_the_tables_goes_on_with_what_came_in_the_zip() {
    let account = Account::new();
    account.operate(&["push", "--yes", "infra/policy"]);
    let root = ScriptRoot::new();
    account.carry_last_good(&root);
    let with_tables = allocate(&start(&root, &account).await).await;
    assert_eq!(with_tables.status, 200, "{with_tables:?}");

    for fault in [Fault::Refuse, Fault::BlackHole] {
        account.proxy.set(fault.clone());
        let lambda = start(&root, &account).await;
        assert_eq!(allocate(&lambda).await, with_tables, "{fault:?}");
        let log = lambda.log();
        assert!(
            log.contains("the last good policy is in use"),
            "{fault:?}: {log}"
        );
    }
}

#[tokio::test]
async fn a_start_without_tables_and_policy_asks_dps_to_come_again() {
    let account = Account::new();
    account.operate(&["push", "--yes", "infra/policy"]);
    account.proxy.set(Fault::Refuse);
    let root = ScriptRoot::new();
    let lambda = start(&root, &account).await;
    let reply = allocate(&lambda).await;
    let body: Value = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!((reply.status, &body["reason"]), (503, &"noPolicy".into()));

    account.proxy.set(Fault::None);
    assert_eq!(allocated(&lambda).await.status, 200);
    let call = Call::get("policy").code(OPERATOR_KEY);
    assert_eq!(lambda.reply(Front::FunctionUrl, &call).await.status, 200);
    assert_eq!(lambda.starts(), 1, "{}", lambda.log());
}

async fn start(root: &ScriptRoot, account: &Account) -> Lambda {
    Lambda::start(root, &[&KEYS[..], &account.settings()].concat()).await
}
