//! `explain --policy tables`: the device's row is looked up as the webhook does.

use std::fs;

use dps_allocation::tables::TableName;
use serde_json::{Value, json};

use crate::cloud::Cloud;
use crate::program::{Folder, Run, root};

const REQUEST: &str = "tests/fixtures/allocation/individual-never-reprovision.json";

/// The starter tables, where the enrollment of the request demands a row of its devices.
fn required() -> Cloud {
    let cloud = Cloud::starter();
    let folder = Folder::starter().edit(
        "enrollments.csv",
        "tenant-a,,,optional",
        "tenant-a,,,required",
    );
    cloud.run(&["push", "--yes", folder.path()]).answer(0);
    cloud
}

fn explain(cloud: &Cloud, policy: &str) -> Run {
    cloud.run(&["explain", REQUEST, "--policy", policy, "--json"])
}

/// What the step of the device has found.
fn found(document: &Value) -> &Value {
    let mut steps = document["steps"].as_array().unwrap().iter();
    &steps.find(|step| step["step"] == "device").unwrap()["found"]
}

#[test]
fn the_row_in_azure_counts() {
    let cloud = required();
    let document = explain(&cloud, "tables").json(0);
    assert_eq!(document["outcome"], "assigned");
    assert_eq!(found(&document), &json!("its row"));
    let of_revision = format!("tables@{}", cloud.revision());
    assert_eq!(
        explain(&cloud, &of_revision).json(0)["hub"],
        document["hub"]
    );
    let screen = cloud.run(&["explain", REQUEST]).answer(0);
    assert!(screen.starts_with("pump-0042: "), "{screen}");
    assert!(screen.contains(" of tables, at "), "{screen}");
}

#[test]
fn without_its_row_the_device_is_refused() {
    let cloud = required();
    let text = fs::read_to_string(root().join(REQUEST)).unwrap();
    let request = tempfile::NamedTempFile::new().unwrap();
    fs::write(&request, text.replace("pump-0042", "pump-0099")).unwrap();
    let request = request.path().to_str().unwrap();
    let document = cloud
        .run(&["explain", request, "--policy", "tables", "--json"])
        .json(1);
    assert_eq!(document["outcome"], "refused");
    assert_eq!(found(&document), "no row, and one is required");
}

#[test]
fn a_row_with_errors_is_named() {
    let cloud = required();
    cloud.edit(TableName::Devices, "pump-0042/device", "tenant", "nobody");
    let message = explain(&cloud, "tables").message();
    assert!(
        message.starts_with("the device's row has errors: "),
        "{message}"
    );
    assert!(
        message.contains("devices pump-0042/device, column tenant"),
        "{message}"
    );
    assert!(message.contains("`nobody`"), "{message}");
}
