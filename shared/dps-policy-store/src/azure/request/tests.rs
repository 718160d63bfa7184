use azure_core_legacy::Method as LegacyMethod;

use super::*;

fn prepared(url: &str, method: LegacyMethod, content_type: &str, body: &str) -> Prepared {
    let mut request = Request::new(Url::parse(url).unwrap(), method);
    request.insert_header("content-type", content_type.to_owned());
    request.insert_header("content-length", "1");
    request.set_body(body.to_owned());
    Prepared::new(&request).unwrap()
}

#[test]
fn a_space_in_a_query_is_percent_encoded() {
    let url = "https://x.y/T()?%24filter=RowKey+eq+%27a%2Bb%27";
    let request = prepared(url, LegacyMethod::Get, "application/json", "");
    assert_eq!(
        request.url.as_str(),
        "https://x.y/T()?%24filter=RowKey%20eq%20%27a%2Bb%27"
    );
    assert!(request.repeatable);
}

#[test]
fn a_batch_is_sent_as_mime_wants_it_and_once() {
    let request = prepared(
        "https://x.y/$batch",
        LegacyMethod::Post,
        "multipart/mixed; boundary=batch_1",
        "--batch_1\nA: b\n\n--changeset_1--\n--batch_1\n",
    );
    let body = "--batch_1\r\nA: b\r\n\r\n--changeset_1--\r\n--batch_1--\r\n";
    assert_eq!(request.body, body);
    assert_eq!(
        request.headers.get(CONTENT_LENGTH),
        None,
        "the body is longer now"
    );
    assert!(!request.repeatable);
}
