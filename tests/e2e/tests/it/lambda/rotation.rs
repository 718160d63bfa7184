//! A change of keys as `infra/aws/rotate-keys` makes it, while callers go on calling.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use e2e::{Call, Front, Lambda, ScriptRoot, fixture};
use tokio::sync::RwLock;
use tokio::task::JoinSet;
use tokio::time::{Duration, sleep};

use super::{ALLOCATE_KEY, OPERATOR_KEY, SECOND_KEY};

/// Nobody was ever given it.
const UNUSED_KEY: &str = "allocate-key-nobody-has-0123456789ABCDEFGHI";

/// What is deployed, and the key that callers have.
struct Deployment {
    function: RwLock<Arc<Lambda>>,
    key: RwLock<&'static str>,
}

impl Deployment {
    async fn status(&self, key: &str) -> u16 {
        let function = Arc::clone(&*self.function.read().await);
        let call = Call::post("allocate", fixture("group-x509").to_string()).code(key);
        function.reply(Front::FunctionUrl, &call).await.status
    }

    /// As Lambda does with new settings: new instances get the calls, old ones end what they have.
    async fn deploy(&self, root: &ScriptRoot, keys: [&str; 2]) {
        *self.function.write().await = Arc::new(start(root, keys).await);
    }
}

async fn start(root: &ScriptRoot, [first, second]: [&str; 2]) -> Lambda {
    let settings = [
        ("ALLOCATE_KEY_1", first),
        ("ALLOCATE_KEY_2", second),
        ("OPERATOR_KEY_1", OPERATOR_KEY),
    ];
    Lambda::start(root, &settings).await
}

#[tokio::test]
async fn a_change_of_keys_refuses_no_request() {
    let root = ScriptRoot::new();
    let deployment = Arc::new(Deployment {
        function: RwLock::new(Arc::new(start(&root, [ALLOCATE_KEY, ""]).await)),
        key: RwLock::new(ALLOCATE_KEY),
    });
    let (stop, answered) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicUsize::new(0)),
    );
    let mut callers = JoinSet::new();
    for _ in 0..4 {
        let (deployment, stop) = (Arc::clone(&deployment), Arc::clone(&stop));
        let answered = Arc::clone(&answered);
        callers.spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                let key = *deployment.key.read().await;
                assert_eq!(deployment.status(key).await, 200);
                answered.fetch_add(1, Ordering::Relaxed);
            }
        });
    }

    more(&answered).await;
    deployment.deploy(&root, [ALLOCATE_KEY, SECOND_KEY]).await;
    more(&answered).await;
    *deployment.key.write().await = SECOND_KEY;
    more(&answered).await;
    deployment.deploy(&root, [SECOND_KEY, UNUSED_KEY]).await;
    more(&answered).await;
    stop.store(true, Ordering::Relaxed);
    while let Some(caller) = callers.join_next().await {
        caller.expect("every request is answered with 200");
    }
    assert_eq!(deployment.status(ALLOCATE_KEY).await, 401, "the old key");
}

/// Waits until every caller has certainly been answered in the state of things.
async fn more(answered: &AtomicUsize) {
    let enough = answered.load(Ordering::Relaxed) + 20;
    // The limit is for a test that has failed: its callers have stopped.
    for _ in 0..3000 {
        if answered.load(Ordering::Relaxed) >= enough {
            return;
        }
        sleep(Duration::from_millis(20)).await;
    }
    panic!("callers are not answered any more");
}
