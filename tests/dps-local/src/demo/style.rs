//! Colours, where there is a terminal.

use std::env;
use std::io::{IsTerminal as _, stdout};

/// How a piece of text looks.
#[derive(Clone, Copy)]
pub(super) enum Look {
    Plain,
    Heading,
    Moved,
    Refused,
    Faint,
}

/// Writes texts as they should look, or plain ones.
#[derive(Clone, Copy)]
pub(super) struct Style {
    is_colourful: bool,
}

impl Style {
    /// Of standard output. The variable is one that many programs know: <https://no-color.org>.
    pub(super) fn of_stdout() -> Self {
        let is_wanted = env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self {
            is_colourful: is_wanted && stdout().is_terminal(),
        }
    }

    pub(super) fn paint(self, look: Look, text: &str) -> String {
        let code = match look {
            Look::Plain => return text.to_owned(),
            Look::Heading => "1",
            Look::Moved => "33",
            Look::Refused => "31",
            Look::Faint => "2",
        };
        if self.is_colourful {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }
}
