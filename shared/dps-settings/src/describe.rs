//! What a setting means, for help and for the page of settings.

/// One or more variables that mean the same, and what that is.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// The names of the variables.
    pub names: &'static [&'static str],
    /// What holds where none is set; empty: nothing.
    pub default: &'static str,
    /// What it means, in sentences; code stands between backticks.
    pub help: &'static str,
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
const INDENT: usize = 6;

/// For a terminal.
#[must_use]
pub fn help<'g>(groups: impl IntoIterator<Item = &'g Group>) -> String {
    let groups = groups.into_iter().map(|Group { title, settings }| {
        let settings: Vec<String> = settings.iter().map(Setting::help).collect();
        format!("\n{title}:\n{}", settings.concat())
    });
    groups.collect::<Vec<_>>().concat()
}

/// In Markdown, one table a group.
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
    fn help(&self) -> String {
        let names = self.names.join(", ");
        let default = match self.default {
            "" => String::new(),
            default => format!(" ({default})"),
        };
        format!("  {names}{default}\n{}", wrapped(self.help))
    }

    fn row(&self) -> String {
        let names: Vec<String> = self.names.iter().map(|name| format!("`{name}`")).collect();
        let default = match self.default {
            "" => String::new(),
            default => format!("`{default}`"),
        };
        format!("| {} | {default} | {} |\n", names.join(", "), self.help)
    }
}

/// Lines that fit, each with its indent and end.
fn wrapped(words: &str) -> String {
    let mut lines = vec![String::new()];
    for word in words.split(' ') {
        let last = lines.last().map_or(0, |line| line.chars().count());
        match lines.last_mut() {
            Some(line) if INDENT + last + 1 + word.chars().count() <= WIDTH => {
                line.push_str(if last == 0 { "" } else { " " });
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    let lines: Vec<String> = lines
        .iter()
        .map(|line| format!("{:INDENT$}{line}\n", ""))
        .collect();
    lines.concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROUP: Group = Group {
        title: "Keys",
        settings: &[
            Setting {
                names: &["KEY_1", "KEY_2"],
                default: "",
                help: "Each opens `allocate`, and this sentence is so long that it does not fit on \
                       one line of help.",
            },
            Setting {
                names: &["PORT"],
                default: "7071",
                help: "Port.",
            },
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
