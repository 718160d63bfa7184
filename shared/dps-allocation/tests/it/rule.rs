//! Step 2: rules.

mod also;
mod failed_condition;
mod fixed_hubs;
mod matching;
mod unless;
mod windows;

/// A tenant with two hubs, which has no rules yet.
const FLEET: &str = "
    hubs:
    weu.net
    new.net
    enrollments: tenants
    group | acme
    tenants:
    acme
";
