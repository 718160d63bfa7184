//! `dps-local derive-key`.

use std::io::{IsTerminal as _, stdin};

use anyhow::anyhow;
use dps_local::SymmetricKey;

/// Reads the key of a group from standard input: an argument would be seen by others, and kept by the shell.
#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the key is what a user starts this for"
)]
pub(crate) fn print(registration_id: &str) -> anyhow::Result<()> {
    if stdin().is_terminal() {
        eprintln!("Key of the enrollment group:");
    }
    let mut text = String::new();
    stdin()
        .read_line(&mut text)
        .map_err(|error| anyhow!("cannot read standard input: {error}"))?;
    let key = SymmetricKey::try_from(text).map_err(|error| {
        anyhow!("standard input has to be the key of an enrollment group: {error}")
    })?;
    println!("{}", String::from(key.derive(registration_id)));
    Ok(())
}
