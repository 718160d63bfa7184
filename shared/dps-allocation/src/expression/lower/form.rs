//! Rejects calls with a wrong form or number of arguments, and of unknown functions.

use cel::common::ast::CallExpr;

use crate::expression::function::{SIGNATURES, Signature, Style};
use crate::expression::problem::{HELP, Problem, help_with_name};

/// Checks the form and the number of arguments of a call.
pub(super) fn check_form(signature: &Signature, call: &CallExpr) -> Result<(), Problem> {
    let name = signature.name;
    let is_member = call.target.is_some();
    let form = match (signature.style, is_member) {
        (Style::Global, true) => Some(format!("write `{name}(x)`")),
        (Style::Member, false) => Some(format!("write `x.{name}(..)`")),
        _ => None,
    };
    let arguments = call.args.len() + usize::from(is_member);
    let max = signature.parameters.len();
    let min = max - signature.optional;
    if form.is_none() && (min..=max).contains(&arguments) {
        return Ok(());
    }
    // A receiver is not one of the arguments between the parentheses.
    let shift = usize::from(signature.style != Style::Global && (is_member || form.is_some()));
    let takes = match (min - shift, max - shift) {
        (0, 0) => "no argument".to_owned(),
        (1, 1) => "1 argument".to_owned(),
        (min, max) if min == max => format!("{max} arguments"),
        (min, max) => format!("{min} to {max} arguments"),
    };
    let help = form.unwrap_or_else(|| format!("give `{name}` {takes}"));
    let given = call.args.len();
    let rule = if (min..=max).contains(&arguments) {
        format!("`{name}` cannot be called in this form")
    } else {
        format!("`{name}` takes {takes}, not {given}")
    };
    Err(Problem::error(rule, help))
}

pub(super) fn no_function(name: &str) -> Problem {
    let names = SIGNATURES.iter().map(|signature| signature.name);
    let macros = ["all", "exists", "exists_one", "filter", "has", "map"];
    if macros.contains(&name) {
        let help = format!("write it as in `payload.tags.{name}(tag, tag == \"x\")`");
        let help = if name == "has" {
            "write `has(payload.x)`".to_owned()
        } else {
            help
        };
        return Problem::error(format!("`{name}` has other arguments"), help);
    }
    let help = help_with_name(name, names.chain(macros), || {
        "use the functions that the documentation lists".to_owned()
    });
    Problem::error(format!("there is no function `{name}`"), help)
}

pub(super) fn not_a_map() -> Problem {
    Problem::error("messages such as `a{b: 1}` do not exist here", HELP)
}
