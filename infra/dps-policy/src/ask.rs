//! Questions to the person at the terminal.

use std::io::{self, IsTerminal as _, Write as _};

use anyhow::Context as _;

/// Asks for a yes.
///
/// # Errors
/// When stdin is not a terminal, so that there is nobody to ask.
pub(crate) async fn confirmed(question: &str) -> anyhow::Result<bool> {
    anyhow::ensure!(
        io::stdin().is_terminal(),
        "stdin is not a terminal, so nobody can answer: {question} add --yes to agree"
    );
    let mut stderr = io::stderr().lock();
    let asked = write!(stderr, "{question} [y/N] ").and_then(|()| stderr.flush());
    drop(stderr);
    asked.context("stderr cannot be written")?;
    // On another thread, so that the runtime notices connections that are closed meanwhile.
    let answer = tokio::task::spawn_blocking(line).await;
    let answer = answer.context("the question failed")?;
    let answer = answer.context("stdin cannot be read")?;
    let answer = answer.trim().to_ascii_lowercase();
    Ok(matches!(&*answer, "y" | "yes"))
}

fn line() -> io::Result<String> {
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    Ok(line)
}
