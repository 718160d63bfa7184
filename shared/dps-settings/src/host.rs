//! Hosts in URLs.

use std::net::IpAddr;

/// Whether the host means this machine everywhere: `localhost` or a loopback address.
#[must_use]
pub fn is_this_machine(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|it: IpAddr| it.is_loopback())
}
