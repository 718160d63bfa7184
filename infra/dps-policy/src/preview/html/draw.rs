//! Texts, tables and numbers of the page.

use std::fmt::Write as _;

use dps_allocation::shown::escaped;

/// Left out of host names: nearly all end with it.
const PUBLIC_CLOUD: &str = ".azure-devices.net";

pub(super) fn short(host: &str) -> &str {
    host.strip_suffix(PUBLIC_CLOUD).unwrap_or(host)
}

/// The text for HTML and SVG, hidden characters written out.
pub(super) fn escape(text: &str) -> String {
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

/// `1,234,567`
pub(super) fn grouped(number: u64) -> String {
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

/// `part` of `whole` as a length of at most `length`; what is there at all is seen.
pub(super) fn scaled(part: u64, whole: u64, length: u64) -> u64 {
    let scaled = (u128::from(part) * u128::from(length)).checked_div(u128::from(whole));
    let scaled = u64::try_from(scaled.unwrap_or_default()).unwrap_or(length);
    scaled.max(u64::from(part > 0))
}

/// A table that scrolls within itself where it is too wide; empty without rows.
pub(super) fn table<const N: usize>(
    headings: &[&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> String {
    let mut body = String::new();
    for row in rows {
        body.push_str("<tr>");
        for cell in row {
            let is_number = cell.bytes().all(|it| it.is_ascii_digit() || it == b',');
            let class = if is_number && !cell.is_empty() {
                " class=\"number\""
            } else {
                ""
            };
            let _infallible = write!(body, "<td{class}>{}</td>", escape(&cell));
        }
        body.push_str("</tr>\n");
    }
    if body.is_empty() {
        return body;
    }
    let mut head = String::new();
    for heading in headings {
        let _infallible = write!(head, "<th scope=\"col\">{}</th>", escape(heading));
    }
    format!(
        "<div class=\"wide\"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n\
         </table></div>\n"
    )
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
        let rows = [["<script>".to_owned()]];
        assert!(table(&["x"], rows.into_iter()).contains("<td>&lt;script&gt;</td>"));
        assert_eq!(table(&["x"], std::iter::empty::<[String; 1]>()), "");
    }

    #[test]
    fn numbers_are_read_easily() {
        assert_eq!(
            [0, 999, 1000, 1_234_567].map(grouped),
            ["0", "999", "1,000", "1,234,567"]
        );
        assert_eq!(
            [(0, 9), (1, 9000), (5, 10), (10, 10), (0, 0)].map(|(a, b)| scaled(a, b, 100)),
            [0, 1, 50, 100, 0]
        );
    }
}
