//! What stands between callers and the webhook, and which headers it makes trustworthy.

use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Uri, header};
use dps_settings::is_this_machine;

use crate::decision_id::INVOCATION_ID;

/// What hands over the requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Front {
    /// The Functions host that has started the process.
    FunctionsHost,
    /// The runtime of AWS Lambda.
    Lambda,
    /// None: callers write every header themselves.
    Direct,
}

impl Front {
    /// Removes the invocation id unless a host has set it: it becomes the id of the decision.
    pub(crate) fn strip(self, request: &mut Request) {
        if self == Self::Direct {
            request.headers_mut().remove(&INVOCATION_ID);
        }
    }
}

/// Whether the request is for a name that means this machine everywhere: `localhost` or a loopback
/// address, at any port, since a tunnel may have another one.
///
/// A request without a name counts as well, since no browser sends one.
pub(crate) fn is_for_this_machine(uri: &Uri, headers: &HeaderMap) -> bool {
    let hosts = headers.get_all(header::HOST).into_iter();
    let hosts = hosts.map(|host| Authority::try_from(host.as_bytes()).ok());
    let mut named = hosts.chain(uri.authority().map(|it| Some(it.clone())));
    named.all(|named| named.is_some_and(|named| is_local(&named)))
}

fn is_local(named: &Authority) -> bool {
    !named.as_str().contains('@') && is_this_machine(named.host())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[track_caller]
    fn check(hosts: &[&str], uri: &str, expected: bool) {
        let mut headers = HeaderMap::new();
        for host in hosts {
            headers.append(header::HOST, HeaderValue::from_str(host).unwrap());
        }
        let uri = uri.parse().unwrap();
        assert_eq!(
            is_for_this_machine(&uri, &headers),
            expected,
            "{hosts:?} {uri}"
        );
    }

    #[test]
    fn names_of_this_machine_are_known() {
        for host in [
            "localhost",
            "localhost:7071",
            "LocalHost:1",
            "127.0.0.1",
            "127.0.0.1:7071",
            "127.8.8.8:7071",
            "[::1]",
            "[::1]:7071",
        ] {
            check(&[host], "/api/policy", true);
            check(&[], &format!("http://{host}/api/policy"), true);
        }
        check(&[], "/api/policy", true);
    }

    #[test]
    fn every_other_name_may_belong_to_somebody_else() {
        for host in [
            "evil.example",
            "evil.example:7071",
            "localhost.evil.example",
            "127.0.0.1.evil.example:7071",
            "127.0.0.1@evil.example",
            "localhost:7071@evil.example",
            "10.0.0.4:7071",
            "0.0.0.0:7071",
            "[2001:db8::1]:7071",
            "2130706433",
            "0x7f.1",
        ] {
            check(&[host], "/api/policy", false);
            check(&["localhost", host], "/api/policy", false);
            check(&["localhost"], &format!("http://{host}/api/policy"), false);
        }
        check(&["me@localhost"], "/", false);
        check(&[""], "/", false);
        check(&["localhost evil"], "/", false);
    }
}
