//! Several enrollments at once.

use serde_json::{Value, json};

use super::enrollment;
use crate::harness::Service;

#[tokio::test]
async fn bulk_operations_report_each_fault() {
    let service = Service::start().await;
    let bulk = async |mode: &str, enrollments: Value| {
        let body = json!({ "mode": mode, "enrollments": enrollments });
        service.operator.post("enrollments", body).await.body
    };
    let created = bulk("create", json!([enrollment("dev-1"), enrollment("dev-2")])).await;
    assert_eq!(created, json!({ "isSuccessful": true }));
    let again = bulk("create", json!([enrollment("dev-2"), enrollment("dev-3")])).await;
    assert_eq!(again["isSuccessful"], false);
    assert_eq!(
        again["errors"],
        json!([{ "registrationId": "dev-2", "errorCode": 409_000, "errorStatus": "Enrollment exists already." }])
    );
    assert_eq!(service.operator.get("enrollments/dev-3").await.status, 200);
    let updated = bulk("update", json!([enrollment("dev-1"), enrollment("dev-9")])).await;
    assert_eq!(updated["errors"][0]["errorCode"], 404_201);
    let mut stale = enrollment("dev-1");
    stale["etag"] = json!("\"old\"");
    let updated = bulk("updateIfMatchETag", json!([stale])).await;
    assert_eq!(updated["errors"][0]["errorCode"], 412_000);
    let ids = json!([{ "registrationId": "dev-1" }, { "registrationId": "dev-2" }]);
    let deleted = bulk("delete", ids).await;
    assert_eq!(deleted, json!({ "isSuccessful": true }));
    let eleven: Vec<Value> = (0..11).map(|n| enrollment(&format!("dev-{n}"))).collect();
    assert_eq!(bulk("create", json!(eleven)).await["errorCode"], 400_004);
}
