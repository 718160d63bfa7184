//! Opens a fleet or a log, which may be compressed.

use clap::builder::TypedValueParser;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Context as _;
use dps_fleet::fleet::{Batch, FleetError, FleetReader, Revealed};

/// Files of a fleet or of a log, one after the other.
pub(crate) struct Inputs {
    readers: VecDeque<FleetReader>,
    /// Bytes of all files; `None` with stdin.
    pub(crate) size: Option<u64>,
    is_packed: bool,
    number: u64,
    revealed: Option<Arc<Revealed>>,
}

/// Bytes of the shortest lines.
const SHORT_LINE: u64 = 12;

/// How much smaller a compressed file is, at most.
const PACKED: u64 = 20;

/// What messages call a file.
pub(crate) fn name(path: &Path) -> String {
    if path == Path::new("-") {
        "stdin".to_owned()
    } else {
        path.display().to_string()
    }
}

impl Inputs {
    /// # Errors
    /// When a file cannot be read, or is not a fleet.
    pub(crate) fn open(paths: &[PathBuf], revealed: Option<Arc<Revealed>>) -> anyhow::Result<Self> {
        let mut inputs = Self {
            readers: VecDeque::new(),
            size: Some(0),
            is_packed: false,
            number: 0,
            revealed,
        };
        for path in paths {
            let name = name(path);
            let unreadable = || format!("`{name}` cannot be read");
            let (file, size): (Box<dyn Read + Send>, _) = if path == Path::new("-") {
                (Box::new(io::stdin()), None)
            } else {
                let file = File::open(path).with_context(unreadable)?;
                let size = file.metadata().ok().filter(std::fs::Metadata::is_file);
                (Box::new(file), size.map(|it| it.len()))
            };
            let bytes = Arc::new(AtomicU64::new(0));
            let counted = Counted {
                source: file,
                bytes: Arc::clone(&bytes),
            };
            let (source, is_packed) = unpacked(counted).with_context(unreadable)?;
            let reader = FleetReader::new(&name, source, bytes);
            let reader = reader.with_context(|| format!("`{name}`"))?;
            inputs.readers.push_back(reader);
            inputs.size = inputs.size.zip(size).map(|(all, size)| all + size);
            inputs.is_packed |= is_packed;
        }
        Ok(inputs)
    }

    /// About how many devices there are, at most.
    pub(crate) fn devices(&self) -> Option<u64> {
        let packed = if self.is_packed { PACKED } else { 1 };
        self.size
            .map(|size| size.saturating_mul(packed) / SHORT_LINE)
    }

    /// The columns of each file that are not read.
    pub(crate) fn unread_columns(&self) -> impl Iterator<Item = (&str, String)> {
        let named = self
            .readers
            .iter()
            .map(|it| (it.file(), it.form().unread_columns()));
        let named = named.filter(|(_, columns)| !columns.is_empty());
        named.map(|(name, columns)| (name, columns.join(", ")))
    }
}

impl Iterator for Inputs {
    type Item = Result<Batch, FleetError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let Some(batch) = self.readers.front_mut()?.next() else {
                self.readers.pop_front();
                continue;
            };
            let number = self.number;
            self.number += 1;
            let revealed = self.revealed.clone();
            return Some(batch.map(|batch| batch.at(number).revealing(revealed)));
        }
    }
}

/// Counts the bytes that are read.
struct Counted<R> {
    source: R,
    bytes: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.bytes.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// How files of gzip and of Zstandard begin.
const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

fn unpacked(mut file: impl Read + Send + 'static) -> io::Result<(Box<dyn Read + Send>, bool)> {
    let mut beginning = Vec::new();
    file.by_ref()
        .take(ZSTD.len() as u64)
        .read_to_end(&mut beginning)?;
    let (is_gzip, is_zstd) = (beginning.starts_with(GZIP), beginning.starts_with(ZSTD));
    let whole = BufReader::new(Cursor::new(beginning).chain(file));
    Ok(if is_gzip {
        (Box::new(flate2::bufread::MultiGzDecoder::new(whole)), true)
    } else if is_zstd {
        let decoder = ruzstd::decoding::StreamingDecoder::new(whole);
        (Box::new(decoder.map_err(io::Error::other)?), true)
    } else {
        (Box::new(whole), false)
    })
}

/// Devices that are made from the tables: as many as the services of one subscription can have, 10
/// with 1,000,000 registrations each.
/// <https://learn.microsoft.com/azure/iot-dps/about-iot-dps#quotas-and-limits>
pub(crate) fn made_devices() -> impl TypedValueParser<Value = u64> {
    clap::value_parser!(u64).range(1..=10_000_000)
}
