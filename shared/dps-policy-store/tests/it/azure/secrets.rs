//! What is secret is in no text and in no log.

use std::io;
use std::sync::{Arc, Mutex, Once};

use azurite::{ACCOUNT, SAS, unique_prefix};
use tracing::subscriber::{set_default, set_global_default};
use tracing_subscriber::fmt::MakeWriter;

use super::{HUBS, client, insert, row};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// Does a bit of everything while all there is to log is logged.
async fn logged(connection: &str) -> String {
    // The thread that first gets to an event answers for all whether anybody wants it: one of another
    // test, which has no log, would say no.
    static ALL_WANTED: Once = Once::new();
    ALL_WANTED.call_once(|| set_global_default(tracing_subscriber::registry()).unwrap());
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .finish();
    let guard = set_default(subscriber);
    tracing::trace!("the log works");
    let tables = client(connection, &unique_prefix());
    tables.read().await.unwrap_err();
    tables.create_missing_tables().await.unwrap();
    insert(
        &tables,
        HUBS,
        vec![row("hub", "h", &[("note", "payload-of-a-row")])],
    )
    .await;
    tables.read().await.unwrap();
    tracing::trace!("{tables} {tables:?}");
    drop(guard);
    let bytes = log.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn nothing_secret_is_logged_at_the_finest_level() {
    let azurite = azurite::shared();
    let by_key = azurite.connection_string();
    let (_, key) = by_key.split_once("AccountKey=").unwrap();
    let (key, _) = key.split_once(';').unwrap();
    let by_sas = format!(
        "TableEndpoint=http://127.0.0.1:{}/{ACCOUNT};SharedAccessSignature={SAS}",
        azurite.port()
    );
    let (_, signature) = SAS.split_once("sig=").unwrap();
    for connection in [&by_key, &by_sas] {
        let log = logged(connection).await.to_lowercase();
        assert!(
            log.contains("the log works") && log.contains("azuretables"),
            "{log}"
        );
        for secret in [
            key,
            signature,
            "sharedkey",
            "authorization",
            "sig=",
            "payload-of-a-row",
        ] {
            assert!(!log.contains(&secret.to_lowercase()), "`{secret}` in {log}");
        }
    }
}
