//! A webhook of the test's own: its tables in a temporary folder, its refresh by hand.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, Once};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request};
use dps_policy_store::{CsvFolder, PolicyStore};
use dps_telemetry::Telemetry;
use dps_webhook::{
    App, BodyMemory, DecisionLog, DeviceLookup, Endpoints, Front, LastGoodFiles, Lines, LoggedIds,
    PolicyInUse, PolicyRefresh,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tracing::subscriber::{DefaultGuard, set_default, set_global_default};
use tracing_subscriber::registry;

use crate::running::PATIENCE;

/// Tables that can give every answer; see [`request`].
pub(crate) const TABLES: [(&str, &str); 6] = [
    (
        "hubs.csv",
        "# the hubs of the tests\n\
         PartitionKey,RowKey,geography,state,weight\n\
         hub,weu.azure-devices.net,EU,,1\n\
         hub,neu.azure-devices.net,EU,,1\n\
         hub,old.azure-devices.net,EU,closed,1\n",
    ),
    (
        "enrollments.csv",
        "PartitionKey,RowKey,tenants,tenantFrom,deviceRows,twin\n\
         enrollment,acme,acme,,,\n\
         enrollment,claims,acme;globex,payload.tenant,,\n\
         enrollment,any,*,payload.tenant,,\n\
         enrollment,idle,idle,,,\n\
         enrollment,sold,acme,,required,\n\
         enrollment,twins,acme,,,site\n",
    ),
    (
        "tenants.csv",
        "PartitionKey,RowKey,state\n\
         tenant,acme,\n\
         tenant,globex,\n\
         tenant,idle,suspended\n",
    ),
    (
        "rules.csv",
        "PartitionKey,RowKey,when,refuse\n\
         acme,100-recalled,\"payload.model == \"\"recalled\"\"\",true\n",
    ),
    (
        "twins.csv",
        "PartitionKey,RowKey,tags\n\
         *,site,\"{\"\"site\"\":\"\"${payload.site}\"\"}\"\n",
    ),
    (
        "devices.csv",
        "PartitionKey,RowKey,tenant\n\
         pump-1,device,acme\n",
    ),
];

/// What DPS posts for a device of the enrollment group.
pub(crate) fn request(enrollment: &str, payload: Value) -> Value {
    let mut request = json!({
        "enrollmentGroup": {
            "enrollmentGroupId": enrollment,
            "attestation": {"type": "symmetricKey"},
            "allocationPolicy": "custom",
        },
        "deviceRuntimeContext": {
            "registrationId": "Pump-1",
            "symmetricKey": {},
        },
        "linkedHubs": ["Weu.azure-devices.net", "old.azure-devices.net"],
    });
    request["deviceRuntimeContext"]["payload"] = payload;
    request
}

/// A request that is assigned, to see that the webhook still answers.
pub(crate) fn good_request() -> Value {
    request("acme", Value::Null)
}

pub(crate) fn write_tables(folder: &Path) {
    for (name, text) in TABLES {
        fs::write(folder.join(name), text).unwrap();
    }
}

/// The endpoints, their tables, and the refresh, which polls only when the test says so.
pub(crate) struct Webhook {
    pub(crate) folder: TempDir,
    pub(crate) refresh: PolicyRefresh,
    pub(crate) endpoints: Endpoints,
    pub(crate) lines: Lines,
    pub(crate) written: Written,
}

/// The webhook without its entrance, and its refresh, which has not polled so far.
pub(crate) fn app(store: &PolicyStore, lines: &Lines) -> (App, PolicyRefresh) {
    let policy = Arc::new(PolicyInUse::new(store.to_string(), Duration::from_secs(15)));
    let refresh = PolicyRefresh::new(store.clone(), Arc::clone(&policy));
    let app = App {
        shadow: None,
        policy,
        polls: None,
        devices: DeviceLookup::new(store.clone()),
        telemetry: Telemetry::default(),
        bodies: BodyMemory::default(),
        deadline: Duration::from_secs(2),
        log: DecisionLog::new(lines.clone(), &"info".parse().unwrap()),
        ids: LoggedIds::default(),
        front: Front::FunctionsHost,
        lines: Some(lines.clone()),
    };
    (app, refresh)
}

/// What would be on stdout.
#[derive(Clone, Default)]
pub(crate) struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    /// What is logged besides decisions, for as long as the guard is kept.
    pub(crate) fn log() -> (Self, DefaultGuard) {
        // The thread that first gets to an event answers for all whether anybody wants it: one of
        // another test, which has no log, would say no.
        static ALL_WANTED: Once = Once::new();
        ALL_WANTED.call_once(|| set_global_default(registry()).unwrap());
        let written = Self::default();
        let writer = written.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_writer(move || writer.clone());
        (written, set_default(subscriber.finish()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// Everything that was handed in to `lines`, each a JSON document.
    pub(crate) fn after(&self, lines: &Lines) -> Vec<Value> {
        lines.flush(PATIENCE);
        let written = self.0.lock().unwrap();
        let lines = written.split_inclusive(|byte| *byte == b'\n');
        lines
            .map(|line| serde_json::from_slice(line).expect("a whole line"))
            .collect()
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What the webhook has answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Webhook {
    /// With the tables of the tests, and not one poll at them so far.
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        write_tables(folder.path());
        let store = PolicyStore::Csv(CsvFolder::new(folder.path()));
        Self::over(&store, folder, LastGoodFiles::default())
    }

    /// Over any store.
    pub(crate) fn over(store: &PolicyStore, folder: TempDir, last_good: LastGoodFiles) -> Self {
        let written = Written::default();
        let lines = Lines::to(written.clone());
        let (app, refresh) = app(store, &lines);
        let endpoints = Endpoints::new(app, None);
        Self {
            folder,
            refresh: refresh.with_last_good(last_good),
            endpoints,
            lines,
            written,
        }
    }

    /// The store over its folder.
    pub(crate) fn store(&self) -> PolicyStore {
        PolicyStore::Csv(CsvFolder::new(self.folder.path()))
    }

    /// The same after its first poll.
    pub(crate) async fn started() -> Self {
        let mut webhook = Self::new();
        webhook.refresh.poll().await;
        webhook
    }

    /// The lines that have been logged so far.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.lines.flush(PATIENCE);
        let written = self.written.0.lock().unwrap();
        let text = String::from_utf8(written.clone()).unwrap();
        text.split_terminator('\n').map(str::to_owned).collect()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).unwrap();
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, Body::empty()).await
    }

    pub(crate) async fn post(&self, path: &str, body: impl Into<Body>) -> Answer {
        self.call(Method::POST, path, body).await
    }

    /// Posts an allocation request to `/api/allocate`.
    pub(crate) async fn allocate(&self, request: &Value) -> Answer {
        self.post("/api/allocate", request.to_string()).await
    }

    pub(crate) async fn call(&self, method: Method, path: &str, body: impl Into<Body>) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .body(body.into())
            .unwrap();
        self.send(request).await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        Answer::of(&self.endpoints, request).await
    }
}

impl Answer {
    /// What the endpoints answer.
    pub(crate) async fn of(endpoints: &Endpoints, request: Request<Body>) -> Self {
        let response = endpoints.clone().answer(request).await;
        let (head, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8(body.to_vec()).unwrap();
        Self {
            status: head.status.as_u16(),
            headers: head.headers,
            text,
        }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// Checks that this is a problem document that says `reason`.
    #[track_caller]
    pub(crate) fn assert_problem(&self, status: u16, reason: &str) {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.header("content-type"), "application/problem+json");
        let document = self.json();
        assert_eq!(document["reason"], reason, "{document}");
        assert_eq!(document["status"], status, "{document}");
        assert_eq!(
            document["type"],
            format!("urn:dps-allocator:{reason}"),
            "{document}"
        );
        for member in ["title", "detail", "decisionId"] {
            let text = document[member].as_str().unwrap();
            assert!(!text.is_empty(), "{member}: {document}");
        }
    }

    /// Checks that a device keeps its hub because its row could not be read, and gets nothing else.
    #[track_caller]
    pub(crate) fn assert_unverified(&self) {
        assert_eq!(self.status, 200, "{}", self.text);
        assert_eq!(self.header("dps-reason"), "stayUnverified");
        let answer = self.json();
        assert_eq!(answer.as_object().unwrap().len(), 1, "{answer}");
        assert!(answer["iotHubHostName"].is_string(), "{answer}");
    }
}
