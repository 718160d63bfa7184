use crate::fleet::{at, decided, explained, findings, policy, request};
use serde_json::json;

const FLEET: &str = "
    hubs: region geography pools weight twin
    weu.net | westeurope | EU | main | 1 | -
    neu.net | northeurope | EU | main | 1 | -
    eus.net | eastus | US | main | 1 | -
    tenants: placement residency
    acme | latency | EU
    enrollments: tenants location
    group | acme | germanywestcentral
    latency: milliseconds
    de/westeurope | 12
    rollouts: to steps
    */move | neu.net | 10%
";

#[test]
fn smoke() {
    println!("{}", findings(FLEET));
    let policy = policy(FLEET);
    let all = ["weu.net", "NEU.net", "eus.net", "other.net"];
    let facts = at("2026-12-01T00:00Z");
    println!("{}", decided(&policy, &request("a", &all), &facts));
    let mut again = request("a", &all);
    again["deviceRuntimeContext"]["currentIotHubHostName"] = json!("weu.net");
    println!(
        "{}",
        serde_json::to_string_pretty(&explained(&policy, &request("a", &all), &facts)).unwrap()
    );
    println!(
        "{}",
        serde_json::to_string_pretty(&explained(&policy, &again, &facts)).unwrap()
    );
}
