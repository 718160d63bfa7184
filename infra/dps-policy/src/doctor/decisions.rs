//! The same requests, decided by the webhook and here.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use dps_allocation::{Explanation, HubName, Registration};
use dps_fleet::probe::probes;
use jiff::Timestamp;
use serde_json::Value;
use serde_json::value::RawValue;

use super::finding::Checks;
use super::tables::GoodTables;
use crate::device;
use crate::output::counted;
use crate::webhook::{Answer, Client, Keys, Route};

const NAME: &str = "decisions";

/// A request, and what to call it.
pub(super) struct Request {
    name: String,
    body: Vec<u8>,
}

/// The requests of a folder, or one for each enrollment of the tables.
///
/// # Errors
/// When the folder cannot be read, or holds none.
pub(super) fn requests(folder: Option<&Path>, tables: &GoodTables) -> anyhow::Result<Vec<Request>> {
    let Some(folder) = folder else {
        let probes = probes(&tables.checked.tables).into_iter();
        return Ok(probes
            .map(|probe| Request {
                name: probe.enrollment,
                body: probe.body,
            })
            .collect());
    };
    let shown = folder.display();
    let entries = fs::read_dir(folder).with_context(|| format!("`{shown}` cannot be read"))?;
    let mut requests = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|it| it == "json") {
            let body = fs::read(&path);
            let body = body.with_context(|| format!("`{}` cannot be read", path.display()))?;
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            requests.push(Request {
                name: name.into_owned(),
                body,
            });
        }
    }
    anyhow::ensure!(
        !requests.is_empty(),
        "`{shown}` holds no requests: *.json, as DPS sends them"
    );
    requests.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(requests)
}

/// Hub, initial twin, payload and reason of each answer are those of the tables.
///
/// # Errors
/// When a request is not an allocation request, or a device's row cannot be read.
pub(super) async fn check(
    checks: &mut Checks,
    client: &Client,
    keys: &Keys,
    tables: &GoodTables,
    requests: &[Request],
) -> anyhow::Result<()> {
    let key = keys.allocate.as_ref();
    let mut differences = Vec::new();
    let mut assigned = 0;
    for request in requests {
        let expected = explain(request, tables).await?;
        assigned += usize::from(expected.outcome == "assigned");
        let answer = client.call(Route::Allocate(&request.body), key).await;
        let Some(answer) = checks.answered(NAME, answer) else {
            return Ok(());
        };
        let response = response(&expected)?;
        let differing = differing(expected.reason, &response, &answer).into_iter();
        differences.extend(differing.map(|what| format!("`{}`: {what}", request.name)));
    }
    let asked = counted(requests.len(), "request");
    if differences.is_empty() {
        let refused = requests.len() - assigned;
        let detail = format!("{asked}, all the same: {assigned} assigned, {refused} refused");
        checks.good(NAME, detail);
    } else {
        let help = "if the revision is the same, the versions of webhook and tool differ";
        checks.bad(NAME, format!("{asked}: {}", differences.join("; ")), help);
    }
    Ok(())
}

async fn explain(request: &Request, tables: &GoodTables) -> anyhow::Result<Explanation> {
    let GoodTables { checked, policy } = tables;
    let registration = Registration::parse(&request.body)
        .with_context(|| format!("`{}` is not an allocation request", request.name))?;
    device::explain(&checked.source, policy, &registration, Timestamp::now()).await
}

/// The answer to DPS; null for a refusal.
fn response(explanation: &Explanation) -> anyhow::Result<Value> {
    let json = explanation.response.as_deref();
    let value = serde_json::from_str(json.map_or("null", RawValue::get));
    value.context("the explanation holds no JSON")
}

/// What differs, without the content of twins and payloads.
fn differing(reason: &str, response: &Value, answer: &Answer) -> Vec<String> {
    let mut differences = Vec::new();
    if answer.reason.as_deref() != Some(reason) {
        let theirs = answer.reason.as_deref().unwrap_or("not of the webhook");
        let status = answer.status.as_u16();
        differences.push(format!("{status} {theirs}, here {reason}"));
    }
    let [theirs, ours] =
        [answer.body.get(HUB), response.get(HUB)].map(|hub| hub.and_then(Value::as_str));
    if theirs != ours {
        let shown = |hub: Option<&str>| hub.map_or("none".to_owned(), |hub| format!("`{hub}`"));
        let is_one_hub = match (theirs, ours) {
            (Some(theirs), Some(ours)) => HubName::fold(theirs) == HubName::fold(ours),
            _ => false,
        };
        let rule = if is_one_hub {
            ", in another spelling, which DPS refuses"
        } else {
            ""
        };
        differences.push(format!("hub {}, here {}{rule}", shown(theirs), shown(ours)));
    }
    for member in ["initialTwin", "payload"] {
        if answer.body.get(member) != response.get(member) {
            differences.push(format!("another `{member}`"));
        }
    }
    differences
}

/// The member of an answer that names the hub.
const HUB: &str = "iotHubHostName";

#[cfg(test)]
mod tests {
    use reqwest::StatusCode;
    use serde_json::json;

    use super::*;

    /// What differs if both would answer with these hubs.
    fn differences(theirs: Option<&str>, ours: &str) -> String {
        let answer = Answer {
            status: StatusCode::OK,
            body: match json!({ HUB: theirs }) {
                Value::Object(members) => members,
                _ => unreachable!(),
            },
            reason: Some("weighted".to_owned()),
            date: None,
        };
        differing("weighted", &json!({ HUB: ours }), &answer).join("; ")
    }

    #[test]
    fn a_hub_is_answered_in_the_spelling_of_linked_hubs() {
        let (classic, device) = ("weu.azure-devices.net", "weu.device.azure-devices.net");
        assert_eq!(differences(Some(classic), classic), "");
        let other = differences(Some(device), classic);
        assert!(other.contains("in another spelling"), "{other}");
        let other = differences(Some("neu.azure-devices.net"), classic);
        assert!(
            other.contains("hub `neu") && !other.contains("spelling"),
            "{other}"
        );
        assert!(differences(None, classic).contains("hub none"));
    }
}
