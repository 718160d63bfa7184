//! HTTP/1.1 messages as bytes: only as much is understood as is needed to find their end.

use std::io::{self, BufRead, Read as _};

use httparse::Header;

/// More than Azurite and the clients here send.
const MOST_HEADERS: usize = 64;

/// One whole request or answer, byte for byte as it came.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Message {
    /// Request line or status line, header fields, and the empty line.
    pub(crate) head: Vec<u8>,
    /// With the frames of chunks, if it came in chunks.
    pub(crate) body: Vec<u8>,
    /// Whether its sender closes the connection after it.
    pub(crate) last: bool,
}

/// Where a body ends (RFC 9112 section 6.3).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Framing {
    Length(u64),
    Chunked,
    UntilClosed,
}

impl Message {
    /// `None`: the connection was closed, and no request had begun.
    ///
    /// # Errors
    ///
    /// The connection broke, or what came is not an HTTP/1.1 request.
    pub(crate) fn request(stream: &mut impl BufRead) -> io::Result<Option<Self>> {
        let Some(head) = read_head(stream)? else {
            return Ok(None);
        };
        let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut request = httparse::Request::new(&mut headers);
        request.parse(&head).map_err(io::Error::other)?;
        let framing = framing(request.headers).unwrap_or(Framing::Length(0));
        let last = closes(request.headers);
        let body = read_body(stream, framing)?;
        Ok(Some(Self { head, body, last }))
    }

    /// The answer to any request but HEAD, which has a length and no body.
    ///
    /// # Errors
    ///
    /// The connection broke or was closed, or what came is not an HTTP/1.1 answer.
    pub(crate) fn answer(stream: &mut impl BufRead) -> io::Result<Self> {
        let head = read_head(stream)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut answer = httparse::Response::new(&mut headers);
        answer.parse(&head).map_err(io::Error::other)?;
        let framing = match answer.code {
            Some(204 | 304) => Framing::Length(0),
            _ => framing(answer.headers).unwrap_or(Framing::UntilClosed),
        };
        let last = framing == Framing::UntilClosed || closes(answer.headers);
        let body = read_body(stream, framing)?;
        Ok(Self { head, body, last })
    }

    /// Such as `GET /devstoreaccount1/DpsHubs() HTTP/1.1`.
    pub(crate) fn first_line(&self) -> String {
        let line = self.head.split(|byte| *byte == b'\r').next();
        String::from_utf8_lossy(line.unwrap_or_default()).into_owned()
    }
}

/// `None`: the stream was at its end.
fn read_head(stream: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut head = Vec::new();
    loop {
        let line = read_line(stream, &mut head)?;
        match line {
            0 if head.is_empty() => return Ok(None),
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            2 if head.ends_with(b"\r\n") => return Ok(Some(head)),
            _ => {}
        }
    }
}

fn read_line(stream: &mut impl BufRead, bytes: &mut Vec<u8>) -> io::Result<usize> {
    stream.read_until(b'\n', bytes)
}

/// `None`: the head does not say.
fn framing(headers: &[Header<'_>]) -> Option<Framing> {
    if value(headers, "transfer-encoding").is_some() {
        return Some(Framing::Chunked);
    }
    let length = value(headers, "content-length")?;
    length.trim().parse().ok().map(Framing::Length)
}

fn closes(headers: &[Header<'_>]) -> bool {
    value(headers, "connection").is_some_and(|value| value.eq_ignore_ascii_case("close"))
}

fn value<'a>(headers: &[Header<'a>], name: &str) -> Option<&'a str> {
    let mut headers = headers.iter();
    let header = headers.find(|header| header.name.eq_ignore_ascii_case(name))?;
    str::from_utf8(header.value).ok()
}

fn read_body(stream: &mut impl BufRead, framing: Framing) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    match framing {
        Framing::Length(length) => read_exactly(stream, length, &mut body)?,
        Framing::Chunked => read_chunks(stream, &mut body)?,
        Framing::UntilClosed => {
            stream.read_to_end(&mut body)?;
        }
    }
    Ok(body)
}

/// Chunks, the last one of length 0, then trailers and an empty line (RFC 9112 section 7.1).
fn read_chunks(stream: &mut impl BufRead, body: &mut Vec<u8>) -> io::Result<()> {
    loop {
        let mut size = Vec::new();
        read_line(stream, &mut size)?;
        body.extend_from_slice(&size);
        let Ok(httparse::Status::Complete((_, length))) = httparse::parse_chunk_size(&size) else {
            return Err(io::ErrorKind::InvalidData.into());
        };
        if length == 0 {
            break;
        }
        read_exactly(stream, length.saturating_add(2), body)?;
    }
    loop {
        match read_line(stream, body)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            2 => return Ok(()),
            _ => {}
        }
    }
}

fn read_exactly(stream: &mut impl BufRead, length: u64, bytes: &mut Vec<u8>) -> io::Result<()> {
    let read = stream.take(length).read_to_end(bytes)?;
    if u64::try_from(read).is_ok_and(|read| read == length) {
        return Ok(());
    }
    Err(io::ErrorKind::UnexpectedEof.into())
}

#[cfg(test)]
mod tests;
