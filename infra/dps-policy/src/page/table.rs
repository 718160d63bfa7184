//! Tables of a page.

use std::fmt::Write as _;

use super::text::escape;

/// Columns that fit on a phone.
const MANY: usize = 4;

/// A table that scrolls within itself if it is too wide; empty without rows.
pub(crate) fn table<const N: usize>(
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
    let class = if N > MANY { " class=\"many\"" } else { "" };
    format!(
        "<div class=\"wide\"><table{class}>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n\
         </table></div>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_cannot_end_an_element() {
        let rows = [["<script>".to_owned()]];
        assert!(table(&["x"], rows.into_iter()).contains("<td>&lt;script&gt;</td>"));
        assert_eq!(table(&["x"], std::iter::empty::<[String; 1]>()), "");
    }
}
