//! Who a token of Microsoft Entra was given to.
//!
//! The service verifies the token; this only reads what it says, for the record of who pushed.
//!
//! <https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference>

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

/// Claims of a person, the best first: version 1 of the tokens has the first and the last.
const PERSON: [&str; 3] = ["upn", "preferred_username", "unique_name"];

/// Claims of an application, in version 1 and 2 of the tokens.
const APP: [&str; 2] = ["appid", "azp"];

/// Longest claim that is recorded, in bytes: names of people have 113 characters at most, ids 36.
const LONGEST: usize = 512;

/// The person or the application; none if the token is not readable or names neither.
pub(super) fn principal(token: &str) -> Option<String> {
    let payload = token.split('.').nth(1)?.trim_end_matches('=');
    let payload = URL_SAFE_NO_PAD.decode(payload).ok()?;
    let claims: Map<String, Value> = serde_json::from_slice(&payload).ok()?;
    let claim = |name: &str| {
        let text = claims.get(name)?.as_str()?.trim();
        (1..=LONGEST).contains(&text.len()).then_some(text)
    };
    let first = |names: &[&str]| names.iter().copied().find_map(claim);
    match (first(&PERSON), first(&APP), claim("oid")) {
        (Some(person), ..) => Some(person.to_owned()),
        (None, Some(app), Some(object)) => Some(format!("app {app}, object {object}")),
        (None, Some(app), None) => Some(format!("app {app}")),
        (None, None, Some(object)) => Some(format!("object {object}")),
        (None, None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(claims: &str, expected: Option<&str>) {
        let claims = URL_SAFE_NO_PAD.encode(claims);
        for token in [format!("e30.{claims}.AA"), format!("e30.{claims}==.AA")] {
            assert_eq!(principal(&token).as_deref(), expected, "{token}");
        }
    }

    #[test]
    fn a_person_is_named_by_the_best_claim() {
        let upn = r#"{"upn":"a@x.org","preferred_username":"b","unique_name":"c","appid":"d"}"#;
        check(upn, Some("a@x.org"));
        check(r#"{"preferred_username":"b","unique_name":"c"}"#, Some("b"));
        check(r#"{"unique_name":"c","oid":"e"}"#, Some("c"));
        check(r#"{"upn":" a@x.org\n"}"#, Some("a@x.org"));
        check(r#"{"upn":"","unique_name":"c"}"#, Some("c"));
        check(r#"{"upn":7,"unique_name":"c"}"#, Some("c"));
    }

    #[test]
    fn an_application_is_named_by_its_ids() {
        check(r#"{"appid":"d","oid":"e"}"#, Some("app d, object e"));
        check(r#"{"azp":"d","oid":"e"}"#, Some("app d, object e"));
        check(r#"{"appid":"d","azp":"f"}"#, Some("app d"));
        check(r#"{"oid":"e"}"#, Some("object e"));
    }

    #[test]
    fn a_token_that_names_nobody_has_no_principal() {
        check("{}", None);
        check(r#"{"sub":"x","tid":"y"}"#, None);
        check(r#"{"upn":null,"appid":["d"],"oid":{}}"#, None);
        check("[]", None);
        check("not json", None);
        check("{\"upn\":\"\u{0}", None);
        check(&format!(r#"{{"upn":"{}"}}"#, "x".repeat(513)), None);
        for token in ["", ".", "..", "opaque", "a.b", "e30.*.AA", "e30.\u{e9}.AA"] {
            assert_eq!(principal(token), None, "{token}");
        }
    }
}
