//! `completions` and `man`: what shells and `man` read, made from the same words as `--help`.

use std::fs;
use std::io;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Command;
use clap_complete::Shell;

use crate::exit::Exit;
use crate::output;

/// The name of the program, whatever its file is called.
const NAME: &str = "dps-policy";

/// Print completions for a shell
#[derive(Debug, clap::Args)]
#[command(after_help = COMPLETIONS_HELP)]
pub(crate) struct CompletionArguments {
    /// Shell that reads them
    #[arg(value_enum)]
    shell: Shell,
}

/// Write a man page for each command
#[derive(Debug, clap::Args)]
#[command(after_help = MAN_HELP)]
pub(crate) struct ManArguments {
    /// Folder, which is created if it is missing
    folder: PathBuf,
}

const COMPLETIONS_HELP: &str = "\
Examples:
  dps-policy completions zsh >~/.zfunc/_dps-policy
  dps-policy completions fish >~/.config/fish/completions/dps-policy.fish
  source <(dps-policy completions bash)

Exit codes: 0 success, 2 failure.";

const MAN_HELP: &str = "\
Examples:
  dps-policy man ~/.local/share/man/man1
  dps-policy man target/man && man target/man/dps-policy-push.1

Exit codes: 0 success, 2 failure.";

/// Prints the completions of a command.
pub(crate) fn completions(
    arguments: &CompletionArguments,
    mut command: Command,
) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, NAME, &mut script);
    let script = String::from_utf8(script).context("the completions are not text")?;
    output::print_plain(&script)?;
    Ok(Exit::Success)
}

/// Writes the man pages of a command.
pub(crate) fn man(arguments: &ManArguments, command: Command) -> anyhow::Result<Exit> {
    let folder = &arguments.folder;
    write_pages(folder, command)
        .with_context(|| format!("`{}` cannot be written", folder.display()))?;
    Ok(Exit::Success)
}

fn write_pages(folder: &PathBuf, command: Command) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    clap_mangen::generate_to(command.name(NAME), folder)
}
