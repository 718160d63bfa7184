use super::*;
use crate::azure::token::Tokens;

#[tokio::test]
async fn an_identity_that_cannot_be_reached_is_told() {
    // What App Service sets is read from the environment, so this one asks an app registration.
    let identity = Identity::ClientSecret {
        tenant_id: "tenant".to_owned(),
        client_id: "client".to_owned(),
        secret: "hidden".to_owned(),
    };
    let _ = rustls::crypto::ring::default_provider().install_default();
    let nobody = reqwest::Proxy::all("http://127.0.0.1:1").unwrap();
    let http = reqwest::Client::builder().proxy(nobody).build().unwrap();
    let message = Tokens::new(&identity, http)
        .unwrap()
        .token()
        .await
        .unwrap_err();
    assert!(
        message.contains("Connection refused") && !message.contains('\n'),
        "{message}"
    );
    assert!(!message.contains("hidden"), "{message}");
}

#[test]
fn what_an_identity_lacks_is_told_without_its_secret() {
    let identity = Identity::ClientSecret {
        tenant_id: "a tenant".to_owned(),
        client_id: "client".to_owned(),
        secret: "hidden".to_owned(),
    };
    let http = {
        let _ = rustls::crypto::ring::default_provider().install_default();
        reqwest::Client::new()
    };
    let wrong = Tokens::new(&identity, http).err().unwrap();
    assert!(
        wrong.contains("enant") && !wrong.contains("hidden"),
        "{wrong}"
    );
}

#[test]
fn a_subscription_is_one_that_the_azure_cli_may_be_asked_for() {
    for (subscription, is_good) in [("factory 1", true), ("a\" & whoami", false)] {
        let subscription = Some(subscription.to_owned());
        let credential = credential(&Identity::AzureCli(subscription), reqwest::Client::new());
        assert_eq!(credential.is_ok(), is_good);
    }
}
