//! `prove`: claims about every device, and requests that break them.

use dps_allocation::tables::TableName;

use crate::cloud::Cloud;
use crate::program::{Folder, root, run};

#[test]
fn a_claim_that_holds_is_proved() {
    let hub = "IoTPnPWS-Hub-20210726";
    let words = [
        "prove",
        "no-new-devices",
        hub,
        "infra/policy",
        "--at",
        "2026-12-20",
    ];
    let shown = run(&words).answer(0);
    assert!(
        shown.starts_with("proved: iotpnpws-hub-20210726.azure-devices.net gets no new device\n"),
        "{shown}"
    );
}

/// Before the claim is decided, also where it holds and nothing would be written.
#[test]
fn a_request_that_cannot_be_written_is_told_at_once() {
    let hub = "iotpnpws-hub-20210726";
    let words = ["prove", "no-new-devices", hub, "infra/policy"];
    let shown = run(&[&words[..], &["--request", "/nowhere/x.json"]].concat()).message();
    assert!(
        shown.contains("`/nowhere/x.json` cannot be written"),
        "{shown}"
    );
}

#[test]
fn one_decision_is_singular() {
    let folder = Folder::starter();
    let tables = format!("{}/one", folder.path());
    let hub = "a.azure-devices.net";
    run(&["init", "--hub", hub, &tables]).answer(0);
    let shown = run(&["prove", "no-new-devices", hub, &tables]).answer(1);
    assert!(
        shown.contains("\n1 decision about 1 class of devices\n"),
        "{shown}"
    );
}

/// The request that it writes is one that `explain` decides so, by the edited tables and not
/// before.
#[test]
fn a_claim_that_does_not_hold_is_shown_by_a_request() {
    let folder = Folder::starter().edit(
        "tenants.csv",
        ",factory,,latency",
        ",factory;toasters,,latency",
    );
    let file = format!("{}/broken.json", folder.path());
    let words = [
        "prove",
        "constraints",
        folder.path(),
        "--of",
        "infra/policy",
        "--at",
        "2026-12-20",
        "--request",
        &file,
    ];
    let shown = run(&words).answer(1);
    assert!(
        shown.starts_with("refuted: no tenant leaves its constraints\n"),
        "{shown}"
    );
    let explained = |policy: &str| {
        let words = [
            "explain",
            &file,
            "--policy",
            policy,
            "--at",
            "2026-12-20T00:00:00Z",
            "--json",
        ];
        run(&words).json(0)["response"]["iotHubHostName"].clone()
    };
    let after = explained(folder.path());
    assert!(after.as_str().unwrap().contains("toasters"), "{after}");
    assert!(
        shown.contains(&format!("it may get {}", after.as_str().unwrap())),
        "{shown}"
    );
    assert_ne!(
        explained(root().join("infra/policy").to_str().unwrap()),
        after
    );
}

#[test]
fn what_is_not_there_is_told() {
    let hub = run(&["prove", "no-new-devices", "contoso-weu-9", "infra/policy"]).message();
    assert!(hub.contains("did you mean `contoso-weu-1`?"), "{hub}");
    for (claim, table) in [("only-tenant", "tenants"), ("same", "enrollments")] {
        let shown = run(&["prove", claim, "nosuch", "infra/policy", "infra/policy"]).message();
        let expected = format!("`nosuch` is not in the {table} table");
        assert!(shown.contains(&expected), "{shown}");
    }
    let folded = run(&[
        "prove",
        "only-tenant",
        "Contoso",
        "infra/policy",
        "infra/policy",
    ])
    .answer(0);
    assert!(
        folded.starts_with("proved: the edit changes only tenant contoso\n"),
        "{folded}"
    );
}

/// No push touches the rows of `devices`, and no revision has them: both sides have those of now.
#[test]
fn claims_about_a_store_are_decided_with_its_device_rows() {
    let cloud = Cloud::starter();
    let revision = format!("tables@{}", &cloud.revision()[..12]);
    let at = ["--at", "2026-12-20"];
    let claim = ["prove", "only-tenant", "contoso", &revision, "tables"];
    let shown = cloud.run(&[&claim[..], &at].concat()).answer(0);
    let same = "proved: the edit changes only tenant contoso\n";
    assert!(shown.starts_with(same), "{shown}");

    // A device must stay in the EU, and an edit stops reading its row.
    cloud.edit(TableName::Devices, "pump-0042/device", "residency", "EU");
    let folder = Folder::starter().edit(
        "enrollments.csv",
        "pump-*,tenant-a,,,optional",
        "pump-*,tenant-a,,,off",
    );
    for of in [&*revision, "tables"] {
        let claim = ["prove", "constraints", folder.path(), "--of", of, "--json"];
        let shown = cloud.run(&[&claim[..], &at].concat()).json(1);
        assert_eq!(shown["verdict"], "refuted", "{of}: {shown}");
        let request = &shown["counterexample"]["request"];
        let id = &request["deviceRuntimeContext"]["registrationId"];
        assert_eq!(id, "pump-0042", "{of}: {shown}");
    }
    for source in [&*revision, "tables"] {
        let claim = ["prove", "constraints", source];
        let shown = cloud.run(&[&claim[..], &at].concat()).answer(0);
        assert!(shown.starts_with("proved: "), "{source}: {shown}");
    }
}
