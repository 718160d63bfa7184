//! What operators can do, and with which right.

mod bulk;
mod enrollments;
mod query;
mod registrations;
mod rights;

use serde_json::{Value, json};

/// An individual enrollment whose keys the service makes.
fn enrollment(id: &str) -> Value {
    json!({ "registrationId": id, "attestation": { "type": "symmetricKey" } })
}
