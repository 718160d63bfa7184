//! The port of the handler.

use std::io;
use std::net::Ipv4Addr;

use tokio::net::TcpSocket;

/// A port of 127.0.0.1, picked once per host, with what keeps it from other programs.
///
/// The real host binds a free port and closes it again. Here a socket stays bound and does not
/// listen, so that the kernel gives the port to nobody else while the handler is away; servers set
/// `SO_REUSEADDR`, and so can listen beside it (socket(7)).
///
/// It never listens, not even to see whether the port is free: a process that starts at that moment
/// has a copy of a listening socket until it runs its program, and until then the port is taken.
#[derive(Debug)]
pub(crate) struct Port {
    number: u16,
    _bound: TcpSocket,
}

impl Port {
    /// One that is free.
    pub(crate) fn any() -> io::Result<Self> {
        Self::fixed(0)
    }

    /// This one, if nobody listens on it.
    pub(crate) fn fixed(number: u16) -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.set_reuseaddr(true)?;
        socket.bind((Ipv4Addr::LOCALHOST, number).into())?;
        Ok(Self {
            number: socket.local_addr()?.port(),
            _bound: socket,
        })
    }

    pub(crate) fn number(&self) -> u16 {
        self.number
    }
}
