//! Texts, numbers and lengths of a page.

use dps_allocation::shown::escaped;

use crate::output;

/// The text for HTML and SVG, hidden characters written out.
pub(crate) fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in escaped(text).chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            c => html.push(c),
        }
    }
    html
}

/// The text as HTML whose direction does not touch what stands beside it.
pub(crate) fn isolated(text: &str) -> String {
    format!("<bdi>{}</bdi>", escape(text))
}

/// `1,234,567`
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `1 device`, `1,234 devices`
pub(crate) fn counted(count: u64, what: &str) -> String {
    output::counted(grouped(count), what)
}

/// `part` of `whole` as a length of at most `length`; what is there at all is seen.
pub(crate) fn scaled(part: u64, whole: u64, length: u64) -> u64 {
    let scaled = (u128::from(part) * u128::from(length)).checked_div(u128::from(whole));
    let scaled = u64::try_from(scaled.unwrap_or_default()).unwrap_or(length);
    scaled.max(u64::from(part > 0))
}

/// `part` of `whole` in hundredths, with two digits more: `33.33`.
pub(crate) fn of_hundred(part: u64, whole: u64) -> String {
    let scaled = scaled(part, whole, 10_000);
    format!("{}.{:02}", scaled / 100, scaled % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_cannot_end_an_element() {
        assert_eq!(
            escape("a<b>&\"'\u{202e}"),
            "a&lt;b&gt;&amp;&quot;&#39;\\u{202e}"
        );
    }

    #[test]
    fn numbers_are_read_easily() {
        assert_eq!(
            [0, 999, 1000, 1_234_567].map(grouped),
            ["0", "999", "1,000", "1,234,567"]
        );
        assert_eq!(
            [0, 1, 1000].map(|it| counted(it, "device")),
            ["0 devices", "1 device", "1,000 devices"]
        );
        assert_eq!(
            [(0, 9), (1, 9000), (5, 10), (10, 10), (0, 0)].map(|(a, b)| scaled(a, b, 100)),
            [0, 1, 50, 100, 0]
        );
        assert_eq!(
            [(0, 9), (1, 3), (9, 9)].map(|(a, b)| of_hundred(a, b)),
            ["0.00", "33.33", "100.00"]
        );
    }
}
