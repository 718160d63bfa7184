//! How many devices each hub has.

use std::collections::BTreeMap;

use anyhow::Context as _;
use dps_local::{SymmetricKey, sign};
use jiff::{SignedDuration, Timestamp};
use reqwest::{Certificate, Client};
use serde_json::Value;

use crate::facts::Facts;

/// By host name, as operators ask for it.
pub(super) async fn on_hubs(facts: &Facts) -> anyhow::Result<BTreeMap<String, u64>> {
    let key = facts.owner_key()?;
    let links = get(
        facts,
        &facts.host,
        "provisioningserviceowner",
        &key,
        "linkedHubs",
    )
    .await?;
    let mut counts = BTreeMap::new();
    for link in links.as_array().context("there is no list of hubs")? {
        let member = |name| {
            link.get(name)
                .and_then(Value::as_str)
                .context("a hub lacks a member")
        };
        let (hub, key) = (
            member("name")?,
            SymmetricKey::try_from(member("ownerKey")?.to_owned())?,
        );
        let statistics = get(facts, hub, "iothubowner", &key, "statistics/devices").await?;
        let count = statistics.get("totalDeviceCount").and_then(Value::as_u64);
        counts.insert(hub.to_owned(), count.context("a hub does not count")?);
    }
    Ok(counts)
}

async fn get(
    facts: &Facts,
    host: &str,
    policy: &str,
    key: &SymmetricKey,
    path: &str,
) -> anyhow::Result<Value> {
    let root = Certificate::from_pem(facts.trusted()?.as_bytes())?;
    let client = Client::builder()
        .no_proxy()
        .tls_certs_only([root])
        .resolve(host, facts.https)
        .build()?;
    let expires = Timestamp::now() + SignedDuration::from_mins(5);
    let request = client
        .get(format!(
            "https://{host}:{}/{path}?api-version=2021-10-01",
            facts.https.port()
        ))
        .header("Authorization", sign(key, host, Some(policy), expires));
    Ok(request.send().await?.error_for_status()?.json().await?)
}
