//! Questions to the person at the terminal.

use std::io::{self, IsTerminal as _, Write as _};

use anyhow::Context as _;

/// Asks; where there is no terminal, nobody can have agreed.
///
/// # Errors
/// When nobody can be asked.
pub(crate) fn confirmed(question: &str) -> anyhow::Result<bool> {
    anyhow::ensure!(
        io::stdin().is_terminal(),
        "nobody can be asked here: {question} add --yes to agree"
    );
    let mut stderr = io::stderr().lock();
    write!(stderr, "{question} [y/N] ").context("stderr cannot be written")?;
    stderr.flush().context("stderr cannot be written")?;
    let mut answer = String::new();
    io::stdin()
        .read_line(&mut answer)
        .context("stdin cannot be read")?;
    let answer = answer.trim().to_ascii_lowercase();
    Ok(matches!(&*answer, "y" | "yes"))
}
