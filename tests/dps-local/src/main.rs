//! `dps-local`: a Device Provisioning Service on a laptop.

mod arguments;
mod certificate_files;
mod demo;
mod derive_key;
mod facts;
mod load;
mod private;
mod run;
mod snippet;

use std::process::ExitCode;

use clap::Parser as _;

use arguments::{Arguments, Command};

#[tokio::main]
#[expect(clippy::print_stderr, reason = "why it ends is for whoever started it")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.command {
        Some(Command::DeriveKey { registration_id }) => derive_key::print(&registration_id),
        Some(Command::Certificate(certificate)) => certificate_files::make(&certificate),
        Some(Command::Snippet(snippet)) => snippet::print(&snippet),
        Some(Command::Load(load)) => load::run(load).await,
        Some(Command::Demo(demo)) => demo::run(demo).await,
        None => run::run(arguments.run).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("Error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
