//! `GET /api/policy`: which policy decides, and what is wrong with the one that does not.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use dps_allocation::Finding;
use dps_allocation::tables::TableName;
use jiff::Timestamp;
use serde::Serialize;

use super::reply::{document, rfc3339};
use super::telemetry::{self, DeliveryDocument};
use crate::app::App;
use crate::deadline::Deadline;
use crate::policy::{PushUnderWay, RefusedEdit, Unreadable};
use crate::shadow::Shadow;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PolicyDocument<'a> {
    revision: Option<String>,
    /// When this process installed the revision.
    since: Option<String>,
    source: &'a str,
    /// Whether the store may hold another policy than this.
    stale: bool,
    /// When the policy was saved, if it comes from the file of the last good one.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_good_saved: Option<String>,
    /// Rows of each table.
    tables: Option<BTreeMap<&'static str, usize>>,
    warnings: &'a [Finding],
    /// Hubs without a row that devices keep, with the number of decisions since the start; 50 at most.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    unlisted_hubs: BTreeMap<String, u64>,
    /// What the store holds now, if that is refused.
    last_refused: Option<&'a RefusedEdit>,
    /// Why the store cannot be read now, if so.
    unreadable: Option<&'a Unreadable>,
    /// The push that the store is in the middle of.
    push_under_way: Option<&'a PushUnderWay>,
    /// The candidate policy that is decided beside this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    shadow: Option<ShadowDocument<'a>>,
    /// How the exports of traces and metrics go, one of each destination.
    telemetry: Vec<DeliveryDocument>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ShadowDocument<'a> {
    revision: Option<String>,
    since: Option<String>,
    source: &'a str,
    /// Decisions since then by how they differ from those of the live policy.
    decisions: BTreeMap<&'static str, u64>,
    last_refused: Option<RefusedEdit>,
    unreadable: Option<Unreadable>,
}

impl<'a> From<&'a Shadow> for ShadowDocument<'a> {
    fn from(shadow: &'a Shadow) -> Self {
        let status = shadow.policy().status();
        let snapshot = shadow.policy().now();
        Self {
            revision: snapshot.as_ref().map(|it| it.revision.to_string()),
            since: snapshot.as_ref().map(|it| rfc3339(it.since)),
            source: shadow.policy().source(),
            decisions: shadow.counts(),
            last_refused: status.refused,
            unreadable: status.unreadable,
        }
    }
}

pub(super) async fn policy(State(app): State<Arc<App>>) -> Response {
    app.poll(Deadline::after(app.deadline)).await;
    let status = app.policy.status();
    let snapshot = app.policy.now();
    let snapshot = snapshot.as_deref();
    document(&PolicyDocument {
        revision: snapshot.map(|it| it.policy.revision().to_string()),
        since: snapshot.map(|it| rfc3339(it.since)),
        source: app.policy.source(),
        stale: app.policy.is_stale(&status, Timestamp::now()),
        last_good_saved: status.from_last_good.map(rfc3339),
        tables: snapshot.map(|it| {
            let rows = |table: TableName| (table.as_str(), it.policy.rows(table));
            TableName::all().map(rows).collect()
        }),
        warnings: &status.warnings,
        unlisted_hubs: app.policy.unlisted_hubs(),
        last_refused: status.refused.as_ref(),
        unreadable: status.unreadable.as_ref(),
        push_under_way: status.push.as_ref(),
        shadow: app.shadow.as_ref().map(ShadowDocument::from),
        telemetry: telemetry::documents(&app.telemetry),
    })
}
