//! The tables are read as the identity that the settings name, with a token and over TLS.

use e2e::{CLIENT_SECRET, Cloud, Identity, Runtime, ScriptRoot, fixture};

/// Starts the webhook as this identity, and allocates when it has the tables.
async fn check(cloud: &Cloud, identity: Identity) {
    let root = ScriptRoot::new();
    let app = Runtime::alone(&root, &cloud.settings(identity)).await;
    app.until("an assigned device", || async {
        app.allocate(&fixture("group-x509")).await.status == 200
    })
    .await;
}

#[tokio::test]
async fn the_tables_are_read_as_the_identity_of_the_settings() {
    let cloud = Cloud::start().await;
    check(&cloud, Identity::Managed).await;
    check(&cloud, Identity::AwsRole("eu-west-1")).await;
    check(&cloud, Identity::Workload).await;
    check(&cloud, Identity::ClientSecret(CLIENT_SECRET)).await;
    let ways = [
        "the managed identity",
        "the role of AWS",
        "the pod",
        "the app",
    ];
    assert_eq!(cloud.given(), ways, "one token is enough for each");
}

/// Starts the webhook as somebody whom nobody knows, and waits for its log to say this.
async fn check_refused(cloud: &Cloud, identity: Identity, message: &str) {
    let root = ScriptRoot::new();
    let app = Runtime::alone(&root, &cloud.settings(identity)).await;
    app.until(message, || async {
        app.lines().iter().any(|line| line.contains(message))
    })
    .await;
    let answer = app.allocate(&fixture("group-x509")).await;
    assert_eq!((answer.status, &*answer.reason), (503, "noPolicy"));
    assert!(cloud.given().is_empty());
}

#[tokio::test]
async fn without_a_token_the_log_says_why() {
    let cloud = Cloud::start().await;
    let elsewhere = Identity::AwsRole("eu-central-1");
    let message = "InvalidClientTokenId; the credentials are not of AWS_REGION, or not whole";
    check_refused(&cloud, elsewhere, message).await;
    let wrong = Identity::ClientSecret("not-the-secret");
    check_refused(&cloud, wrong, "AADSTS700213").await;
}
