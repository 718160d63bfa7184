//! Questions to the person at the terminal.

use std::io::{self, IsTerminal as _, Write as _};

use anyhow::Context as _;

/// Asks; where there is no terminal, nobody can have agreed.
///
/// # Errors
/// When nobody can be asked.
pub(crate) async fn confirmed(question: &str) -> anyhow::Result<bool> {
    anyhow::ensure!(
        io::stdin().is_terminal(),
        "nobody can be asked here: {question} add --yes to agree"
    );
    let mut stderr = io::stderr().lock();
    let asked = write!(stderr, "{question} [y/N] ").and_then(|()| stderr.flush());
    drop(stderr);
    asked.context("stderr cannot be written")?;
    // Beside the runtime, which goes on: connections that are closed meanwhile are noticed.
    let answer = tokio::task::spawn_blocking(line).await;
    let answer = answer.context("the question has a fault")?;
    let answer = answer.context("stdin cannot be read")?;
    let answer = answer.trim().to_ascii_lowercase();
    Ok(matches!(&*answer, "y" | "yes"))
}

fn line() -> io::Result<String> {
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    Ok(line)
}
