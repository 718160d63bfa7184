//! Which route a path means, in any of the spellings that callers and hosts use.

use std::borrow::Cow;

use axum::http::Uri;
use percent_encoding::percent_decode_str;

/// What may stand before the name of a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prefix {
    /// `/api`, as the Functions host sends it, or nothing.
    Api,
    /// Anything: the stage of an API, or the path that a domain maps to it.
    Any,
}

/// Name and path of each route, as `router` registers them.
const ROUTES: [(&str, &str); 4] = [
    ("allocate", "/api/allocate"),
    ("explain", "/api/explain"),
    ("policy", "/api/policy"),
    ("health", "/api/health"),
];

const API: &str = "api";

/// The URI with the path of its route; `None` if the path means no route, or is right as it is.
///
/// The Functions host matches routes in any case, and forwards the path as it was written.
pub(crate) fn canonical(uri: &Uri, prefix: Prefix) -> Option<Uri> {
    let written = uri.path();
    if written == "/" || ROUTES.iter().any(|(_, route)| *route == written) {
        return None;
    }
    let path = path_of_route(written, prefix)?;
    match uri.query() {
        None => path.parse().ok(),
        Some(query) => format!("{path}?{query}").parse().ok(),
    }
}

/// A path that ends in slashes, or has several of them in a row, means the same without them.
fn path_of_route(path: &str, prefix: Prefix) -> Option<&'static str> {
    let mut segments = path.rsplit('/').filter(|segment| !segment.is_empty());
    let Some(name) = segments.next() else {
        return Some("/");
    };
    let (_, path) = ROUTES.into_iter().find(|(route, _)| is(name, route))?;
    match prefix {
        Prefix::Any => Some(path),
        Prefix::Api => {
            let api = segments.next().is_none_or(|segment| is(segment, API));
            (api && segments.next().is_none()).then_some(path)
        }
    }
}

fn is(segment: &str, name: &str) -> bool {
    let decoded: Cow<'_, [u8]> = percent_decode_str(segment).into();
    decoded.eq_ignore_ascii_case(name.as_bytes())
}
