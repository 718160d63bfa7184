//! Names in expressions that no row of the policy has.

use crate::expression::{Comparison, Listed, Test};
use crate::finding::Finding;
use crate::nearest::did_you_mean;
use crate::policy::compared::Compared;
use crate::policy::model::Policy;
use crate::schema::TableName;
use crate::tables::CanonicalRow;

pub(super) fn check(policy: &Policy, compared: &[Compared<'_>], findings: &mut Vec<Finding>) {
    for Compared {
        row,
        column,
        comparison,
    } in compared
    {
        let wrong = not_of_this_tenant(row, comparison).or_else(|| unknown(policy, comparison));
        findings.extend(wrong.map(|(rule, help)| row.cell(*column).warning(rule, help)));
    }
}

/// In a row of one tenant, `tenant` is always that one.
fn not_of_this_tenant(row: &CanonicalRow<'_>, compared: &Comparison) -> Option<(String, String)> {
    let own = match row.table() {
        TableName::Rules | TableName::Rollouts | TableName::Twins => row.partition(),
        TableName::Tenants => row.key(),
        _ => "*",
    };
    if own == "*" || compared.given != "tenant" || compared.holds(own) {
        return None;
    }
    let rule = format!("`{compared}` is false for every device: the row is for tenant `{own}`");
    let help = "leave the comparison out, or write the row for * or for the other tenant";
    Some((rule, help.to_owned()))
}

/// What is wrong where no name that the table lists passes the test.
fn unknown(policy: &Policy, compared: &Comparison) -> Option<(String, String)> {
    let is_known =
        |mut names: Box<dyn Iterator<Item = &str> + '_>| names.any(|name| compared.holds(name));
    let (known, table, what) = match compared.listed {
        Listed::Tenants => (is_known(Box::new(policy.tenants.ids())), "tenants", "id"),
        Listed::Hubs => (is_known(Box::new(policy.hubs.hosts())), "hubs", "host name"),
        Listed::Enrollments => {
            let is_possible = match compared.test {
                Test::Is => policy.enrollments.find(&compared.text).is_some(),
                // What a pattern admits may pass any such test.
                _ => {
                    policy.enrollments.have_patterns()
                        || is_known(Box::new(policy.enrollments.ids()))
                }
            };
            (is_possible, "enrollments", "id")
        }
    };
    if known {
        return None;
    }
    let meant = match (compared.test, compared.listed) {
        (Test::Is, Listed::Tenants) => did_you_mean(&compared.text, policy.tenants.ids()),
        (Test::Is, Listed::Hubs) => did_you_mean(&compared.text, policy.hubs.hosts()),
        (Test::Is, Listed::Enrollments) => did_you_mean(&compared.text, policy.enrollments.ids()),
        _ => String::new(),
    };
    let rule = format!("`{compared}` is true for no row of {table}");
    Some((rule, format!("{meant}correct the {what}, or add the row")))
}
