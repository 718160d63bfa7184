//! On AWS Lambda, under the Runtime Interface Emulator of AWS.

mod answers;
mod callers;
mod credentials;
mod doctor;
mod events;
mod rotation;
mod tables;
mod telemetry;

use e2e::{Call, Front, Lambda, Reply, ScriptRoot, fixture};
use tokio::time::{Duration, sleep};

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

async fn allocate(lambda: &Lambda) -> Reply {
    let call = Call::post("allocate", fixture("group-x509").to_string()).code(ALLOCATE_KEY);
    lambda.reply(Front::FunctionUrl, &call).await
}

/// The first decision, asked for again and again as DPS does; until then there is no policy.
async fn allocated(lambda: &Lambda) -> Reply {
    for _ in 0..600 {
        let reply = allocate(lambda).await;
        if reply.status == 200 {
            return reply;
        }
        assert_eq!(reply.status, 503, "{reply:?}");
        sleep(Duration::from_millis(100)).await;
    }
    panic!("asked in vain: {}", lambda.log());
}
