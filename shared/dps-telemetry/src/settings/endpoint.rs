//! URLs that telemetry is sent to.

use std::net::IpAddr;

use reqwest::Url;

/// Whether what is sent to the URL stays on this machine.
pub(crate) fn is_on_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse();
    host == "localhost" || address.is_ok_and(|it: IpAddr| it.is_loopback())
}
