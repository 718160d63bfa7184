//! The words of the command line, and the keys of the environment.

use std::path::PathBuf;

use reqwest::Url;

use crate::source::Source;

/// Check a deployment from outside: keys, policy, decisions, clock, hubs
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// Where the webhook is, without /api/allocate
    #[arg(value_name = "URL", value_parser = url)]
    pub(super) url: Url,

    /// Folder, `tables` or `tables@REVISION` [default: what the settings name]
    #[arg(value_parser = Source::parser())]
    pub(super) source: Option<Source>,

    /// Folder of allocation requests, *.json [default: one for each enrollment]
    #[arg(long, value_name = "FOLDER")]
    pub(super) requests: Option<PathBuf>,

    /// DPS whose linked hubs are compared with the tables, by the Azure CLI
    #[arg(long, value_name = "NAME")]
    pub(super) dps: Option<String>,

    /// How long to retry while the webhook starts or has other tables
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    pub(super) wait: u64,

    /// Print JSON: each check with its verdict, and what to do
    #[arg(long)]
    pub(super) json: bool,
}

const AFTER_HELP: &str = "\
ALLOCATE_KEY in the environment is a key of `allocate`. OPERATOR_KEY, a key of
`policy`, is optional: with it the webhook says more. They are sent in a header
and never printed. Nothing is changed, but the decisions are in the log of the
webhook, under the registration ids of the requests.

Examples:
  dps-policy doctor http://localhost:7071 infra/policy
  ALLOCATE_KEY=.. dps-policy doctor https://APP.azurewebsites.net tables
  dps-policy doctor --dps my-dps --wait 120 https://APP.azurewebsites.net tables

Exit codes: 0 nothing is wrong, 1 something is, 2 wrong arguments.";

/// An address that does not show a key to others.
fn url(text: &str) -> Result<Url, String> {
    let url: Url = text
        .trim_end_matches('/')
        .parse()
        .map_err(|error| format!("{error}; write https://HOST"))?;
    let is_local = super::client::is_local(&url);
    if url.scheme() != "https" && !(url.scheme() == "http" && is_local) {
        return Err("write https://HOST; http is for this machine".to_owned());
    }
    if url.query().is_some() || !url.username().is_empty() || url.password().is_some() {
        return Err("write the URL without a key, and set ALLOCATE_KEY".to_owned());
    }
    if url.path().ends_with("/api/allocate") {
        return Err("write the URL without /api/allocate".to_owned());
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&str, &str>) {
        match (url(text), expected) {
            (Ok(url), Ok(expected)) => assert_eq!(url.as_str(), expected),
            (Err(rule), Err(expected)) => assert!(rule.contains(expected), "{text}: {rule}"),
            (read, _) => panic!("{text}: {read:?}"),
        }
    }

    #[test]
    fn keys_are_sent_to_the_host_only() {
        check("https://a.example", Ok("https://a.example/"));
        check("https://a.example/stage/", Ok("https://a.example/stage"));
        check("http://localhost:7071", Ok("http://localhost:7071/"));
        check("http://[::1]:7071", Ok("http://[::1]:7071/"));
        check("http://a.example", Err("http is for this machine"));
        check(
            "http://127.0.0.1.a.example",
            Err("http is for this machine"),
        );
        check("https://a.example/?code=x", Err("without a key"));
        check("https://x@a.example", Err("without a key"));
        check(
            "https://a.example/api/allocate",
            Err("without /api/allocate"),
        );
        check("a.example", Err("write https://HOST"));
    }
}
