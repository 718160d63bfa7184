//! Every attribute of spans, metrics and log lines, named once.
//!
//! Those without `dps.` are OpenTelemetry's semantic conventions
//! (<https://opentelemetry.io/docs/specs/semconv/>) and mean what they mean there. The path has no query,
//! which holds a function key.

pub(crate) use opentelemetry_semantic_conventions::attribute::{
    DB_OPERATION_NAME, DB_SYSTEM_NAME, ERROR_TYPE, FAAS_INVOCATION_ID, FAAS_TRIGGER,
    HTTP_REQUEST_METHOD, HTTP_RESPONSE_STATUS_CODE, HTTP_ROUTE, SERVICE_INSTANCE_ID, SERVICE_NAME,
    SERVICE_VERSION, URL_PATH, URL_SCHEME,
};

/// Registration id of the device, as it registered; a text.
pub(crate) const REGISTRATION_ID: &str = "dps.registration_id";
/// Id of the enrollment group, or registration id of the individual enrollment; a text.
pub(crate) const ENROLLMENT_ID: &str = "dps.enrollment_id";
/// The tenant; in lower case in metrics.
pub(crate) const TENANT: &str = "dps.tenant";
/// Host name of the hub in the answer; in lower case in metrics.
pub(crate) const HUB: &str = "dps.hub";
/// Why: the step that chose the hub, or the published reason of a refusal or failure; a word.
pub(crate) const REASON: &str = "dps.reason";
/// How it ended; a word. Of an allocation: `assigned`, `refused`, `unavailable`, `failed`. Of a poll of the config
/// tables: `unchanged`, `editing`, `pushing`, `taken` (a policy was installed), `refused`, `failed`.
pub(crate) const OUTCOME: &str = "dps.outcome";
/// Revision of the policy that decided; 64 hex digits.
pub(crate) const POLICY_REVISION: &str = "dps.policy_revision";
/// Row key of the rollout that selected the device; a text.
pub(crate) const ROLLOUT: &str = "dps.rollout";
/// Whether a device row was cached: `hit` or `miss`.
pub(crate) const CACHE: &str = "dps.cache";

/// How a candidate policy decides, relative to the live one.
pub(crate) const DIFFERENCE: &str = "dps.difference";

/// Names of metrics.
pub(crate) mod metrics {
    /// Decisions; a counter by outcome, reason, tenant and hub. Beyond 1,000 combinations the SDK counts
    /// in one series that has only the attribute `otel.metric.overflow`.
    pub(crate) const DECISIONS: &str = "dps.decisions";
    /// Time from a request's head to its answer, in seconds; a histogram by status and outcome.
    pub(crate) use opentelemetry_semantic_conventions::metric::HTTP_SERVER_REQUEST_DURATION;
    /// Resident memory of the process, in bytes.
    pub(crate) use opentelemetry_semantic_conventions::metric::PROCESS_MEMORY_USAGE;

    /// Time since the store was last seen to hold the policy in use, in seconds; a gauge.
    pub(crate) const POLICY_AGE: &str = "dps.policy.age";
    /// 1, with the revision in use as an attribute; a gauge.
    pub(crate) const POLICY_INFO: &str = "dps.policy.info";
    /// Edits of the config tables that were refused; a counter.
    pub(crate) const POLICY_REJECTED: &str = "dps.policy.rejected";
    /// Callers that the webhook has answered with 401; a counter by route.
    pub(crate) const UNAUTHORIZED: &str = "dps.unauthorized";
    /// Decisions of a candidate policy; a counter by how they differ from those of the live one.
    pub(crate) const SHADOW_DECISIONS: &str = "dps.shadow.decisions";
    /// Calls of the store; a counter by operation, with `error.type` where they failed.
    pub(crate) const STORE_CALLS: &str = "dps.store.calls";
    /// Device rows that were needed; a counter by whether they were cached.
    pub(crate) const DEVICE_ROWS: &str = "dps.device_rows";
    /// Spans that found no room in the queue, or that no collector accepted; a counter.
    pub(crate) const SPANS_DROPPED: &str = "dps.spans.dropped";
}
