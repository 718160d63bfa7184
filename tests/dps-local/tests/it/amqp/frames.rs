//! Frames by hand: garbage, and mechanisms of SASL that the client of the library does not have.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fe2o3_amqp::types::messaging::Outcome;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

use super::{Amqp, HOST, PATIENCE, service};
use crate::harness::{Service, Tpm, tls};

/// Whether the performative CLOSE is among these bytes.
fn has_close(received: &[u8]) -> bool {
    received.windows(2).any(|bytes| bytes == [0x53, 0x18])
}

#[tokio::test]
async fn garbage_closes_its_connection_and_no_other() {
    let service = service().await;
    let with_sasl = b"AMQP\x03\x01\x00\x00".as_slice();
    let without = b"AMQP\x00\x01\x00\x00".as_slice();
    let check = async |what: &str, bytes: &[&[u8]]| {
        let mut stream = tls(&service.server, service.server.amqp(), HOST, None).await;
        stream.write_all(&bytes.concat()).await.unwrap();
        let mut received = Vec::new();
        let closed = timeout(PATIENCE, async {
            // The server may close without the end of TLS, and waits a little after CLOSE.
            while matches!(stream.read_buf(&mut received).await, Ok(1..)) && !has_close(&received) {
            }
        });
        closed
            .await
            .unwrap_or_else(|_| panic!("{what} is waited for"));
        received
    };
    let received = check("another protocol", &[b"GET / HTTP/1.1\r\n\r\n"]).await;
    assert_eq!(received, with_sasl);
    check("AMQP 0.9", &[b"AMQP\x00\x00\x09\x01"]).await;
    check(
        "a frame that is too short",
        &[without, &[0, 0, 0, 1, 2, 0, 0, 0]],
    )
    .await;
    check(
        "a frame that is too long",
        &[without, &[0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0]],
    )
    .await;
    check(
        "a frame that is none",
        &[without, &[0, 0, 0, 12, 2, 0, 0, 0, 0xee, 0xee, 0xee, 0xee]],
    )
    .await;
    check(
        "a list without end",
        &[
            without,
            &[
                0, 0, 0, 17, 2, 0, 0, 0, 0, 0x53, 0x10, 0xd0, 0xff, 0xff, 0xff, 0xff, 0xff,
            ],
        ],
    )
    .await;
    check(
        "SASL that is none",
        &[
            with_sasl,
            &[0, 0, 0, 12, 2, 1, 0, 0, 0xee, 0xee, 0xee, 0xee],
        ],
    )
    .await;
    check(
        "OPEN instead of SASL",
        &[
            with_sasl,
            &[0, 0, 0, 16, 2, 0, 0, 0, 0, 0x53, 0x10, 0xc0, 3, 1, 0xa1, 0],
        ],
    )
    .await;
    let mut amqp = Amqp::good(&service).await;
    assert!(
        matches!(amqp.register().await, Some(Outcome::Accepted(_))),
        "the server lives"
    );
}

/// What the server sends to a client that begins with SASL, until it closes or has sent a SASL-OUTCOME with this code.
///
/// By hand: the client of the library has neither EXTERNAL, without its own TLS, nor TPM.
async fn check_outcome(service: &Service, frames: &[Vec<u8>], code: u8) {
    let mut stream = tls(&service.server, service.server.amqp(), HOST, None).await;
    stream.write_all(b"AMQP\x03\x01\x00\x00").await.unwrap();
    stream.write_all(&frames.concat()).await.unwrap();
    let mut received = Vec::new();
    let is_there = |received: &[u8]| {
        let outcome = [0x53, 0x44, 0xc0, 3, 1, 0x50, code];
        received.windows(7).any(|bytes| bytes == outcome)
    };
    let read = timeout(PATIENCE, async {
        while matches!(stream.read_buf(&mut received).await, Ok(1..)) {
            if is_there(&received) {
                break;
            }
        }
    });
    let read = read.await;
    assert!(read.is_ok(), "{received:02x?}");
    assert!(is_there(&received), "{received:02x?}");
}

/// A frame of SASL with so many fields.
fn sasl(code: u8, count: u8, fields: &[u8]) -> Vec<u8> {
    let size = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap().to_be_bytes();
    let list = [&[0, 0, 0, count], fields].concat();
    let content = [&[0, 0x53, code, 0xd0], size(&list).as_slice(), &list].concat();
    let whole = [&[0; 8], content.as_slice()].concat();
    [size(&whole).as_slice(), &[2, 1, 0, 0], &content].concat()
}

fn binary(bytes: &[u8]) -> Vec<u8> {
    let size = u32::try_from(bytes.len()).unwrap().to_be_bytes();
    [&[0xb0], size.as_slice(), bytes].concat()
}

#[tokio::test]
async fn external_and_tpm_are_mechanisms() {
    let (service, tpm) = (service().await, Tpm::new(0, 1));
    let external = sasl(0x41, 1, b"\xa3\x08EXTERNAL");
    check_outcome(&service, &[external], 0).await;

    let [endorsement, storage_root] =
        [tpm.endorsement_key(), tpm.storage_root_key()].map(|key| STANDARD.decode(key).unwrap());
    let named = [b"\x000ne00000001\0dev-9\0".as_slice(), &endorsement].concat();
    let init = sasl(
        0x41,
        2,
        &[b"\xa3\x03TPM", binary(&named).as_slice()].concat(),
    );
    let response = sasl(0x43, 1, &binary(&[&[0], storage_root.as_slice()].concat()));
    check_outcome(&service, &[init.clone(), response], 1).await;
    let not_a_key = sasl(0x43, 1, &binary(b"\0key"));
    check_outcome(&service, &[init, not_a_key], 1).await;
    check_outcome(&service, &[sasl(0x41, 1, b"\xa3\x05OTHER")], 1).await;
}
