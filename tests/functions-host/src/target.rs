//! Paths and queries on their way through the host: what is decoded, and how it is escaped again.
//!
//! Section 3 of the reference (path/query) and the recorded exchanges.

use percent_encoding::{
    AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode,
};

/// What a path may not hold unescaped.
#[rustfmt::skip]
const PATH: &AsciiSet = &CONTROLS
    .add(b' ').add(b'"').add(b'#').add(b'%').add(b'<').add(b'>').add(b'?').add(b'\\').add(b'^')
    .add(b'`').add(b'{').add(b'|').add(b'}');

/// What `UrlEncoder.Default` escapes.
#[rustfmt::skip]
const QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!').remove(b'$').remove(b'(').remove(b')').remove(b'*').remove(b',').remove(b'-')
    .remove(b'.').remove(b';').remove(b'@').remove(b'_').remove(b'~');

/// A path with escapes undone and made again where needed, and without `.` and `..` segments; an
/// escaped slash stays escaped.
pub(crate) fn path(path: &str) -> String {
    let path = path.replace("%2f", "%2F");
    let segments: Vec<String> = path.split('/').map(segment).collect();
    let mut kept: Vec<&str> = Vec::new();
    let last = segments.len().saturating_sub(1);
    for (number, segment) in segments.iter().enumerate() {
        match segment.as_str() {
            // The empty segment before the first slash stays.
            ".." if kept.len() > 1 => drop(kept.pop()),
            "." | ".." => {}
            other => kept.push(other),
        }
        if number == last && matches!(segment.as_str(), "." | "..") {
            kept.push("");
        }
    }
    kept.join("/")
}

fn segment(segment: &str) -> String {
    let part = |part: &str| {
        utf8_percent_encode(&percent_decode_str(part).decode_utf8_lossy(), PATH).to_string()
    };
    segment
        .split("%2F")
        .map(part)
        .collect::<Vec<_>>()
        .join("%2F")
}

/// A query as .NET's `Uri` writes it: escapes that need not be are undone, all else stays.
pub(crate) fn canonical(query: &str) -> String {
    let (mut canonical, mut rest) = (String::new(), query);
    while let Some((before, after)) = rest.split_once('%') {
        canonical.push_str(before);
        let plain = after
            .get(..2)
            .and_then(|digits| u8::from_str_radix(digits, 16).ok())
            .map(char::from)
            .filter(|plain| plain.is_ascii_alphanumeric() || "-._~".contains(*plain));
        canonical.push(plain.unwrap_or('%'));
        rest = match plain {
            Some(_) => after.get(2..).unwrap_or_default(),
            None => after,
        };
    }
    canonical + rest
}

/// A query from a dictionary, with its `?`: names in any case are one, their values are joined by
/// commas.
pub(crate) fn rebuilt(query: &str) -> String {
    let mut parameters: Vec<(String, String)> = Vec::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match parameters
            .iter_mut()
            .find(|(known, _)| known.to_lowercase() == name.to_lowercase())
        {
            Some((_, values)) => values.extend([",", &value]),
            None => parameters.push((name.into_owned(), value.into_owned())),
        }
    }
    let escaped = |text: &str| utf8_percent_encode(text, QUERY).to_string();
    let mut rebuilt = String::new();
    for (name, value) in parameters {
        rebuilt.push(if rebuilt.is_empty() { '?' } else { '&' });
        rebuilt.extend([escaped(&name), "=".into(), escaped(&value)]);
    }
    rebuilt
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn paths(sent: &str, expected: &str) {
        assert_eq!(path(sent), expected, "{sent}");
    }

    #[track_caller]
    fn queries(sent: &str, rebuilt_as: &str, canonical_as: &str) {
        assert_eq!(rebuilt(sent), rebuilt_as, "{sent}");
        assert_eq!(canonical(sent), canonical_as, "{sent}");
    }

    #[test]
    fn path_is_decoded_and_normalised() {
        paths("/api/allocate", "/api/allocate");
        paths("/api/%61llocate", "/api/allocate");
        paths("/api/a%20b%2fc", "/api/a%20b%2Fc");
        paths("/api/%C3%A9", "/api/%C3%A9");
        paths("/api/./allocate", "/api/allocate");
        paths("/api/x/../allocate", "/api/allocate");
        paths("/api/%2e%2E/allocate", "/allocate");
        paths("/../../api/.", "/api/");
        paths("/api/x/..", "/api/");
        paths("/api//allocate/", "/api//allocate/");
        paths("/", "/");
    }

    #[test]
    fn query_is_rebuilt_or_canonical() {
        queries("", "", "");
        queries("code=k", "?code=k", "code=k");
        queries("x", "?x=", "x");
        queries("code=%41b%7e", "?code=Ab~", "code=Ab~");
        queries("a=1&b=2&a=3&A=4", "?a=1,3,4&b=2", "a=1&b=2&a=3&A=4");
        queries("a=x+y&b=%2F%3d", "?a=x%20y&b=%2F%3D", "a=x+y&b=%2F%3d");
        queries("a=%&b=%4", "?a=%25&b=%254", "a=%&b=%4");
    }
}
