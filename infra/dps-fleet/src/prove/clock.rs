//! What expressions read of the time.

use dps_allocation::instant;

use super::token::{Token, begins, ends, tokens};

const COMPARISONS: [&str; 6] = ["<", "<=", ">", ">=", "==", "!="];

/// Whether an expression reads the time in another way than by comparing `now` with the moment of a
/// text.
///
/// One comparison of what devices send is asked about as a whole, and so answered in every way.
pub(super) fn reads_otherwise(expression: &str) -> bool {
    let Some(tokens) = tokens(expression) else {
        return expression.contains("now");
    };
    let is_joined = ["&&", "||", "?"]
        .iter()
        .any(|sign| tokens.iter().any(|token| token.is(sign)));
    let is_sent = ["payload", "cert"]
        .iter()
        .any(|name| tokens.iter().any(|token| token.is_name(name)));
    if is_sent && !is_joined {
        return false;
    }
    (0..tokens.len()).any(|at| reads_now(&tokens, at) && !is_compared(&tokens, at))
}

fn reads_now(tokens: &[Token], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|at| tokens.get(at));
    let is_member = before.is_some_and(|it| it.is("."));
    !is_member && tokens.get(at).is_some_and(|it| it.is_name("now"))
}

/// Whether `now` stands beside a moment, with nothing else in the comparison.
fn is_compared(tokens: &[Token], at: usize) -> bool {
    let (before, after) = tokens.split_at(at);
    let after = after.get(1..).unwrap_or_default();
    if let [sign, moment @ ..] = after
        && is_comparison(sign)
        && let Some((moment, rest)) = moment.split_first_chunk::<4>()
    {
        return is_moment(moment) && begins(before) && ends(rest);
    }
    if let Some((sign, moment)) = before.split_last()
        && is_comparison(sign)
        && let Some((rest, moment)) = moment.split_last_chunk::<4>()
    {
        return is_moment(moment) && begins(rest) && ends(after);
    }
    false
}

fn is_comparison(token: &Token) -> bool {
    COMPARISONS.iter().any(|sign| token.is(sign))
}

/// `timestamp("2026-12-01T00:00:00Z")`.
fn is_moment([name, open, text, close]: &[Token; 4]) -> bool {
    let is_instant = matches!(text, Token::Text(text) if instant(text).is_some());
    name.is_name("timestamp") && open.is("(") && is_instant && close.is(")")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_moments_of_comparisons_are_known() {
        let check = |expression: &str, expected: bool| {
            assert_eq!(reads_otherwise(expression), expected, "{expression}");
        };
        check("now < timestamp('2027-01-01T00:00:00Z')", false);
        check(
            "has(payload.x) || timestamp(\"2027-01-01T00:00:00Z\") <= now",
            false,
        );
        check("payload.now == 'now'", false);
        check("timestamp(cert.notAfter) - now < duration('720h')", false);
        check(
            "now > timestamp('2027-01-01T00:00:00Z') + duration('1h')",
            true,
        );
        check(
            "duration('1h') + timestamp('2027-01-01T00:00:00Z') < now",
            true,
        );
        check(
            "now - timestamp('2027-01-01T00:00:00Z') > duration('1h')",
            true,
        );
        check("now > timestamp('2027-' + '01-01T00:00:00Z')", true);
        check("now > timestamp(1796169600)", true);
        check("int(now) > 1796169600", true);
        check("string(now).startsWith('2027') && has(payload.x)", true);
    }
}
