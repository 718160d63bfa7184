//! What a setting means, for help and for the page of settings.

use crate::wrap::wrapped;

/// One or more variables that mean the same, and what that is.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    names: &'static [&'static str],
    default: Option<&'static str>,
    help: &'static str,
}

/// Settings that belong together.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    /// A heading.
    pub title: &'static str,
    /// In the order of the page.
    pub settings: &'static [Setting],
}

/// The width of a line of help.
const WIDTH: usize = 80;

/// Explanations stand below the names.
const INDENT: &str = "      ";

/// For a terminal.
#[must_use]
pub fn help<'g>(groups: impl IntoIterator<Item = &'g Group>) -> String {
    let groups = groups.into_iter().map(|Group { title, settings }| {
        let settings: Vec<String> = settings.iter().map(Setting::help).collect();
        format!("\n{title}:\n{}", settings.concat())
    });
    groups.collect::<Vec<_>>().concat()
}

/// In Markdown, one table per group.
#[must_use]
pub fn page<'g>(groups: impl IntoIterator<Item = &'g Group>) -> String {
    let groups = groups.into_iter().map(|Group { title, settings }| {
        let rows: Vec<String> = settings.iter().map(Setting::row).collect();
        let head = "| variable | default | meaning |\n|--|--|--|";
        format!("\n## {title}\n\n{head}\n{}", rows.concat())
    });
    groups.collect::<Vec<_>>().concat()
}

impl Setting {
    /// The names of the variables, and what they mean, in sentences; code stands between backticks.
    #[must_use]
    pub const fn new(names: &'static [&'static str], help: &'static str) -> Self {
        let default = None;
        Self {
            names,
            default,
            help,
        }
    }

    /// The same with what holds where none is set.
    #[must_use]
    pub const fn with_default(self, default: &'static str) -> Self {
        let default = Some(default);
        Self { default, ..self }
    }

    fn help(&self) -> String {
        let names = self.names.join(", ");
        let default = self.default.map(|it| format!(" ({it})"));
        let help = wrapped(self.help, WIDTH, INDENT.len(), INDENT);
        format!("  {names}{}\n{INDENT}{help}\n", default.unwrap_or_default())
    }

    fn row(&self) -> String {
        let code = |text: &&str| format!("`{text}`");
        let names: Vec<String> = self.names.iter().map(code).collect();
        let default = self.default.as_ref().map(code).unwrap_or_default();
        format!("| {} | {default} | {} |\n", names.join(", "), self.help)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROUP: Group = Group {
        title: "Keys",
        settings: &[
            Setting::new(
                &["KEY_1", "KEY_2"],
                "Each opens `allocate`, and this sentence is so long that it does not fit on \
                       one line of help.",
            ),
            Setting::new(&["PORT"], "Port.").with_default("7071"),
        ],
    };

    #[test]
    fn help_fits_a_terminal() {
        assert_eq!(
            help([&GROUP]),
            "\nKeys:\n  KEY_1, KEY_2\n      Each opens `allocate`, and this sentence is so long \
             that it does not fit\n      on one line of help.\n  PORT (7071)\n      Port.\n"
        );
    }

    #[test]
    fn the_page_has_a_row_for_each_setting() {
        let page = page([&GROUP]);
        assert!(page.starts_with("\n## Keys\n\n| variable |"), "{page}");
        assert!(
            page.contains("\n| `KEY_1`, `KEY_2` |  | Each opens"),
            "{page}"
        );
        assert!(page.ends_with("\n| `PORT` | `7071` | Port. |\n"), "{page}");
    }
}
