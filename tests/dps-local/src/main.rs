//! `dps-local`: a Device Provisioning Service on a laptop.

mod arguments;
mod derive_key;
mod run;

use clap::Parser as _;

use arguments::{Arguments, Command};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    match arguments.command {
        Some(Command::DeriveKey { registration_id }) => derive_key::print(&registration_id),
        None => run::run(arguments.run).await,
    }
}
