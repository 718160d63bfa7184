//! Bytes as a TPM reads and writes them: numbers with the highest byte first, sizes in two bytes.

/// The numbers of the algorithms that are used here.
pub(super) const RSA: u16 = 0x0001;
pub(super) const HMAC: u16 = 0x0005;
pub(super) const AES: u16 = 0x0006;
pub(super) const KEYED_HASH: u16 = 0x0008;
pub(super) const SHA256: u16 = 0x000B;
pub(super) const CFB: u16 = 0x0043;

/// Bytes with their size before them (`TPM2B_..`).
#[expect(
    clippy::expect_used,
    reason = "whatever is sealed here is far smaller than 64 KB"
)]
pub(super) fn sized(bytes: &[u8]) -> Vec<u8> {
    let size = u16::try_from(bytes.len()).expect("what is sealed is small");
    [&size.to_be_bytes(), bytes].concat()
}

/// Reads from the start of what is left; `None` if there are too few bytes.
#[derive(Debug)]
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn u16(&mut self) -> Option<u16> {
        let (number, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u16::from_be_bytes(*number))
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        let (number, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*number))
    }

    pub(super) fn sized(&mut self) -> Option<&'a [u8]> {
        let size = self.u16()?;
        let (bytes, rest) = self.0.split_at_checked(usize::from(size))?;
        self.0 = rest;
        Some(bytes)
    }
}
