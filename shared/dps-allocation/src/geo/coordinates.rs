//! Coordinates as people write them, and what can be wrong with them.

use super::point::{EARTH_KM, Point, degrees, number};

/// Why a text that is written as coordinates is not a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CoordinatesError {
    #[error("is not `latitude,longitude` in decimal degrees")]
    Malformed,
    #[error("is not a place: latitudes are from -90 to 90, longitudes from -180 to 180")]
    Nowhere,
    #[error("is not a place: it looks like longitude,latitude")]
    Swapped,
}

impl CoordinatesError {
    /// What to write instead.
    pub(crate) fn help(self) -> &'static str {
        match self {
            Self::Malformed => {
                "write two numbers with decimal points and a comma between them, such as 52.52,13.4"
            }
            Self::Nowhere => "write degrees, the latitude first, such as 52.52,13.4",
            Self::Swapped => "write the latitude first, such as 52.52,13.4 for Berlin",
        }
    }
}

/// Reads a text that is written as coordinates; none for a word.
///
/// Words may hold digits and commas (`hall-7`, `berlin,de`); coordinates hold nothing but numbers,
/// what separates them, and the signs of degrees and directions.
pub(crate) fn coordinates(text: &str) -> Option<Result<Point, CoordinatesError>> {
    if text.contains(',')
        && let Some(point) = Point::parse(text)
    {
        return Some(Ok(point));
    }
    let text = text.trim();
    let of_coordinates =
        |c: char| c.is_ascii_digit() || c.is_whitespace() || ".,;+-−/°'\"′″NSEWnsew".contains(c);
    let digits = || text.bytes().any(|byte| byte.is_ascii_digit());
    let separated = text.contains([',', ';']) || text.contains(char::is_whitespace);
    if !separated || !digits() || !text.chars().all(of_coordinates) {
        return None;
    }
    let pair = text
        .split_once(',')
        .and_then(|(first, second)| Some((number(first)?, number(second)?)));
    Some(Err(match pair {
        None => CoordinatesError::Malformed,
        Some((first, second)) if second.abs() <= 90.0 && first.abs() <= 180.0 => {
            CoordinatesError::Swapped
        }
        Some(_) => CoordinatesError::Nowhere,
    }))
}

/// Farther than this from every Azure region there are few devices.
const FAR_KM: f64 = 1000.0;

/// Within this of an Azure region there are many.
const NEAR_KM: f64 = 300.0;

/// South of this latitude there is Antarctica.
const ANTARCTICA: f64 = -60.0;

/// The coordinates the other way round, where that is clearly what was meant.
///
/// That is: as written they are in Antarctica, or far from every region, and the other way round they
/// are not, or near to one.
pub(crate) fn looks_swapped(text: &str) -> Option<String> {
    let (first, second) = text.split_once(',')?;
    let (latitude, longitude) = (degrees(first, 90.0)?, degrees(second, 90.0)?);
    let written = Point::at(latitude, longitude).nearest_region();
    let swapped = Point::at(longitude, latitude).nearest_region();
    let cosine = |km: f64| libm::cos(km / EARTH_KM);
    let from_antarctica = latitude < ANTARCTICA && longitude >= ANTARCTICA;
    let from_nowhere = written < cosine(FAR_KM) && swapped > cosine(NEAR_KM);
    (from_antarctica || from_nowhere).then(|| format!("{},{}", second.trim(), first.trim()))
}
