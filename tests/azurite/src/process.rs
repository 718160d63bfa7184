//! Azurite as tests hold it: a process with a port, an account and tables.

use std::process::Child;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::launch::launch;
use crate::port::Port;

/// The one account of an Azurite that is started without settings.
pub const ACCOUNT: &str = "devstoreaccount1";

/// The account's published key, the same in every emulator: no secret.
/// <https://learn.microsoft.com/azure/storage/common/storage-use-azurite#well-known-storage-account-and-key>
pub const KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// Account SAS for everything that tables need, valid to the year 2999: the query of a request,
/// signed with the published key.
pub const SAS: &str = "sv=2019-02-02&ss=t&srt=sco&sp=rwdlacu&se=2999-12-31T00%3A00%3A00Z&sig=TnIVMgMVkidPhTxu4A2LFN2StpnnK6uEfXHH5wXywg8%3D";

/// A real Azurite table service, in memory, on a free port of 127.0.0.1; ended on drop, and when
/// the test process ends in any way.
#[derive(Debug)]
pub struct Azurite {
    port: Port,
    options: Vec<String>,
    /// None: stopped.
    node: Option<Child>,
}

/// The Azurite that all tests of this process share; started by the first that asks.
///
/// Its tables are everybody's: use a [`unique_prefix`].
#[must_use]
pub fn shared() -> &'static Azurite {
    static SHARED: LazyLock<Azurite> = LazyLock::new(Azurite::start);
    &SHARED
}

/// Valid prefix of table names, `T` and 1 to 10 digits and `x`, that no other call in this process
/// gets; none is the beginning of another.
pub fn unique_prefix() -> String {
    static LAST: AtomicU32 = AtomicU32::new(0);
    format!("T{}x", LAST.fetch_add(1, Ordering::Relaxed))
}

/// Connection string of the account by way of a port on 127.0.0.1, that of an Azurite or of a proxy.
#[must_use]
pub fn connection_by(port: u16) -> String {
    let endpoint = format!("http://127.0.0.1:{port}/{ACCOUNT}");
    format!(
        "DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};\
         TableEndpoint={endpoint};"
    )
}

impl Azurite {
    /// Starts it, and returns when it answers.
    ///
    /// # Panics
    ///
    /// Node.js or Azurite is not there (the message says how to install it) or does not start
    /// within a minute.
    #[must_use]
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts it with more options: `--oauth basic --cert FILE --key FILE` for TLS and tokens.
    ///
    /// # Panics
    ///
    /// As [`start`](Self::start).
    #[must_use]
    pub fn start_with(options: &[&str]) -> Self {
        let port = Port::any();
        let options: Vec<String> = options.iter().map(|it| (*it).to_owned()).collect();
        let node = Some(launch(port.number(), &options));
        Self {
            port,
            options,
            node,
        }
    }

    /// Port on 127.0.0.1, the same after a restart.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.number()
    }

    /// Connection string with the account's key.
    #[must_use]
    pub fn connection_string(&self) -> String {
        self.through(self.port())
    }

    /// Connection string of the same account by way of another port, that of a proxy.
    #[must_use]
    pub fn through(&self, port: u16) -> String {
        connection_by(port)
    }

    /// Kills it: its port refuses connections, and its tables are lost.
    pub fn stop(&mut self) {
        if let Some(mut node) = self.node.take() {
            // It fails only for a process that has ended, which is the aim.
            let _ = node.kill();
            let _ = node.wait();
        }
    }

    /// Starts it again, without tables, on the same port; stops it first if it runs.
    ///
    /// # Panics
    ///
    /// As [`start`](Self::start).
    pub fn restart(&mut self) {
        self.stop();
        self.node = Some(launch(self.port(), &self.options));
    }
}

impl Drop for Azurite {
    fn drop(&mut self) {
        self.stop();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn prefixes_are_unique_and_none_begins_another() {
        let all: HashSet<String> = (0..200).map(|_| unique_prefix()).collect();
        assert_eq!(all.len(), 200);
        for one in &all {
            assert!(
                one.bytes().all(|byte| byte.is_ascii_alphanumeric()),
                "{one}"
            );
            let others = || all.iter().filter(|other| *other != one);
            assert!(!others().any(|other| other.starts_with(one)), "{one}");
        }
    }
}
