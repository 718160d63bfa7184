//! Holds an Azurite until stdin ends: a stand-in for a test process that is killed.

use std::io::{self, Write as _, stdin, stdout};

fn main() -> io::Result<()> {
    writeln!(stdout(), "{}", azurite::shared().port())?;
    stdin().read_line(&mut String::new())?;
    Ok(())
}
