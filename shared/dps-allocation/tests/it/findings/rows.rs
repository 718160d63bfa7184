//! What is wrong with rows: their keys, their columns, and what they name.

use crate::findings::{cell, cells, check};

const HOST: &str = "write the host name of the hub, such as contoso-weu-1.azure-devices.net";
const HUB: &str = "add the hub or correct its host name";
const HUB_OR_POOL: &str = "name a row of hubs, or a pool of one";
const ID: &str = "write at most 128 letters, digits, `-`, `.`, `_` and `:`";
const KEYS: &str = "every row has a PartitionKey and a RowKey";
const PATTERN: &str = "write an id in which `*` stands for any characters";
const POOL: &str = "name the pool in a row of hubs";
const SCOPE: &str = "add the tenant, or write * for all";
const TENANT: &str = "add the tenant or correct its id";
const TWIN: &str = "add a row to twins or correct the name";

#[test]
fn keys() {
    cells(
        KEYS,
        "
        hubs: // - => hubs hub/ RowKey: the key is empty
        devices: // - => devices /device PartitionKey: the key is empty
        latency: milliseconds // berlin/- | 5 => latency berlin/ RowKey: the key is empty
    ",
    );
    cells(HOST, "
        hubs: // nohost => hubs hub/nohost RowKey: `nohost` is not a host name: its labels are separated by dots, none is empty or begins or ends with `-`
        hubs: // -bad.net => hubs hub/-bad.net RowKey: `-bad.net` is not a host name: its labels are separated by dots, none is empty or begins or ends with `-`
        hubs: // https://b.net => hubs hub/https://b.net RowKey: `https://b.net` is not a host name: it holds ':': only letters, digits and `-.` are allowed
    ");
    cells(ID, "
        tenants: // be ta => tenants tenant/be ta RowKey: `be ta` is not an id: it holds ' ': only letters, digits and `-._:` are allowed
        tenants: // beta. => tenants tenant/beta. RowKey: `beta.` is not an id: it ends with '.': the last character must be a letter, a digit or `-`
        rules: // a b/1 => rules a b/1 PartitionKey: `a b` is not an id: it holds ' ': only letters, digits and `-._:` are allowed
    ");
    cells(PATTERN, "
        enrollments: tenants // a/b | acme => enrollments enrollment/a/b RowKey: `a/b` is not an id or pattern: it holds '/': only letters, digits and `-._:` are allowed
        enrollments: tenants // a?* | acme => enrollments enrollment/a?* RowKey: `a?*` is not an id or pattern: it holds '?': only letters, digits and `-._:` are allowed
    ");
}

#[test]
fn names() {
    cells(
        HUB,
        "
        rules: hub // acme/1 | b.net => rules acme/1 hub: hub `b.net` is not in the hubs table
        devices: hub // d | b.net => devices d/device hub: hub `b.net` is not in the hubs table
    ",
    );
    cells(
        POOL,
        "
        rules: pools // acme/1 | gold => rules acme/1 pools: no hub is in a pool `gold`
        tenants: pools // beta | gold => tenants tenant/beta pools: no hub is in a pool `gold`
    ",
    );
    cells("name the geography in a row of hubs", "
        tenants: residency // beta | EU => tenants tenant/beta residency: no hub is in the geography `eu`
        enrollments: tenants residency // g | acme | EU => enrollments enrollment/g residency: no hub is in the geography `eu`
        devices: residency // d | EU => devices d/device residency: no hub is in the geography `eu`
    ");
    cells(HUB_OR_POOL, "
        rollouts: to steps // acme/1 | gold | 1% => rollouts acme/1 to: `gold` is neither a hub nor a pool
    ");
    cells(
        "name the hubs or pools to move to, or the twin to add",
        "
        rollouts: steps // acme/1 | 1% => rollouts acme/1 to: the rollout has no target
    ",
    );
    cells("write when it was paused: the share stays as it was then", "
        rollouts: to steps state // acme/1 | a.net | 1% | paused => rollouts acme/1 pausedAt: a paused rollout needs a time
    ");
    cells(SCOPE, "
        rules: // beta/1 => rules beta/1 PartitionKey: tenant `beta` is not in the tenants table
        rollouts: to steps // beta/1 | a.net | 1% => rollouts beta/1 PartitionKey: tenant `beta` is not in the tenants table
        twins: tags // beta/t | {} => twins beta/t PartitionKey: tenant `beta` is not in the tenants table
    ");
    cells(
        TENANT,
        "
        enrollments: tenants // g2 | beta => enrollments enrollment/g2 tenants: no tenant is `beta`
        enrollments: tenants // g2 | b*;acme => enrollments enrollment/g2 tenants: no tenant is `b*`
    ",
    );
    cells("list the tenants, or write * when tenantFrom may pick any", "
        enrollments: deviceRows // g2 | off => enrollments enrollment/g2 tenants: no tenant may use the enrollment
    ");
    cells(TWIN, "
        hubs: twin // b.net | t => hubs hub/b.net twin: there is no twin `t` for `*`
        rules: twin // acme/1 | t => rules acme/1 twin: there is no twin `t` for `acme` or `*`
        rules: twin // */1 | t => rules */1 twin: there is no twin `t` for `*`
        enrollments: tenants twin // g2 | acme | t // twins: tags // acme/t | {} => enrollments enrollment/g2 twin: there is no twin `t` for `*`
    ");
    cells(
        "write the measured round trip, or remove the row",
        "
        latency: // berlin/westeurope => latency berlin/westeurope milliseconds: there is no latency
    ",
    );
}

#[test]
fn keys_have_their_length() {
    let long = "x".repeat(129);
    // What a finding quotes is cut: 128 characters of a key, 100 of a cell.
    let (key, quoted) = ("x".repeat(128), "x".repeat(100));
    let rule = format!(
        "tenants tenant/{key}… RowKey: `{quoted}…` is not an id: it has more than 128 characters"
    );
    cell(&format!("tenants:\n {long}"), &rule, ID);
}

#[test]
fn each_name_is_reported() {
    check(
        "rollouts: to steps from // acme/1 | a.net | 1% | gold;b.net",
        "error: rollouts acme/1, line 8, column from: `gold` is neither a hub nor a pool; name a row of hubs, or a pool of one
        error: rollouts acme/1, line 8, column from: `b.net` is neither a hub nor a pool; name a row of hubs, or a pool of one",
    );
    check(
        "enrollments: tenants deviceRows // g2 | acme | optional // devices: tenant twin // d | beta | t",
        "error: devices d/device, line 10, column tenant: tenant `beta` is not in the tenants table; add the tenant or correct its id
        error: devices d/device, line 10, column twin: there is no twin `t` for `beta` or `*`; add a row to twins or correct the name",
    );
}

#[test]
fn rows_with_the_same_keys_are_reported_in_any_spelling() {
    check(
        "hubs: // A.NET",
        "error: hubs hub/a.net, line 8: another row is for the same hub; keep one of them; NAME.device.azure-devices.net is the hub NAME.azure-devices.net",
    );
    check(
        "tenants: // ACME // Acme // acme",
        "error: tenants tenant/acme, line 8: another row has the same keys; keep one of them
        error: tenants tenant/acme, line 9: another row has the same keys; keep one of them
        error: tenants tenant/acme, line 10: another row has the same keys; keep one of them",
    );
    check(
        "rules: when // acme/1 | iotEdge // acme/2 // acme/1",
        "error: rules acme/1, line 10: another row has the same keys; keep one of them",
    );
    // The names of rules and rollouts tell upper from lower case.
    check("rules: when // acme/a // acme/A | iotEdge", "");
}

#[test]
fn columns_are_known_or_reported() {
    check(
        "hubs: wieght // b.net | 5",
        "error: hubs, column wieght: the hubs table has no column `wieght`; did you mean `weight`? its columns are region, \
         geography, pools, tenants, weight, tier, state, begins, ends, profile, namespace, twin; note and owner are free",
    );
    check(
        "tenants: Weight // beta | 5",
        "error: tenants, column Weight: the tenants table has no column `Weight`; its columns are \
         state, pools, residency, placement, hub, toleranceMs, withoutLocation, onReprovision, \
         locationFrom, groupFrom, twin, reply, salt; note and owner are free",
    );
    check(
        "hubs: weight Weight // b.net | 5 | 6",
        "error: hubs, column Weight: another column has the same name; keep one of the columns",
    );
    check(
        "hubs: Row_Key // b.net | c.net",
        "error: hubs, column Row_Key: another column has the same name; keep one of the columns",
    );
}

#[test]
fn times_of_a_rollout_fit_its_state() {
    let check = |row: &str, expected: &str| {
        let columns = "rollouts: to steps state pausedAt abortedAt return";
        let expected = expected.replace("AT", "warning: rollouts acme/1, line 8, column");
        check(&format!("{columns} // acme/1 | a.net | {row}"), &expected);
    };
    let dated = "2026-12-01=5% 2026-12-08=100%";
    let missing = "AT abortedAt: abortedAt is missing: the rollout brings back only devices that its steps or \
                   `include` selected without a time, or before `pausedAt`; write the time in \
                   abortedAt, such as 2026-12-01T08:00Z";
    let not_aborted =
        "AT abortedAt: the rollout is not aborted; remove the time, or set state to aborted";
    let not_paused = "AT pausedAt: the rollout is not paused; remove the time, or set state to paused; when \
                      the rollout is aborted, its share counts as of this time";
    check(&format!("{dated} | aborted | - | - | true"), missing);
    check(
        &format!("{dated} | aborted | 2026-12-02 | - | true"),
        missing,
    );
    check(&format!("{dated} | aborted | - | 2026-12-02 | true"), "");
    check(
        &format!("{dated} | aborted | 2026-12-02 | 2026-12-03 | true"),
        "",
    );
    // Nothing depends on the time.
    check(&format!("{dated} | aborted"), "");
    check("100% | aborted | - | - | true", "");
    check(&format!("{dated} | paused | 2026-12-02"), "");
    check(
        &format!("{dated} | paused | 2026-12-02 | 2026-12-03"),
        not_aborted,
    );
    check(&format!("{dated} | running | - | 2026-12-03"), not_aborted);
    check(&format!("{dated} | - | 2026-12-02"), not_paused);
}
