//! `SELECT * FROM enrollments`.

use reqwest::Method;
use serde_json::{Value, json};

use super::enrollment;
use crate::harness::Service;

/// A service with enrollments `dev-0`, `dev-1` and so on, whose tags say which number they have and whether it is odd.
async fn service(count: u32) -> Service {
    let service = Service::start().await;
    for number in 0..count {
        let mut enrollment = enrollment(&format!("dev-{number}"));
        enrollment["initialTwin"] = json!({ "tags": { "n": number, "odd": number % 2 == 1 } });
        let path = format!("enrollments/dev-{number}");
        service.operator.put(&path, enrollment).await;
    }
    service
}

/// The numbers of the enrollments that were answered.
fn numbers(answer: &Value) -> String {
    let ids = answer.as_array().unwrap().iter();
    ids.map(|item| item["registrationId"].as_str().unwrap())
        .map(|id| id.strip_prefix("dev-").unwrap())
        .collect()
}

#[tokio::test]
async fn queries_come_in_pages() {
    let service = service(5).await;
    let query = json!({ "query": "SELECT * FROM enrollments" });
    let (mut pages, mut continuation) = (Vec::new(), String::new());
    loop {
        let headers = [
            ("x-ms-max-item-count", "2"),
            ("x-ms-continuation", continuation.as_str()),
        ];
        let page = service
            .operator
            .send(Method::POST, "enrollments/query", &query, &headers)
            .await;
        assert_eq!(page.header("x-ms-item-type"), Some("Enrollment"));
        pages.push(numbers(&page.body));
        match page.header("x-ms-continuation") {
            Some(next) => next.clone_into(&mut continuation),
            None => break,
        }
    }
    assert_eq!(pages, ["01", "23", "4"]);
}

#[tokio::test]
async fn queries_select_by_members() {
    let service = service(4).await;
    let check = async |condition: &str, expected: &str| {
        let query = json!({ "query": format!("select * from enrollments {condition}") });
        let found = service.operator.post("enrollments/query", query).await.body;
        assert_eq!(numbers(&found), expected, "{condition}");
    };
    check("", "0123").await;
    check("WHERE initialTwin.tags.n >= 2", "23").await;
    let both = "where initialTwin.tags.odd = true and initialTwin.tags.n < 3";
    check(both, "1").await;
    let either = "WHERE NOT initialTwin.tags.odd = true OR initialTwin.tags.n > 2";
    check(either, "023").await;
    let nested =
        "WHERE (registrationId = 'dev-0' OR registrationId='dev-1') AND initialTwin.tags.n <> 0";
    check(nested, "1").await;
    check("WHERE attestation.type = 'x509'", "").await;
    check("WHERE initialTwin.tags.none = 1", "").await;
}

#[tokio::test]
async fn what_is_no_query_is_refused() {
    let service = Service::start().await;
    let check = async |query: &str| {
        let body = json!({ "query": query });
        let reply = service.operator.post("enrollments/query", body).await;
        assert_eq!(reply.code(), (400, Some(400_004)), "{query:.60}");
    };
    check("").await;
    check("DROP TABLE").await;
    check("SELECT * FROM devices").await;
    check("SELECT * FROM enrollments WHERE").await;
    check("SELECT * FROM enrollments WHERE a =").await;
    check("SELECT * FROM enrollments WHERE a = 'b").await;
    check("SELECT * FROM enrollments WHERE a = 1 b").await;
    check("SELECT * FROM enrollments ORDER").await;
    check("§").await;
    let deep = "(".repeat(10_000);
    check(&format!("SELECT * FROM enrollments WHERE {deep}a = 1")).await;
}
