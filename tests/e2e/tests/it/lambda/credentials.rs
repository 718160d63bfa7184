//! The credentials that AWS gives a function, with which it asks for a token for the tables.

use e2e::{AwsMood, Cloud, Identity, Lambda, ScriptRoot};
use serde_json::Value;

use super::{KEYS, allocate, allocated};

#[tokio::test]
async fn expired_credentials_are_told_and_dps_comes_again() {
    let (root, cloud) = (ScriptRoot::new(), Cloud::start().await);
    let role = cloud.settings(Identity::AwsRole("eu-west-1"));
    cloud.set_aws(AwsMood::Expired);
    let lambda = Lambda::start(&root, &[&KEYS[..], &role].concat()).await;
    let reply = allocate(&lambda).await;
    let body: Value = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!((reply.status, &body["reason"]), (503, &"noPolicy".into()));
    let message =
        "ExpiredToken; the credentials of the environment have ended; start the function anew";
    assert!(lambda.log().contains(message), "{}", lambda.log());

    cloud.set_aws(AwsMood::Knows);
    assert_eq!(allocated(&lambda).await.status, 200);
    assert_eq!(cloud.given(), ["the role of AWS"]);
    assert_eq!(lambda.starts(), 1, "{}", lambda.log());
}
