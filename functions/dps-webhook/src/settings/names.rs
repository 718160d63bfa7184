//! The names of the webhook's own variables.

pub(super) const POLICY_CACHE_DIR: &str = "POLICY_CACHE_DIR";
pub(super) const POLICY_REFRESH_SECONDS: &str = "POLICY_REFRESH_SECONDS";
pub(super) const POLICY_SHADOW: &str = "POLICY_SHADOW";
pub(super) const ALLOCATE_DEADLINE_MS: &str = "ALLOCATE_DEADLINE_MS";
/// Set by the Functions host; see `functions-custom-handlers` of its documentation.
pub(super) const FUNCTIONS_CUSTOMHANDLER_PORT: &str = "FUNCTIONS_CUSTOMHANDLER_PORT";
pub(super) const LISTEN_ADDRESS: &str = "LISTEN_ADDRESS";
pub(super) const LOG_ID_KEY: &str = "LOG_ID_KEY";
pub(super) const RUST_LOG: &str = "RUST_LOG";
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>
pub(super) const LAMBDA: [&str; 4] = [
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
];
pub(super) const ALLOCATE_KEYS: [&str; 2] = ["ALLOCATE_KEY_1", "ALLOCATE_KEY_2"];
pub(super) const OPERATOR_KEYS: [&str; 2] = ["OPERATOR_KEY_1", "OPERATOR_KEY_2"];
