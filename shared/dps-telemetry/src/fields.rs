//! Every attribute of spans, metrics and log lines, named once.
//!
//! Names without `dps.` are OpenTelemetry's semantic conventions
//! (<https://opentelemetry.io/docs/specs/semconv/>) and mean what they mean there.

/// Registration id of the device, as it registered; a text.
pub const REGISTRATION_ID: &str = "dps.registration_id";
/// Id of the enrollment group, or registration id of the individual enrollment; a text.
pub const ENROLLMENT_ID: &str = "dps.enrollment_id";
/// The tenant; in lower case in metrics.
pub const TENANT: &str = "dps.tenant";
/// Host name of the hub in the answer; in lower case in metrics.
pub const HUB: &str = "dps.hub";
/// Why: the step that chose the hub, or the published reason of a refusal or failure; a word.
pub const REASON: &str = "dps.reason";
/// How it ended; a word. Of an allocation: `assigned`, `refused`, `unavailable`, `failed`. Of a poll of the config
/// tables: `unchanged`, `editing`, `pushing`, `taken` (a policy was installed), `refused`, `failed`.
pub const OUTCOME: &str = "dps.outcome";
/// Revision of the policy that decided; 64 hex digits.
pub const POLICY_REVISION: &str = "dps.policy_revision";
/// Row key of the rollout that selected the device; a text.
pub const ROLLOUT: &str = "dps.rollout";
/// Whether a device row was cached: `hit` or `miss`.
pub const CACHE: &str = "dps.cache";

/// The id that the Functions host gave the invocation; a GUID.
pub const FAAS_INVOCATION_ID: &str = "faas.invocation_id";
/// What starts the function: always `http`.
pub const FAAS_TRIGGER: &str = "faas.trigger";
/// Method of the request.
pub const HTTP_REQUEST_METHOD: &str = "http.request.method";
/// The route, as the Functions host publishes it.
pub const HTTP_ROUTE: &str = "http.route";
/// Status of the answer; a number.
pub const HTTP_RESPONSE_STATUS_CODE: &str = "http.response.status_code";
/// Scheme of the request's URL.
pub const URL_SCHEME: &str = "url.scheme";
/// Path of the request's URL, without the query, which holds a function key.
pub const URL_PATH: &str = "url.path";
/// What failed; a word. Only on spans and metrics of failures.
pub const ERROR_TYPE: &str = "error.type";
/// Which database: `azure.table`.
pub const DB_SYSTEM_NAME: &str = "db.system.name";
/// What was asked of it; a word.
pub const DB_OPERATION_NAME: &str = "db.operation.name";
/// The service in all telemetry of this process.
pub const SERVICE_NAME: &str = "service.name";
/// The process among those of the service.
pub const SERVICE_INSTANCE_ID: &str = "service.instance.id";
/// Version of this program.
pub const SERVICE_VERSION: &str = "service.version";

/// Names of metrics.
pub mod metrics {
    /// Decisions; a counter by outcome, reason, tenant and hub. Beyond 1,000 combinations the SDK counts
    /// in one series that has only the attribute `otel.metric.overflow`.
    pub const DECISIONS: &str = "dps.decisions";
    /// Time from a request's head to its answer, in seconds; a histogram by status and outcome.
    pub const REQUEST_DURATION: &str = "http.server.request.duration";
    /// Time since the store was last seen to hold the policy in use, in seconds; a gauge.
    pub const POLICY_AGE: &str = "dps.policy.age";
    /// 1, with the revision in use as an attribute; a gauge.
    pub const POLICY_INFO: &str = "dps.policy.info";
    /// Edits of the config tables that were refused; a counter.
    pub const POLICY_REJECTED: &str = "dps.policy.rejected";
    /// Callers that the webhook has answered with 401; a counter by route.
    pub const UNAUTHORIZED: &str = "dps.unauthorized";
    /// Calls of the store; a counter by operation, with `error.type` where they failed.
    pub const STORE_CALLS: &str = "dps.store.calls";
    /// Device rows that were needed; a counter by whether they were cached.
    pub const DEVICE_ROWS: &str = "dps.device_rows";
    /// Spans that found no room in the queue, or that no collector accepted; a counter.
    pub const SPANS_DROPPED: &str = "dps.spans.dropped";
    /// Resident memory of the process, in bytes.
    pub const PROCESS_MEMORY: &str = "process.memory.usage";
}
