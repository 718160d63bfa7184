//! The tables are read as the identity that the settings name, with a token and over TLS.

use e2e::{CLIENT_SECRET, Cloud, Identity, Runtime, ScriptRoot, dps_policy, fixture};

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
async fn check_refused(cloud: &Cloud, identity: Identity, told: &str) {
    let root = ScriptRoot::new();
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
    let cloud = Cloud::start().await;
    let elsewhere = Identity::AwsRole("eu-central-1");
    let told = "InvalidClientTokenId; the credentials are not of AWS_REGION, or not whole";
    check_refused(&cloud, elsewhere, told).await;
    let wrong = Identity::ClientSecret("not-the-secret");
    check_refused(&cloud, wrong, "AADSTS700213").await;
}

/// The operator's tool, with a token of the app: whatever `--author` says, history names the app.
#[tokio::test]
async fn who_pushed_is_the_identity_of_the_token() {
    let cloud = Cloud::start().await;
    let settings = cloud.settings(Identity::ClientSecret(CLIENT_SECRET));
    let set = ["set", "hubs", "contoso-weu-1", "weight=5", "--yes"];
    let claim = ["--author", "eve", "--reason", "as the app"];
    let _written = dps_policy(&[&set[..], &claim].concat(), &settings);
    let history = dps_policy(&["history", "--json"], &settings);
    let history: serde_json::Value = serde_json::from_str(&history).unwrap();
    let pushes = |revision: usize| &history["revisions"][revision]["pushes"][0];
    let (app, object) = ("3".repeat(8), "4".repeat(8));
    let identity = pushes(0)["identity"].as_str().unwrap();
    assert!(identity.starts_with(&format!("app {app}-")), "{identity}");
    assert!(
        identity.contains(&format!(", object {object}-")),
        "{identity}"
    );
    assert_eq!(pushes(0)["author"], "eve");
    // The first push had the key of the account.
    assert_eq!(pushes(1)["identity"], serde_json::Value::Null);
    let shown = dps_policy(&["history"], &settings);
    assert!(
        shown.contains(&format!("  {identity}, says \"eve\": as the app\n")),
        "{shown}"
    );
}
