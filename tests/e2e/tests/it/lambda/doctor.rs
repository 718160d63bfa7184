//! What `infra/aws/deploy` ends with: infra/doctor against the function URL.

use std::process::Output;
use std::sync::Arc;

use e2e::{FunctionUrl, ScriptRoot, doctor};

use super::{ALLOCATE_KEY, OPERATOR_KEY, SECOND_KEY, function};

#[tokio::test]
async fn the_function_decides_as_dps_policy_says() {
    let root = ScriptRoot::new();
    let lambda = Arc::new(function(&root).await);
    let url = FunctionUrl::open(lambda).await;
    let same = ask(&url, ALLOCATE_KEY).await;
    assert!(same.status.success(), "{same:?}");
    assert!(String::from_utf8_lossy(&same.stdout).contains("all the same"));

    let refused = ask(&url, SECOND_KEY).await;
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    let said = String::from_utf8_lossy(&refused.stdout).into_owned();
    assert!(said.contains("401") && !said.contains(SECOND_KEY), "{said}");
}

async fn ask(url: &FunctionUrl, key: &'static str) -> Output {
    let url = url.address().to_owned();
    let keys = [("ALLOCATE_KEY", key), ("OPERATOR_KEY", OPERATOR_KEY)];
    let asked = tokio::task::spawn_blocking(move || doctor(&[&url, "--wait", "60"], &keys));
    asked.await.unwrap()
}
