//! Files that an operator names.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, lchown, symlink};

use dps_policy_store::write_named_file;
use rustix::process::geteuid;

#[test]
fn a_link_is_followed_unless_somebody_else_has_put_it_there() {
    let folder = tempfile::tempdir().unwrap();
    let [target, link] = ["target", "link"].map(|it| folder.path().join(it));
    fs::write(&target, "old").unwrap();
    symlink("target", &link).unwrap();
    write_named_file(&link, b"new").unwrap();
    assert_eq!(fs::read_to_string(&target).unwrap(), "new");
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    if !geteuid().is_root() {
        return;
    }
    lchown(&link, Some(4242), None).unwrap();
    let refused = write_named_file(&link, b"newer").unwrap_err().to_string();
    assert_eq!(refused, "it is a link of another user; name a file");
    assert_eq!(fs::read_to_string(&target).unwrap(), "new");
    assert_eq!(fs::symlink_metadata(&link).unwrap().uid(), 4242);
}
