//! What DPS gets is the same on Azure and on AWS, to the byte.

use e2e::{CAPTURED, Call, Front, Reply, Runtime, ScriptRoot, fixture};
use functions_host::Auth;

use super::{ALLOCATE_KEY, function};

#[tokio::test]
async fn every_way_answers_the_same_bytes() {
    let root = ScriptRoot::new();
    let alone = Runtime::alone(&root, &[]).await;
    let stand_in = Runtime::stand_in(&root, Auth::Off, &[]).await;
    let lambda = function(&root).await;
    for name in CAPTURED {
        let request = fixture(name).to_string();
        let expected = alone.reply(&request).await;
        assert_eq!(expected.status, 200, "{name}: {expected:?}");
        assert_eq!(expected.headers.len(), 3, "{name}: {expected:?}");
        let check = |way: &str, reply: Reply| assert_eq!(reply, expected, "{way}: {name}");
        check("behind the host", stand_in.reply(&request).await);

        let call = Call::post("allocate", request).code(ALLOCATE_KEY);
        for front in Front::ALL {
            check(&format!("{front:?}"), lambda.reply(front, &call).await);
            let encoded = lambda.reply(front, &call.clone().base64()).await;
            check(&format!("{front:?}, base64"), encoded);
        }
    }
    assert_eq!(lambda.starts(), 1, "{}", lambda.log());
}
