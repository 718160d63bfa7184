use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread::{self, JoinHandle};

use reqwest::Url;

use super::*;

fn role(endpoint: Url) -> AwsRole {
    AwsRole {
        region: "eu-west-1".to_owned(),
        endpoint,
        access_key_id: "AKIDEXAMPLE".to_owned(),
        secret_access_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_owned(),
        session_token: "session/token+=".to_owned(),
    }
}

/// The vector was made with botocore, the library of the AWS CLI.
#[test]
fn the_signature_is_the_one_of_botocore() {
    let role = role(AwsRole::endpoint_of("eu-west-1").unwrap());
    let signed = sign(&role, BODY, "2026-11-21T13:00:00Z".parse().unwrap());
    assert_eq!(signed.date, "20261121T130000Z");
    assert_eq!(
        signed.authorization,
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261121/eu-west-1/sts/aws4_request, \
         SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, \
         Signature=652cbdcd94a85927b6485696f01dc13172d420c385c31f1f296d41434b81a413"
    );
}

#[test]
fn every_region_has_its_endpoint() {
    let check = |region: &str, expected: Option<&str>| {
        let url = AwsRole::endpoint_of(region);
        assert_eq!(url.as_ref().map(Url::as_str), expected, "{region}");
    };
    check("eu-west-1", Some("https://sts.eu-west-1.amazonaws.com/"));
    check(
        "cn-north-1",
        Some("https://sts.cn-north-1.amazonaws.com.cn/"),
    );
    check("", None);
    check("evil.example/", None);
}

/// Answers one request, and gives its text.
fn token_service(answer: &str) -> (Url, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let answer = answer.to_owned();
    let served = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        let mut piece = [0; 4096];
        while !request.ends_with(BODY.as_bytes()) {
            let read = stream.read(&mut piece).unwrap();
            assert!(read > 0, "{}", String::from_utf8_lossy(&request));
            request.extend_from_slice(&piece[..read]);
        }
        stream.write_all(answer.as_bytes()).unwrap();
        String::from_utf8(request).unwrap()
    });
    (url.parse().unwrap(), served)
}

fn tokens(endpoint: Url) -> AwsTokens {
    // Fails where another test has installed it already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    AwsTokens::new(role(endpoint), http)
}

fn answer(status: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
}

#[tokio::test]
async fn the_token_is_what_aws_gives() {
    let body = "<GetWebIdentityTokenResponse><GetWebIdentityTokenResult>\
                <WebIdentityToken>head.claims.signature</WebIdentityToken>\
                <Expiration>2026-11-21T13:05:00Z</Expiration>\
                </GetWebIdentityTokenResult></GetWebIdentityTokenResponse>";
    let (url, served) = token_service(&answer("200 OK", body));
    let tokens = tokens(url);
    assert_eq!(tokens.secret(None).await.unwrap(), "head.claims.signature");
    let request = served.join().unwrap();
    let head = request.to_ascii_lowercase();
    assert!(head.starts_with("post / http/1.1\r\n"), "{request}");
    for header in [
        "\r\nx-amz-security-token: session/token+=\r\n",
        "\r\ncontent-type: application/x-www-form-urlencoded\r\n",
        "\r\nauthorization: aws4-hmac-sha256 credential=akidexample/",
    ] {
        assert!(head.contains(header), "{header}: {request}");
    }
}

async fn refused(status: &str, body: &str, expected: &str) {
    let (url, served) = token_service(&answer(status, body));
    let error = tokens(url.clone())
        .secret(None)
        .await
        .unwrap_err()
        .to_string();
    served.join().unwrap();
    assert_eq!(error, format!("{url} answers {expected}"));
}

#[tokio::test]
async fn a_refusal_says_what_to_do() {
    let error =
        |code: &str| format!("<ErrorResponse><Error><Code>{code}</Code></Error></ErrorResponse>");
    refused(
        "403 Forbidden",
        &error("ExpiredToken"),
        "403 Forbidden, ExpiredToken; \
         the credentials of the environment have ended; start the function anew",
    )
    .await;
    refused(
        "403 Forbidden",
        &error("AccessDenied"),
        "403 Forbidden, AccessDenied; allow the role sts:GetWebIdentityToken",
    )
    .await;
    refused("400 Bad Request", &error("Other"), "400 Bad Request, Other").await;
    refused("200 OK", "<html>", "200 OK, no code").await;
}

#[tokio::test]
async fn nobody_there_is_told_with_the_endpoint() {
    let port = azurite::Port::any();
    let url = format!("http://127.0.0.1:{}/", port.number());
    let url: Url = url.parse().unwrap();
    let error = tokens(url.clone())
        .secret(None)
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with(&format!("{url} cannot be asked: ")),
        "{error}"
    );
}

#[test]
fn nothing_of_the_credentials_is_shown() {
    let url = AwsRole::endpoint_of("eu-west-1").unwrap();
    let shown = format!("{:?}", tokens(url));
    assert_eq!(shown, "AwsTokens(https://sts.eu-west-1.amazonaws.com/)");
}
