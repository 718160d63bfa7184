//! Registrations, and what becomes of them with their enrollment.

use reqwest::Method;
use serde_json::{Value, json};

use super::enrollment;
use crate::harness::{OTHER_KEY, Service, WEST, key};

#[tokio::test]
async fn registrations_of_a_group_are_listed() {
    let service = Service::start().await;
    let operator = &service.operator;
    operator.group_on(WEST).await;
    for id in ["dev-1", "dev-2"] {
        service.device(id).register().await;
    }
    let query = json!({ "query": "SELECT * FROM x" });
    let listed = operator.post("registrations/GROUP/query", query).await;
    assert_eq!(listed.header("x-ms-item-type"), Some("DeviceRegistration"));
    let listed = listed.body.as_array().unwrap().iter();
    let hubs: Vec<&Value> = listed.map(|it| &it["assignedHub"]).collect();
    assert_eq!(hubs, [WEST, WEST]);
    let statistics = operator
        .hub(WEST, Method::GET, "statistics/devices", Value::Null)
        .await;
    assert_eq!(statistics.body["totalDeviceCount"], 2);
    let none = operator.post("registrations/none/query", Value::Null).await;
    assert_eq!(none.code(), (404, Some(404_202)));
}

#[tokio::test]
async fn deleting_an_enrollment_forgets_the_device_of_an_individual_one() {
    let service = Service::start().await;
    let mut individual = enrollment("dev-1");
    individual["attestation"]["symmetricKey"] = json!({ "primaryKey": OTHER_KEY });
    service.operator.put("enrollments/dev-1", individual).await;
    service.operator.group(json!({})).await;
    service
        .device_with_key("dev-1", &key(OTHER_KEY))
        .register()
        .await;
    service.device("dev-2").register().await;
    service.operator.delete("enrollments/dev-1").await;
    service.operator.delete("enrollmentGroups/group").await;
    let status = async |path| service.operator.get(path).await.status;
    assert_eq!(status("registrations/dev-1").await, 404);
    assert_eq!(status("registrations/dev-2").await, 200);
}
