//! The body of a webhook call.

use dps_allocation::Registration;

use crate::{case, most_heap};

/// Reads a body, and decides by the starter policy.
pub fn request(body: &[u8]) {
    let policy = case::starter();
    most_heap(16, || match Registration::parse(body) {
        Ok(registration) => case::decide(policy, &registration),
        Err(error) => assert!(error.to_string().len() < 1024, "the body is not told"),
    });
}
