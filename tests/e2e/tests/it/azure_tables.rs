//! Config tables in Azure Tables, from the first push to an outage, as an operator lives it.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use azurite::{Fault, FaultProxy};
use dps_allocation::tables::TableName;
use dps_policy_store::PolicyStore;
use dps_policy_store::StoreSettings;
use dps_policy_store::azure::{AzureTables, Batch, Change, Row, StoreTable};
use e2e::{Load, Runtime, ScriptRoot, Tally, dps_policy, fixture};
use serde_json::Value;
use tempfile::TempDir;
use tokio::time::sleep;

/// Tables of a storage account, reached by way of a proxy.
pub(crate) struct Account {
    pub(crate) proxy: FaultProxy,
    connection: String,
    prefix: String,
}

impl Account {
    pub(crate) fn new() -> Self {
        let azurite = azurite::shared();
        let proxy = FaultProxy::start(azurite.port());
        let connection = azurite.through(proxy.port());
        let prefix = azurite::unique_prefix();
        Self {
            proxy,
            connection,
            prefix,
        }
    }

    pub(crate) fn settings(&self) -> [(&str, &str); 3] {
        [
            ("PolicyTables", &self.connection),
            ("POLICY_TABLE_PREFIX", &self.prefix),
            ("POLICY_REFRESH_SECONDS", "1"),
        ]
    }

    pub(crate) fn operate(&self, arguments: &[&str]) -> String {
        dps_policy(arguments, &self.settings())
    }

    /// As Storage Explorer edits one cell of a hub.
    async fn edit_hub(&self, host: &str, column: &str, text: &str) {
        let variables = self
            .settings()
            .map(|(name, value)| (name.into(), value.into()));
        let settings = StoreSettings::read(&variables.into_iter().collect()).unwrap();
        let PolicyStore::Azure(tables) = settings.open().unwrap() else {
            panic!("the settings name tables");
        };
        edit(&tables, host, column, text).await;
    }
}

async fn edit(tables: &AzureTables, host: &str, column: &str, text: &str) {
    let hubs = StoreTable::Config(TableName::Hubs);
    let rows = tables.rows(hubs).await.unwrap();
    let row = rows
        .into_iter()
        .find(|row| row.key.row.as_str() == host)
        .unwrap();
    let mut cells = row.cells;
    cells.retain(|(name, _)| name != column);
    cells.push((column.to_owned(), text.to_owned()));
    let change = Change::Replace(Row::new(row.key, cells).unwrap(), row.etag);
    for batch in Batch::split(vec![change]) {
        tables.write(hubs, &batch).await.unwrap();
    }
}

const WEU: &str = "contoso-weu-1.azure-devices.net";

async fn revision(app: &Runtime) -> Value {
    app.get("policy").await.body["revision"].clone()
}

#[tokio::test]
async fn from_the_first_push_to_a_rollback() {
    let account = Account::new();
    let pushed = account.operate(&[
        "push",
        "--yes",
        "--devices",
        "--reason",
        "first",
        "infra/policy",
    ]);
    assert!(pushed.contains("the tables hold revision"), "{pushed}");
    let root = ScriptRoot::new();
    let app = Runtime::alone(&root, &account.settings()).await;
    let request = fixture("group-x509");
    assert_eq!(app.allocate(&request).await.body["iotHubHostName"], WEU);
    let first = revision(&app).await;

    account.edit_hub(WEU, "state", "draining").await;
    app.until("the edit to be in use", || async {
        revision(&app).await != first
    })
    .await;
    assert_ne!(app.allocate(&request).await.body["iotHubHostName"], WEU);
    let second = revision(&app).await;

    account.edit_hub(WEU, "weight", "two").await;
    app.until("the finding", || async {
        !app.get("policy").await.body["lastRefused"].is_null()
    })
    .await;
    assert_eq!(app.allocate(&request).await.status, 200);
    assert_eq!(revision(&app).await, second);

    let first = first.as_str().unwrap();
    let history: Value = serde_json::from_str(&account.operate(&["history", "--json"])).unwrap();
    let kept: Vec<&str> = history["revisions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["revision"].as_str().unwrap())
        .collect();
    assert_eq!(
        kept,
        [first, second.as_str().unwrap()],
        "the webhook keeps what it took"
    );
    account.operate(&["rollback", "--yes", first]);
    app.until("the rollback to be in use", || async {
        revision(&app).await == first
    })
    .await;
    assert_eq!(app.allocate(&request).await.body["iotHubHostName"], WEU);
}

/// Ten minutes are 40 intervals of the default refresh; here an interval is a second.
const PHASE: Duration = Duration::from_secs(10);

#[tokio::test]
async fn an_outage_of_forty_intervals_fails_no_allocation() {
    let account = Account::new();
    account.operate(&["push", "--yes", "infra/policy"]);
    let root = ScriptRoot::new();
    let app = Arc::new(Runtime::alone(&root, &account.settings()).await);
    let request = fixture("group-x509");
    assert_eq!(app.allocate(&request).await.status, 200);
    let before = revision(&app).await;

    let load = Load::start(&app, &request, 2);
    let busy = Fault::ServiceUnavailable {
        retry_after: Some(5),
        times: u32::MAX,
    };
    for fault in [Fault::Refuse, Fault::BlackHole, busy, Fault::Reset] {
        account.proxy.set(fault);
        sleep(PHASE).await;
        assert_eq!(revision(&app).await, before);
    }
    assert_eq!(app.get("health").await.body["status"], "stale");
    account.proxy.set(Fault::None);
    account.edit_hub(WEU, "weight", "3").await;
    app.until("the edit to be in use", || async {
        revision(&app).await != before
    })
    .await;
    let tally = load.stop().await;
    let answered: usize = tally.values().sum();
    assert_eq!(
        tally,
        Tally::from([((200, "weighted".to_owned()), answered)])
    );
}

#[tokio::test]
async fn a_cold_start_without_the_store_goes_on_with_what_came_with_the_zip() {
    let account = Account::new();
    account.operate(&["push", "--yes", "infra/policy"]);
    let root = ScriptRoot::new();
    let (pulled, file) = (
        TempDir::new().unwrap(),
        root.path().join("last-good.policy"),
    );
    account.operate(&[
        "pull",
        "--last-good",
        file.to_str().unwrap(),
        pulled.path().to_str().unwrap(),
    ]);
    account.proxy.set(Fault::Refuse);
    let app = Runtime::alone(&root, &account.settings()).await;
    let request = fixture("group-x509");
    app.until("a decision", || async {
        app.allocate(&request).await.status == 200
    })
    .await;
    let health = app.get("health").await;
    assert_eq!(health.body["status"], "stale");
    assert!(health.body["ageSeconds"].is_i64(), "{}", health.body);
    drop(app);

    fs::write(&file, "not a policy\n").unwrap();
    let app = Runtime::alone(&root, &account.settings()).await;
    let answer = app.allocate(&request).await;
    assert_eq!((answer.status, answer.reason.as_str()), (503, "noPolicy"));
    account.proxy.set(Fault::None);
    app.until("the tables to be read", || async {
        app.allocate(&request).await.status == 200
    })
    .await;
}
