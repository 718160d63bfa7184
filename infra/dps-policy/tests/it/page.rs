//! A page as a list of steps: commands, and what they print.

use std::fs;

use crate::program::root;

/// The commands of one block of a shell, and the block behind it.
pub(crate) struct Step {
    /// Each a line of another program, such as `cp`; they run first.
    pub(crate) others: Vec<String>,
    /// Each a line that starts with `dps-policy`, without that word.
    pub(crate) commands: Vec<String>,
    /// What they print; `None` if the page does not show it.
    pub(crate) shown: Option<String>,
}

/// The steps of a page of the checkout.
pub(crate) fn steps(page: &str) -> Vec<Step> {
    let text = fs::read_to_string(root().join(page)).unwrap();
    let blocks = text.split("```sh\n").skip(1);
    let steps = blocks.map(|block| {
        let (commands, rest) = block.split_once("```\n").unwrap();
        let shown = rest.strip_prefix("\n```text\n");
        let commands = commands.replace("\\\n", " ");
        let (commands, others): (Vec<&str>, Vec<&str>) = commands
            .lines()
            .partition(|line| line.starts_with("dps-policy "));
        let commands = commands
            .iter()
            .filter_map(|line| line.strip_prefix("dps-policy "));
        Step {
            others: others.into_iter().map(str::to_owned).collect(),
            commands: commands.map(str::to_owned).collect(),
            shown: shown.map(|it| it.split_once("```\n").unwrap().0.to_owned()),
        }
    });
    steps.collect()
}

/// The words of a line of a shell; quotes keep words together.
pub(crate) fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
    for c in line.chars().chain([' ']) {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted && word.is_empty() => {}
            ' ' if !quoted => words.push(std::mem::take(&mut word)),
            c => word.push(c),
        }
    }
    words
}
