//! Keys in the words of a command line, which no message repeats.

use crate::program::run;

/// In place of a key.
const SECRET: &str = "SECRETabc";

#[track_caller]
fn check(words: &[&str], said: &str) {
    let ran = run(words);
    let shown = format!("{}{}", ran.stdout, ran.stderr);
    assert_eq!(ran.code, Some(2), "{words:?}: {shown}");
    assert!(!shown.contains(SECRET), "{words:?}: {shown}");
    assert!(shown.contains(said), "{words:?}: {shown}");
}

#[test]
fn addresses_with_keys_are_refused_without_the_keys() {
    let query = format!("https://a.example/api/allocate?code={SECRET}");
    let bare = format!("a.example/api/allocate?code={SECRET}");
    let user = format!("https://user:{SECRET}@a.example");
    let fragment = format!("https://a.example/#{SECRET}");
    let bare_user = format!("user:{SECRET}@a.example");
    for address in [&query, &bare, &user, &fragment, &bare_user] {
        check(&["doctor", address], "write ");
        check(&["doctor", "https://a.example", "x", address], "unexpected");
        check(
            &["doctor", "https://a.example", "--dps", address],
            "name of the DPS alone",
        );
        check(&["shadow", "status", address], "write ");
        check(&["shadow", "start", "--url", address], "write ");
        check(&[address], "unrecognized subcommand");
        check(&["history", address], "is not a revision");
        check(&["rollback", address], "is not a revision");
        check(
            &["check", &format!("tables@{address}")],
            "is not a revision",
        );
        let simulate = ["simulate", "x", "--synthetic", "5"];
        let often = [&simulate[..], &["--register-every", address]].concat();
        check(&often, "is not a length of time");
        let most = [&simulate[..], &["--capacity", address]].concat();
        check(&most, "is not a number of devices");
        check(
            &["preview", "x", "y", "--linked-hubs", address],
            "is not the host name of a hub",
        );
    }
    for address in [&query, &user, &fragment] {
        check(&["check", address], "it is an address; name a folder");
        check(&["explain", address], "cannot be read");
        check(
            &["shadow", "status", "--log", "x", address],
            "write the URL without",
        );
    }
}
