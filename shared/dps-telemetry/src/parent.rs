//! The caller's span, from the header `traceparent`.

use opentelemetry::trace::{SpanId, TraceId};

/// The caller's span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Parent {
    pub(crate) trace: TraceId,
    pub(crate) span: SpanId,
    pub(crate) sampled: bool,
}

/// Version 00 is this long; later versions may append to it.
const LENGTH: usize = 55;

impl Parent {
    /// None for whatever is not valid: then a new trace begins.
    ///
    /// <https://www.w3.org/TR/trace-context/#traceparent-header>
    pub(crate) fn parse(header: &str) -> Option<Self> {
        let (head, rest) = header.split_at_checked(LENGTH)?;
        let mut parts = head.split('-');
        let mut next = |digits: usize| parts.next().filter(|part| is_hex(part, digits));
        let (version, trace, span, flags) = (next(2)?, next(32)?, next(16)?, next(2)?);
        let length_fits = rest.is_empty() || (version != "00" && rest.starts_with('-'));
        let parent = Self {
            trace: TraceId::from_hex(trace).ok()?,
            span: SpanId::from_hex(span).ok()?,
            sampled: u8::from_str_radix(flags, 16).ok()? & 1 == 1,
        };
        let valid = parent.trace != TraceId::INVALID && parent.span != SpanId::INVALID;
        (valid && length_fits && version != "ff").then_some(parent)
    }
}

fn is_hex(text: &str, digits: usize) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.len() == digits && text.bytes().all(is_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const SPAN: &str = "00f067aa0ba902b7";

    #[track_caller]
    fn check(header: &str, sampled: Option<bool>) {
        let parsed = Parent::parse(header);
        assert_eq!(parsed.map(|it| it.sampled), sampled, "{header}");
        if let Some(parent) = parsed {
            let ids = (parent.trace.to_string(), parent.span.to_string());
            assert_eq!(ids, (TRACE.to_owned(), SPAN.to_owned()));
        }
    }

    #[test]
    fn a_valid_header_names_the_parent() {
        check(&format!("00-{TRACE}-{SPAN}-01"), Some(true));
        check(&format!("00-{TRACE}-{SPAN}-00"), Some(false));
        check(&format!("00-{TRACE}-{SPAN}-03"), Some(true));
        check(
            &format!("cc-{TRACE}-{SPAN}-01-what comes later"),
            Some(true),
        );
    }

    #[test]
    fn anything_else_does_not() {
        let zeros = "0".repeat(32);
        check("", None);
        check(&format!("ff-{TRACE}-{SPAN}-01"), None);
        check(&format!("00-{zeros}-{SPAN}-01"), None);
        check(&format!("00-{TRACE}-0000000000000000-01"), None);
        check(&format!("00-{TRACE}-{SPAN}-01-more"), None);
        check(&format!("cc-{TRACE}-{SPAN}-01more"), None);
        check(&format!("00-{TRACE}-{SPAN}-0"), None);
        check(&format!("00-{}-{SPAN}-01", TRACE.to_uppercase()), None);
        check(&format!("00-+{}-{SPAN}-01", &TRACE[1..]), None);
        check(&"é".repeat(40), None);
    }
}
