//! The tables are read as the identity that the settings name, with a token and over TLS.

use e2e::{CLIENT_SECRET, Cloud, Identity, Runtime, ScriptRoot, fixture};

/// Starts the webhook as this identity, and allocates when it has the tables.
async fn check(identity: Identity, way: &str) {
    let (root, cloud) = (ScriptRoot::new(), Cloud::start().await);
    let app = Runtime::alone(&root, &cloud.settings(identity)).await;
    app.until("an assigned device", || async {
        app.allocate(&fixture("group-x509")).await.status == 200
    })
    .await;
    assert_eq!(cloud.given(), [way], "one token is enough");
}

#[tokio::test]
async fn the_tables_are_read_as_the_identity_of_the_settings() {
    check(Identity::Managed, "the managed identity").await;
    check(Identity::AwsRole("eu-west-1"), "the role of AWS").await;
    check(Identity::Workload, "the pod").await;
    check(Identity::ClientSecret(CLIENT_SECRET), "the app").await;
}

/// Starts the webhook as somebody whom nobody knows, and waits for its log to say this.
async fn check_refused(identity: Identity, told: &str) {
    let (root, cloud) = (ScriptRoot::new(), Cloud::start().await);
    let app = Runtime::alone(&root, &cloud.settings(identity)).await;
    app.until(told, || async {
        app.lines().iter().any(|line| line.contains(told))
    })
    .await;
    let answer = app.allocate(&fixture("group-x509")).await;
    assert_eq!((answer.status, &*answer.reason), (503, "noPolicy"));
    assert!(cloud.given().is_empty());
}

#[tokio::test]
async fn whoever_gets_no_token_is_told_why() {
    check_refused(
        Identity::AwsRole("eu-central-1"),
        "InvalidClientTokenId; the credentials are not of AWS_REGION, or not whole",
    )
    .await;
    check_refused(Identity::ClientSecret("not-the-secret"), "AADSTS700213").await;
}
