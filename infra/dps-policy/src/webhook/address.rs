//! Where a webhook is, on the command line.

use reqwest::Url;

use super::endpoints;

/// An address that does not show a key to others.
pub(crate) fn url(text: &str) -> Result<Url, String> {
    let url: Url = text
        .trim_end_matches('/')
        .parse()
        .map_err(|error| format!("{error}; write https://HOST"))?;
    let is_local = is_local(&url);
    if url.scheme() != "https" && !(url.scheme() == "http" && is_local) {
        return Err("write https://HOST; http is for this machine".to_owned());
    }
    if url.query().is_some() || !url.username().is_empty() || url.password().is_some() {
        return Err("write the URL without a key, and set ALLOCATE_KEY or OPERATOR_KEY".to_owned());
    }
    if url.fragment().is_some() {
        return Err("write the URL without # and what follows".to_owned());
    }
    if url.path().ends_with("/api") {
        return Err("write the URL without /api".to_owned());
    }
    let path = url.path().rsplit_once("/api/");
    if let Some((_, endpoint)) = path.filter(|(_, name)| endpoints::ALL.contains(name)) {
        return Err(format!("write the URL without /api/{endpoint}"));
    }
    Ok(url)
}

/// Whether a text is meant as the address of a webhook, right or wrong.
pub(crate) fn is_address(text: &str) -> bool {
    ["https://", "http://"]
        .iter()
        .any(|it| text.starts_with(it))
}

/// Whether an address is that of this machine.
pub(super) fn is_local(url: &Url) -> bool {
    matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
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
        check("https://a.example/api/policy", Err("without /api/policy"));
        check(
            "https://a.example/stage/api/explain/",
            Err("without /api/explain"),
        );
        check("https://a.example/api/health", Err("without /api/health"));
        check("https://a.example/api", Err("without /api"));
        check("https://a.example/stage/api/", Err("without /api"));
        check("https://a.example/#x", Err("without #"));
        check("https://a.example/api/dps", Ok("https://a.example/api/dps"));
        check("a.example", Err("write https://HOST"));
    }
}
