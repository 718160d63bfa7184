//! Questions that are answered after a while: by then the server has closed every connection.

use std::thread;
use std::time::Duration;

use azurite::{Azurite, Fault};

use crate::cloud::Cloud;
use crate::program::{Folder, revision};

/// Azurite closes a connection that nobody has used for so many seconds; newer Node.js adds one.
const IDLE: &str = "1";
const A_WHILE: Duration = Duration::from_secs(3);

fn edited() -> Folder {
    Folder::starter().edit("hubs.csv", "EU,factory,2", "EU,factory,5")
}

/// Answers so many questions with yes, each after a pause.
#[track_caller]
fn check(cloud: &Cloud, arguments: &[&str], questions: usize, pause: Duration) {
    let mut terminal = cloud.terminal(arguments);
    for _ in 0..questions {
        terminal.until("[y/N] ");
        thread::sleep(pause);
        terminal = terminal.answer("y");
    }
    terminal.end(0);
    assert!(!cloud.has_marker());
}

/// A front that closes connections at once, as it is with a pause of any length.
#[test]
fn a_front_that_closes_idle_connections_does_no_harm() {
    let (cloud, folder) = (Cloud::empty(), edited());
    cloud.proxy.set(Fault::CloseIdle);
    let pause = Duration::from_millis(50);
    check(&cloud, &["push", "infra/policy"], 2, pause);
    let before = cloud.revision();
    check(&cloud, &["push", folder.path()], 1, pause);
    assert_eq!(cloud.revision(), revision(folder.path()));
    check(&cloud, &["rollback", &before], 1, pause);
    assert_eq!(cloud.revision(), before);
    cloud.run(&["push", "--yes", folder.path()]).answer(0);
    assert_eq!(cloud.revision(), revision(folder.path()));
}

#[test]
fn azurite_closes_connections_while_the_difference_is_read() {
    let azurite = Azurite::start_with(&["--tableKeepAliveTimeout", IDLE]);
    let (cloud, folder) = (Cloud::direct_starter(&azurite), edited());
    let before = cloud.revision();
    check(&cloud, &["push", folder.path()], 1, A_WHILE);
    check(&cloud, &["rollback", &before], 1, A_WHILE);
    assert_eq!(cloud.revision(), before);
}
