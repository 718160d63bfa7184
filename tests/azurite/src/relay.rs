//! One connection of a client: its requests, one after the other, each with its fate.

use std::io::{self, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use rustix::net::sockopt::set_socket_linger;

use crate::fault::Fate;
use crate::message::Message;
use crate::proxy::Shared;

#[derive(Debug)]
pub(crate) struct Relay {
    /// Closed when the relay is dropped.
    pub(crate) client: Arc<TcpStream>,
    pub(crate) shared: Arc<Shared>,
}

impl Relay {
    /// Returns when the connection has to be closed.
    ///
    /// # Errors
    ///
    /// One of the two connections broke, or what came is not HTTP/1.1.
    pub(crate) fn run(self) -> io::Result<()> {
        let mut requests = BufReader::new(&*self.client);
        while let Some(request) = Message::request(&mut requests)? {
            self.shared.requests.fetch_add(1, Ordering::SeqCst);
            let (fate, number) = self.shared.fate(&request.first_line());
            match fate {
                Fate::Pass => self.pass(&request)?,
                Fate::Hold => {
                    let answer = self.ask(&request)?;
                    self.shared.hold(number);
                    self.give(&answer)?;
                }
                Fate::Stall(bytes) => {
                    let answer = self.ask(&request)?;
                    if let Some(body) = answer.body.get(..bytes) {
                        self.write(&answer.head)?;
                        self.write(body)?;
                        io::copy(&mut requests, &mut io::sink())?;
                        break;
                    }
                    self.give(&answer)?;
                }
                Fate::Slow(rate) => self.trickle(&self.ask(&request)?, rate)?,
                Fate::Refuse(refusal) => self.write(&refusal.bytes())?,
                Fate::Cut(bytes) => self.cut(&request, bytes)?,
                Fate::LoseAnswer => {
                    self.ask(&request)?;
                    break;
                }
                Fate::Close => break,
                Fate::PassAndClose => {
                    self.pass(&request)?;
                    break;
                }
                Fate::Reset => {
                    set_socket_linger(&*self.client, Some(Duration::ZERO))?;
                    break;
                }
                Fate::Swallow => {
                    io::copy(&mut requests, &mut io::sink())?;
                }
            }
            if request.last {
                break;
            }
        }
        Ok(())
    }

    fn pass(&self, request: &Message) -> io::Result<()> {
        self.give(&self.ask(request)?)
    }

    /// In pieces, ten a second.
    fn trickle(&self, answer: &Message, rate: u32) -> io::Result<()> {
        let bytes = [answer.head.as_slice(), &answer.body].concat();
        let piece = usize::try_from(rate / 10).unwrap_or(usize::MAX).max(1);
        for piece in bytes.chunks(piece) {
            self.write(piece)?;
            thread::sleep(Duration::from_millis(100));
        }
        if answer.last {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        Ok(())
    }

    fn cut(&self, request: &Message, bytes: usize) -> io::Result<()> {
        let answer = self.ask(request)?;
        let Some(body) = answer.body.get(..bytes).filter(|body| *body != answer.body) else {
            self.shared.setting().fault.uncut();
            return self.give(&answer);
        };
        self.write(&answer.head)?;
        self.write(body)?;
        Err(io::ErrorKind::UnexpectedEof.into())
    }

    /// The answer of the real server, on a connection of its own: a kept one may be dead.
    fn ask(&self, request: &Message) -> io::Result<Message> {
        let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, self.shared.to))?;
        server.set_nodelay(true)?;
        server.write_all(&[request.head.as_slice(), &request.body].concat())?;
        Message::answer(&mut BufReader::new(server))
    }

    /// Fails after the last answer of the connection.
    fn give(&self, answer: &Message) -> io::Result<()> {
        self.write(&[answer.head.as_slice(), &answer.body].concat())?;
        if answer.last {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        Ok(())
    }

    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        (&*self.client).write_all(bytes)
    }
}
