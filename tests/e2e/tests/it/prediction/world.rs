//! A running webhook, its tables, and a fleet that registers with it.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use e2e::{Runtime, ScriptRoot, dps_policy};
use serde_json::Value;
use tempfile::TempDir;

use super::fleet::{self, Places, register};
use super::listed::{Moves, assert_same, happened, listed};

/// The shortest interval between two looks at the tables.
const REFRESH: [(&str, &str); 1] = [("POLICY_REFRESH_SECONDS", "1")];

const TABLES: [&str; 8] = [
    "hubs",
    "enrollments",
    "tenants",
    "rules",
    "rollouts",
    "latency",
    "twins",
    "devices",
];

pub(super) struct World {
    root: ScriptRoot,
    app: Arc<Runtime>,
    folder: TempDir,
    pub(super) fleet: Arc<Vec<Value>>,
}

/// What a change was said to do, and what it did.
pub(super) struct Change {
    /// The summary of the preview.
    pub(super) summary: Value,
    pub(super) moves: Moves,
    /// Of every device, after the change.
    pub(super) places: Places,
}

impl World {
    /// With the starter tables, some of them edited.
    pub(super) async fn start(fleet: Vec<Value>, edit: impl FnOnce(&ScriptRoot)) -> Self {
        let root = ScriptRoot::new();
        edit(&root);
        Self {
            app: Arc::new(Runtime::alone(&root, &REFRESH).await),
            root,
            folder: TempDir::new().unwrap(),
            fleet: Arc::new(fleet),
        }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// Previews an edit of the tables in force, installs it, and registers every device before and
    /// after: what the preview says is what happens.
    pub(super) async fn change(&self, edit: impl FnOnce(&str)) -> Change {
        let found = self.preview(edit);
        let before = register(&self.app, &self.fleet).await;
        self.install(&self.path("to"), &found["to"]["revision"])
            .await;
        let places = register(&self.app, &self.fleet).await;
        let moves = happened(&before, &places);
        let list = fs::read_to_string(self.path("list")).unwrap();
        assert_same(listed(&list), &moves);
        assert_eq!(found["summary"]["undecidable"], 0);
        self.log_says_the_same(&found["to"]["revision"]).await;
        Change {
            summary: found["summary"].clone(),
            moves,
            places,
        }
    }

    /// What an edit of a copy of the tables in force would do.
    pub(super) fn preview(&self, edit: impl FnOnce(&str)) -> Value {
        let names = ["from", "to", "fleet.jsonl", "list", "plan.json"];
        let paths = names.map(|name| self.path(name));
        let [from, to, fleet, list, plan] = &paths;
        for folder in [from, to] {
            self.copy(Path::new(folder));
        }
        edit(to);
        let lines: Vec<String> = self.fleet.iter().map(Value::to_string).collect();
        fs::write(fleet, lines.join("\n")).unwrap();
        let words = [
            "preview", from, to, "--fleet", fleet, "--list", list, "--out", plan, "--json",
        ];
        serde_json::from_str(&dps_policy(&words, &[])).unwrap()
    }

    /// `history` finds in the decision log what the plan of the preview says, device by device.
    async fn log_says_the_same(&self, revision: &Value) {
        let is_of = format!("\"revision\":{revision}");
        let lines = || {
            let lines = self.app.lines();
            lines.into_iter().filter(|line| line.contains(&is_of))
        };
        let all = self.fleet.len();
        let logged = || async { lines().count() >= all };
        self.app.until("each device to be logged", logged).await;
        let log = self.path("webhook.log");
        fs::write(&log, lines().collect::<Vec<_>>().join("\n")).unwrap();
        let (plan, fleet) = (self.path("plan.json"), self.path("fleet.jsonl"));
        let words = [
            "history", "--plan", &plan, "--log", &log, "--fleet", &fleet, "--json",
        ];
        let found: Value = serde_json::from_str(&dps_policy(&words, &[])).unwrap();
        let named = &found["named"];
        assert_eq!(named["asPredicted"], all, "{named}");
        let outcome = &found["outcome"];
        for kind in ["moved", "refused", "placed"] {
            let it = &outcome[kind];
            assert_eq!(it["notPredicted"], 0, "{kind}: {it}");
            assert_eq!(it["seen"], it["predicted"], "{kind}: {it}");
        }
        for load in outcome["load"].as_array().unwrap() {
            assert_eq!(load["seen"], load["predicted"], "{load}");
        }
    }

    /// The devices that take the answer have the hub of it from now on.
    pub(super) fn take(&mut self, places: &Places, takes: impl Fn(&str) -> bool) {
        for device in Arc::make_mut(&mut self.fleet) {
            let place = &places[fleet::id(device)];
            if fleet::is_hub(place) && takes(fleet::id(device)) {
                device["currentHub"] = place.as_str().into();
            }
        }
    }

    /// The folder of the tables in force.
    pub(super) fn tables(&self) -> String {
        let folder = self.root.path().join("infra/policy");
        folder.to_str().unwrap().to_owned()
    }

    /// Copies the tables in force.
    fn copy(&self, folder: &Path) {
        fs::create_dir_all(folder).unwrap();
        for table in TABLES {
            fs::write(folder.join(format!("{table}.csv")), self.root.table(table)).unwrap();
        }
    }

    async fn install(&self, folder: &str, revision: &Value) {
        for table in TABLES {
            let text = fs::read_to_string(format!("{folder}/{table}.csv")).unwrap();
            if text != self.root.table(table) {
                self.root.write_table(table, &text);
            }
        }
        let taken = || async { self.app.get("policy").await.body["revision"] == *revision };
        self.app.until("the change to be taken", taken).await;
    }
}
