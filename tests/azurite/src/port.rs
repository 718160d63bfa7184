//! A port that stays ours while nobody listens on it.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::os::fd::OwnedFd;

use rustix::net::sockopt::set_socket_reuseaddr;
use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, getsockname, socket_with};

/// A port of 127.0.0.1 that the kernel gives to nobody else while this lives.
///
/// Its socket is bound and does not listen: connections are refused. Who sets `SO_REUSEADDR`, as
/// this and the servers of Rust, Go and Node.js do, can listen beside it on Linux (socket(7)).
#[derive(Debug)]
pub struct Port {
    number: u16,
    _bound: OwnedFd,
}

impl Port {
    /// One that is free.
    ///
    /// # Panics
    ///
    /// None is.
    #[must_use]
    pub fn any() -> Self {
        let (stream, closed_by_exec) = (SocketType::STREAM, SocketFlags::CLOEXEC);
        let socket = socket_with(AddressFamily::INET, stream, closed_by_exec, None);
        let bound = socket.expect("a socket");
        set_socket_reuseaddr(&bound, true).expect("a TCP socket has the option");
        bind(&bound, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = getsockname(&bound).expect("it is bound");
        let address = SocketAddr::try_from(address).expect("an address of IPv4");
        Self {
            number: address.port(),
            _bound: bound,
        }
    }

    /// What it is called.
    #[must_use]
    pub fn number(&self) -> u16 {
        self.number
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::io::ErrorKind;
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn it_refuses_until_somebody_listens_and_is_given_to_nobody_else() {
        let ports: Vec<Port> = (0..1_000).map(|_| Port::any()).collect();
        let numbers: HashSet<u16> = ports.iter().map(Port::number).collect();
        assert_eq!(numbers.len(), ports.len());
        let address = (Ipv4Addr::LOCALHOST, ports[0].number());
        for _ in 0..2 {
            let refused = TcpStream::connect(address).unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
            let _listener = TcpListener::bind(address).unwrap();
            TcpStream::connect(address).unwrap();
        }
    }
}
