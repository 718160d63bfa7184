use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use azure_core::Error;
use azure_core::credentials::TokenRequestOptions;
use azure_core::error::ErrorKind;
use azure_core::time::{Duration as Span, OffsetDateTime};

use reqwest::Url;
use reqwest::header::{AUTHORIZATION, HeaderMap};

use super::*;
use crate::azure::sign::Signer;

/// Gives tokens that last so many seconds, or none at all.
#[derive(Debug)]
struct Source {
    seconds: Option<i64>,
    asked: AtomicUsize,
}

#[async_trait]
impl TokenCredential for Source {
    async fn get_token(
        &self,
        scopes: &[&str],
        _options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        assert_eq!(scopes, ["https://storage.azure.com/.default"]);
        let number = self.asked.fetch_add(1, Ordering::Relaxed);
        let failed = || Error::with_message(ErrorKind::Credential, "nobody is signed in");
        let seconds = self.seconds.ok_or_else(failed)?;
        let end = OffsetDateTime::now_utc() + Span::seconds(seconds);
        Ok(AccessToken::new(format!("token-{number}"), end))
    }
}

/// Asks twice.
async fn check(seconds: Option<i64>, expected: [Result<&str, &str>; 2]) {
    let asked = AtomicUsize::new(0);
    let tokens = Tokens {
        credential: Arc::new(Source { seconds, asked }),
        current: Mutex::new(None),
    };
    for expected in expected {
        let token = tokens.token().await;
        assert_eq!(
            token.as_deref().map_err(String::as_str),
            expected,
            "{seconds:?}"
        );
    }
}

#[tokio::test]
async fn a_token_is_kept_until_shortly_before_its_end() {
    check(Some(3_600), [Ok("token-0"), Ok("token-0")]).await;
    check(Some(200), [Ok("token-0"), Ok("token-1")]).await;
}

#[tokio::test]
async fn without_a_token_the_reason_is_told() {
    let reason = "nobody is signed in";
    check(None, [Err(reason), Err(reason)]).await;
}

#[tokio::test]
async fn a_token_signs_a_request() {
    let asked = AtomicUsize::new(0);
    let seconds = Some(3_600);
    let signer = Signer::Tokens(Tokens {
        credential: Arc::new(Source { seconds, asked }),
        current: Mutex::new(None),
    });
    let mut url = Url::parse("https://acme.table.core.windows.net/DpsHubs()").unwrap();
    let mut headers = HeaderMap::new();
    signer.sign(&mut url, &mut headers).await.unwrap();
    let authorization = headers.get(AUTHORIZATION).unwrap();
    assert_eq!(authorization, "Bearer token-0");
    assert_eq!(format!("{authorization:?}"), "Sensitive");
    assert_eq!(url.query(), None);
}

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
    let told = Tokens::new(&identity, http)
        .unwrap()
        .token()
        .await
        .unwrap_err();
    assert!(
        told.contains("Connection refused") && !told.contains('\n'),
        "{told}"
    );
    assert!(!told.contains("hidden"), "{told}");
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
