//! The proxy: takes connections, and hands each to a thread.

use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, JoinHandle};

use crate::fault::{Fate, Fault, State};
use crate::relay::Relay;

/// A TCP proxy on a free port of 127.0.0.1 that breaks connections, requests and answers.
///
/// It passes HTTP/1.1 messages on whole, byte for byte, each request on a new connection to the
/// server. Requests that wait for `100 Continue`, and HEAD, are not for it. It ends on drop, and
/// closes its connections.
#[derive(Debug)]
pub struct FaultProxy {
    port: u16,
    shared: Arc<Shared>,
    accepts: Option<JoinHandle<()>>,
}

/// What the threads of a proxy share.
#[derive(Debug)]
pub(crate) struct Shared {
    /// Port on 127.0.0.1 that it leads to.
    pub(crate) to: u16,
    setting: Mutex<Setting>,
    replaced: Condvar,
    connections: AtomicUsize,
    pub(crate) requests: AtomicUsize,
    /// The open connections, and some that have ended.
    clients: Mutex<Vec<Weak<TcpStream>>>,
    ended: AtomicBool,
}

/// The fault that was set last.
#[derive(Debug)]
pub(crate) struct Setting {
    pub(crate) fault: State,
    number: usize,
    held: usize,
}

impl Setting {
    fn new(fault: Fault, number: usize) -> Self {
        Self {
            fault: State::new(fault),
            number,
            held: 0,
        }
    }
}

impl FaultProxy {
    /// Leads to a port of 127.0.0.1, without a fault; nobody needs to listen there yet.
    ///
    /// # Panics
    ///
    /// No port is free.
    #[must_use]
    pub fn start(to: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let shared = Arc::new(Shared {
            to,
            setting: Mutex::new(Setting::new(Fault::None, 0)),
            replaced: Condvar::new(),
            connections: AtomicUsize::new(0),
            requests: AtomicUsize::new(0),
            clients: Mutex::default(),
            ended: AtomicBool::new(false),
        });
        let accepts = thread::spawn({
            let shared = Arc::clone(&shared);
            move || accept(&listener, &shared)
        });
        Self {
            port,
            shared,
            accepts: Some(accepts),
        }
    }

    /// Port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Replaces the fault; requests that have come already keep their fate, but are held no longer.
    pub fn set(&self, fault: Fault) {
        let mut setting = self.shared.setting();
        *setting = Setting::new(fault, setting.number + 1);
        drop(setting);
        self.shared.replaced.notify_all();
    }

    /// Answers that are held until the fault is set anew.
    #[must_use]
    pub fn held(&self) -> usize {
        self.shared.setting().held
    }

    /// Connections taken since the start, those closed at once too.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// Requests taken since the start, those that were not passed on too.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.shared.requests.load(Ordering::SeqCst)
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.set(Fault::None);
        self.shared.ended.store(true, Ordering::SeqCst);
        // The listener only looks at `ended` when a connection comes.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
        if let Some(accepts) = self.accepts.take() {
            let _ = accepts.join();
        }
        for client in self.shared.clients().iter().filter_map(Weak::upgrade) {
            // It fails only for a connection that has ended, which is the aim.
            let _ = client.shutdown(Shutdown::Both);
        }
    }
}

impl Shared {
    pub(crate) fn setting(&self) -> MutexGuard<'_, Setting> {
        self.setting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What becomes of a request, and the number of the setting that says so.
    pub(crate) fn fate(&self, line: &str) -> (Fate, usize) {
        let mut setting = self.setting();
        (setting.fault.fate(line), setting.number)
    }

    /// Returns when the fault is set anew after that setting.
    pub(crate) fn hold(&self, number: usize) {
        let mut setting = self.setting();
        if setting.number == number {
            setting.held += 1;
        }
        let same = |setting: &mut Setting| setting.number == number;
        let waited = self.replaced.wait_while(setting, same);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    fn clients(&self) -> MutexGuard<'_, Vec<Weak<TcpStream>>> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for client in listener.incoming().map_while(Result::ok) {
        if shared.ended.load(Ordering::SeqCst) {
            return;
        }
        shared.connections.fetch_add(1, Ordering::SeqCst);
        if shared.setting().fault.refuses() {
            continue;
        }
        let client = Arc::new(client);
        let mut clients = shared.clients();
        clients.retain(|client| client.strong_count() > 0);
        clients.push(Arc::downgrade(&client));
        let shared = Arc::clone(shared);
        let relay = Relay { client, shared };
        // A connection that breaks is what this proxy is for: nobody to tell.
        thread::spawn(|| relay.run());
    }
}
