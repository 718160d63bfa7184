//! Device rows in Azure: one lookup where the enrollment asks for it, none elsewhere.

use azurite::Fault;
use dps_allocation::tables::TableName;
use serde_json::{Value, json};

use crate::tables::Cloud;
use crate::webhook::{Answer, Webhook, Written, request};

/// A device of the enrollment `sold`, which requires a row, or of `perhaps` or `at-best`, which do not.
fn device(enrollment: &str, id: &str) -> Value {
    let mut request = request(enrollment, json!({"tenant": "acme"}));
    request["deviceRuntimeContext"]["registrationId"] = json!(id);
    request
}

struct Case {
    cloud: Cloud,
    webhook: Webhook,
}

impl Case {
    async fn new() -> Self {
        let cloud = Cloud::new().await;
        let optional = [
            ("tenants", "acme;globex"),
            ("tenantFrom", "payload.tenant"),
            ("deviceRows", "optional"),
        ];
        for (enrollment, device_rows) in [("perhaps", "optional"), ("at-best", "bestEffort")] {
            let mut cells = optional;
            cells[2].1 = device_rows;
            cloud
                .edit(TableName::Enrollments, ("enrollment", enrollment), &cells)
                .await;
        }
        let mut webhook = cloud.webhook();
        webhook.refresh.poll().await;
        Self { cloud, webhook }
    }

    async fn allocate(&self, enrollment: &str, id: &str) -> Answer {
        self.webhook.allocate(&device(enrollment, id)).await
    }

    /// A device that is on a hub.
    async fn again(&self, enrollment: &str, id: &str) -> Answer {
        let mut request = device(enrollment, id);
        let hub = request["linkedHubs"][0].clone();
        request["deviceRuntimeContext"]["currentIotHubHostName"] = hub;
        self.webhook.allocate(&request).await
    }

    /// What the step about the row has found.
    async fn explained(&self, enrollment: &str, id: &str) -> String {
        let body = device(enrollment, id).to_string();
        let explanation = self.webhook.post("/api/explain", body).await.json();
        let steps = explanation["steps"].as_array().unwrap();
        let step = steps.iter().find(|step| step["step"] == "device").unwrap();
        step["found"].as_str().unwrap().to_owned()
    }

    async fn row(&self, id: &str, cells: &[(&str, &str)]) {
        self.cloud
            .edit(TableName::Devices, (id, "device"), cells)
            .await;
    }
}

#[tokio::test]
async fn a_row_that_is_required_decides() {
    let case = Case::new().await;
    assert_eq!(case.allocate("sold", "Pump-1").await.status, 200);
    case.allocate("sold", "pump-2")
        .await
        .assert_problem(424, "unknownDevice");
    case.row("pump-2", &[("tenant", "acme")]).await;
    assert_eq!(
        case.allocate("sold", "pump-2").await.status,
        200,
        "a new row counts at once"
    );
}

#[tokio::test]
async fn nobody_is_asked_where_no_row_is_wanted() {
    let case = Case::new().await;
    let before = case.cloud.proxy.requests();
    assert_eq!(case.allocate("acme", "pump-1").await.status, 200);
    assert_eq!(case.cloud.proxy.requests(), before);
    assert_eq!(case.allocate("sold", "pump-1").await.status, 200);
    assert_eq!(case.cloud.proxy.requests(), before + 1);
}

#[tokio::test]
async fn a_row_is_cached_for_a_moment() {
    let case = Case::new().await;
    case.allocate("sold", "pump-1").await;
    let before = case.cloud.proxy.requests();
    case.cloud.black_hole();
    assert_eq!(case.allocate("sold", "pump-1").await.status, 200);
    assert_eq!(case.cloud.proxy.requests(), before);
}

#[tokio::test]
async fn without_the_store_nobody_is_moved_or_admitted() {
    let case = Case::new().await;
    for fault in [
        Fault::Refuse,
        Fault::Reset,
        Fault::Forbidden { times: u32::MAX },
        Fault::BlackHole,
    ] {
        case.cloud.proxy.set(fault.clone());
        case.allocate("sold", "pump-1")
            .await
            .assert_problem(503, "storeUnavailable");
        case.again("sold", "pump-1")
            .await
            .assert_problem(503, "storeUnavailable");
        case.allocate("perhaps", "pump-1")
            .await
            .assert_problem(503, "storeUnavailable");
        case.again("perhaps", "pump-1").await.assert_unverified();
        let best_effort = case.allocate("at-best", "pump-1").await;
        assert_eq!(best_effort.status, 200, "{fault:?}: {}", best_effort.text);
    }
    let lines = case.webhook.lines();
    let mut lines = lines.iter().map(|line| serde_json::from_str(line).unwrap());
    let line: Value = lines
        .find(|line: &Value| line["reason"] == "stayUnverified")
        .unwrap();
    assert_eq!(line["device"], "unavailable", "{line}");
    assert_eq!(line["hub"], line["currentHub"], "{line}");
    assert!(
        line["tenant"].is_null() && line["evidence"].is_null(),
        "{line}"
    );
    assert_eq!(
        case.explained("perhaps", "pump-1").await,
        "the table could not be read: the device is neither moved nor admitted"
    );
    assert_eq!(
        case.explained("at-best", "pump-1").await,
        "the table could not be read: decided without"
    );
    case.cloud.proxy.set(Fault::None);
    assert_eq!(case.allocate("sold", "pump-1").await.status, 200);
}

#[tokio::test]
async fn a_row_with_errors_is_no_refusal() {
    let case = Case::new().await;
    case.row("pump-3", &[("tenant", "nobody")]).await;
    case.row("pump-4", &[("wight", "5")]).await;
    for (id, named) in [
        ("pump-3", "devices pump-3/device, column tenant: "),
        ("pump-4", "wight"),
    ] {
        let answer = case.allocate("sold", id).await;
        answer.assert_problem(503, "deviceRowInvalid");
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains(named), "{detail}");
        let body = device("sold", id).to_string();
        let explanation = case.webhook.post("/api/explain", body).await.json();
        assert_eq!(explanation["reason"], "deviceRowInvalid", "{explanation}");
        assert_eq!(explanation["detail"], detail, "{explanation}");
        case.allocate("perhaps", id)
            .await
            .assert_problem(503, "deviceRowInvalid");
        case.again("perhaps", id).await.assert_unverified();
        assert_eq!(case.allocate("at-best", id).await.status, 200);
        assert_eq!(
            case.explained("at-best", id).await,
            "a row with errors: decided without"
        );
    }
}

/// As people type ids: the rows that a folder finds are found here too, and the log says that their
/// keys should be put right.
#[tokio::test]
async fn a_row_under_a_key_in_capitals_decides() {
    let case = Case::new().await;
    let (log, _guard) = Written::log();
    for (partition, row) in [
        ("PUMP-7", "device"),
        ("pump-8", "Device"),
        ("PUMP-9", "DEVICE"),
    ] {
        let keys = (partition, row);
        let cells = [("tenant", "acme")];
        case.cloud.edit(TableName::Devices, keys, &cells).await;
        for id in [partition.to_lowercase(), partition.to_owned()] {
            let answer = case.allocate("sold", &id).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
        }
        let found = format!("devices {partition}/{row}, column ");
        assert!(log.text().contains(&found), "{}", log.text());
    }
    case.row("PUMP-9", &[("tenant", "acme")]).await;
    // Which of the two is meant, nobody can say; another instance has kept neither.
    let mut webhook = case.cloud.webhook();
    webhook.refresh.poll().await;
    let answer = webhook.allocate(&device("sold", "pump-9")).await;
    answer.assert_problem(503, "deviceRowInvalid");
}

#[tokio::test]
async fn a_row_tells_the_tenant_before_any_claim() {
    let case = Case::new().await;
    case.row("pump-5", &[("tenant", "globex"), ("note", "sold in May")])
        .await;
    let body = device("perhaps", "pump-5").to_string();
    let explanation = case.webhook.post("/api/explain", body).await.json();
    assert_eq!(explanation["tenant"], "globex", "{explanation}");
}
