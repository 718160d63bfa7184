//! The form of a fleet, by its first bytes.

use super::columns::Columns;
use super::fault::FleetError;

/// The form of a fleet.
#[derive(Clone, Debug)]
pub enum Form {
    /// Values separated by commas, below a line with the names of the columns.
    Csv(CsvForm),
    /// A JSON object a line, or lines of the decision log among others.
    JsonLines,
    /// One JSON array of objects, as `az` prints it.
    JsonArray,
}

/// A CSV file.
#[derive(Clone, Debug)]
pub struct CsvForm {
    pub(super) columns: Columns,
    /// Bytes of the first line, with its end.
    pub(super) header: usize,
}

/// Characters that other tools put between columns.
const SEPARATORS: [(char, &str); 3] = [(';', "semicolons"), ('\t', "tabs"), ('|', "vertical bars")];

impl Form {
    /// Recognizes the form by the beginning, which has at least the first line.
    ///
    /// # Errors
    /// [`FleetError`] names what the file is instead.
    pub(super) fn of(beginning: &[u8]) -> Result<Self, FleetError> {
        FleetError::refuse_utf16(beginning)?;
        let blank = beginning
            .iter()
            .take_while(|byte| byte.is_ascii_whitespace());
        let blank = blank.count();
        match beginning.get(blank) {
            None => return Err(FleetError::Empty),
            Some(b'{') => return Ok(Self::JsonLines),
            Some(b'[') => return Ok(Self::JsonArray),
            Some(_) => {}
        }
        let length = memchr::memchr(b'\n', beginning.get(blank..).unwrap_or_default());
        let end = length.map_or(beginning.len(), |at| blank + at + 1);
        let line = String::from_utf8_lossy(beginning.get(blank..end).unwrap_or_default());
        // A log of a container has a time or a name before each line.
        if super::log::find(line.as_bytes()).is_some() || super::log::is_in(beginning) {
            return Ok(Self::JsonLines);
        }
        let line = line.trim_end();
        for (separator, name) in SEPARATORS {
            if line.contains(separator) && !line.contains(',') {
                return Err(FleetError::Separator(name));
            }
        }
        let mut names = ::csv::ReaderBuilder::new();
        let mut names = names.has_headers(false).from_reader(line.as_bytes());
        let mut record = ::csv::StringRecord::new();
        let is_read = names.read_record(&mut record).unwrap_or(false);
        if !is_read {
            return Err(FleetError::NoIds(super::values::shown(line)));
        }
        let columns = Columns::read(record.iter());
        let columns = columns.map_err(|error| match error {
            FleetError::NoIds(_) => FleetError::NoIds(super::values::shown(line)),
            other => other,
        })?;
        Ok(Self::Csv(CsvForm {
            columns,
            header: end,
        }))
    }

    /// The names of columns that are not read.
    #[must_use]
    pub fn unread_columns(&self) -> &[String] {
        match self {
            Self::Csv(csv) => &csv.columns.unread,
            Self::JsonLines | Self::JsonArray => &[],
        }
    }
}
