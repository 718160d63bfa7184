//! Tables that are away, or that may not be used.

use azurite::Fault;

use crate::cloud::Cloud;
use crate::program::{Folder, Run};

const REQUEST: &str = "tests/fixtures/allocation/individual-never-reprovision.json";

#[test]
fn a_store_that_is_away_is_told() {
    let cloud = Cloud::starter();
    cloud.proxy.set(Fault::Refuse);
    for arguments in [
        &["explain", REQUEST][..],
        &["check"],
        &["diff", "tables", "infra/policy"],
        &["pull", "nowhere"],
        &["push", "--yes", "infra/policy"],
        &["history"],
        &["rollback", "--yes", "0123456789ab"],
    ] {
        let message = cloud.run(arguments).message();
        assert!(message.contains(" cannot be reached: "), "{message}");
    }
}

#[test]
fn a_wrong_key_is_told_and_not_shown() {
    let cloud = Cloud::starter();
    let wrong = format!("AAAA{}", &azurite::KEY[4..]);
    let settings = azurite::shared().connection_string();
    let settings = settings.replace(azurite::KEY, &wrong);
    for arguments in [
        &["explain", REQUEST][..],
        &["push", "--yes", "infra/policy"],
        &["history"],
    ] {
        let mut program = cloud.program(arguments);
        let run = Run::from(program.env("PolicyTables", &settings).output().unwrap());
        let message = run.message();
        assert!(message.contains("key"), "{message}");
        assert!(!message.contains(&wrong[..16]), "{message}");
    }
}

#[test]
fn who_may_only_read_is_told() {
    let cloud = Cloud::starter();
    let folder = Folder::starter().edit("hubs.csv", "EU,factory,2", "EU,factory,5");
    cloud.writes_meet(Fault::Forbidden { times: u32::MAX });
    let message = cloud.run(&["push", "--yes", folder.path()]).refusal(2);
    assert!(message.contains(" may not use "), "{message}");
    assert!(message.contains("nothing was changed"), "{message}");
    assert_eq!(
        cloud.run(&["push", "infra/policy"]).answer(0),
        "no difference\n"
    );
}
