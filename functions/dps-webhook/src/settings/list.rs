//! Every setting with what it means: the text of `--help` and of `functions/SETTINGS.md`.

use dps_policy_store::StoreSettings;
use dps_policy_store::azure::Connection;
use dps_settings::{Group, Setting};
use dps_telemetry::Settings as TelemetrySettings;

use super::names::{
    ALLOCATE_DEADLINE_MS, ALLOCATE_KEYS, FUNCTIONS_CUSTOMHANDLER_PORT, LAMBDA, LISTEN_ADDRESS,
    LOG_ID_KEY, OPERATOR_KEYS, POLICY_CACHE_DIR, POLICY_REFRESH_SECONDS, POLICY_SHADOW, RUST_LOG,
};
use crate::functions_host::WORKER_ID;
use crate::last_good::LAMBDA_TASK_ROOT;

const SERVER: &[Group] = &[Group {
    title: "Server",
    settings: &[
        Setting::new(
            &[FUNCTIONS_CUSTOMHANDLER_PORT],
            "Port; the Functions host sets it. 0 lets the system choose.",
        )
        .with_default("7071"),
        Setting::new(
            &[LISTEN_ADDRESS],
            "Address. One that other machines reach, such as `0.0.0.0`, needs keys and \
                   accepts at most 512 connections.",
        )
        .with_default("127.0.0.1"),
        SHADOW,
    ],
}];

const SHADOW: Setting = Setting::new(
    &[POLICY_SHADOW],
    "A candidate policy, decided beside the live one without changing an answer: the prefix of its \
     tables, or its folder if the live policy is a folder.",
);

const EVERYWHERE: &[Group] = &[
    Group {
        title: "Policy",
        settings: StoreSettings::FOLDER,
    },
    Group {
        title: "Config tables in Azure",
        settings: Connection::SETTINGS,
    },
    Group {
        title: "Names of the tables",
        settings: StoreSettings::TABLES,
    },
    Group {
        title: "Refresh",
        settings: &[
            Setting::new(
                &[POLICY_REFRESH_SECONDS],
                "Seconds between two polls of the tables, 1 to 86400.",
            )
            .with_default("15"),
            Setting::new(
                &[POLICY_CACHE_DIR],
                "Folder for the last good policy, for a start without the tables.",
            ),
        ],
    },
    Group {
        title: "Requests",
        settings: &[
            Setting::new(
                &[ALLOCATE_DEADLINE_MS],
                "Milliseconds from the head of a request to its answer, 10 to 230000: its \
                       body, the first policy and the device's row share them.",
            )
            .with_default("2000"),
            Setting::new(
                &ALLOCATE_KEYS,
                "Keys of DPS, in `?code=` or the header `x-functions-key`: each opens \
                       `allocate`. A key has at least 32 letters, digits, `-` and `_`, of which 8 \
                       differ. AWS Lambda needs one.",
            ),
            Setting::new(
                &OPERATOR_KEYS,
                "Keys of operators: each opens `explain` and `policy`.",
            ),
        ],
    },
    Group {
        title: "Log",
        settings: &[
            Setting::new(
                &[RUST_LOG],
                "What is logged: `off`, `error`, `warn`, `info`, `debug`, `trace`, and \
                       `target=level`, separated by commas, such as `info,dps_webhook=debug`. \
                       `info,decision=off` leaves out the line of each decision, \
                       `info,unauthorized=off` the lines about callers without a key.",
            )
            .with_default("info"),
            Setting::new(
                &[LOG_ID_KEY],
                "Key of at least 32 characters: the log and spans have a hash of registration \
                       ids (HMAC-SHA256) in place of them.",
            ),
        ],
    },
    Group {
        title: "Telemetry",
        settings: TelemetrySettings::SETTINGS,
    },
];

/// Variables that no operator sets.
const PLATFORM: &[Group] = &[
    Group {
        title: "From the Functions host",
        settings: &[Setting::new(
            &[WORKER_ID],
            "The host has started the process, and ends it.",
        )],
    },
    Group {
        title: "From AWS Lambda",
        settings: &[
            Setting::new(&LAMBDA, "What the runtime needs."),
            Setting::new(
                &[LAMBDA_TASK_ROOT],
                "The package may hold a last good policy.",
            ),
        ],
    },
    Group {
        title: "For identities",
        settings: Connection::FROM_PLATFORM,
    },
    Group {
        title: "From App Service and Functions",
        settings: TelemetrySettings::FROM_PLATFORM,
    },
];

/// The settings of a server, or of the function of AWS Lambda, for `--help`.
pub(crate) fn help(is_server: bool) -> String {
    let server = if is_server { SERVER } else { &[] };
    let help = dps_settings::help(server.iter().chain(EVERYWHERE));
    format!("Settings are environment variables; an empty one counts as not set.\n{help}")
}

/// The tables of `functions/SETTINGS.md`, which says how to generate them.
#[must_use]
pub fn settings_page() -> String {
    dps_settings::page(SERVER.iter().chain(EVERYWHERE).chain(PLATFORM))
}
