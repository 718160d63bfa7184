//! On AWS Lambda, under the Runtime Interface Emulator of AWS.

mod answers;
mod callers;
mod events;
mod rotation;
mod smoke;
mod tables;

use e2e::{Lambda, ScriptRoot};

/// Made up, as `infra/aws/deploy` makes them up.
const ALLOCATE_KEY: &str = "allocate-key-0123456789ABCDEFGHIJKLMNOPQR_S";
const SECOND_KEY: &str = "allocate-key-9876543210ABCDEFGHIJKLMNOPQR_S";
const OPERATOR_KEY: &str = "operator-key-0123456789ABCDEFGHIJKLMNOPQR_S";

const KEYS: [(&str, &str); 2] = [
    ("ALLOCATE_KEY_1", ALLOCATE_KEY),
    ("OPERATOR_KEY_1", OPERATOR_KEY),
];

/// With the starter tables.
async fn function(root: &ScriptRoot) -> Lambda {
    Lambda::start(root, &KEYS).await
}
