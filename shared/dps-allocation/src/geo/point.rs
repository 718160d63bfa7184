//! Points on earth, and how long a round trip between two of them takes.

use super::regions::REGIONS;

/// Mean radius of the earth.
pub(super) const EARTH_KM: f64 = 6371.0;

/// What a round trip costs without any distance: the networks at both ends.
const FIXED_MS: f64 = 5.0;

/// Light in fibre takes 0.01 ms there and back for a kilometre; cables are not straight.
///
/// Of 816 round trips that Microsoft published for July 2025 (17 regions to all others) half are
/// within 15 % of this estimate, and within 4 ms below 2,500 km. The worst are between continents
/// without a direct cable: Brazil to South Africa takes 319 ms, not 117. Where that matters, the
/// `latency` table says so. Least squares gives the same slope, 0.0149 ms.
///
/// Source: <https://learn.microsoft.com/azure/networking/azure-network-latency>
const MS_PER_KM: f64 = 0.015;

const RADIANS_PER_DEGREE: f64 = std::f64::consts::PI / 180.0;

/// A point on earth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// The point on the unit sphere, so that an estimate is one product and one arc cosine.
    unit: [f64; 3],
}

impl Point {
    /// Reads the name of an Azure region, or `latitude,longitude` in decimal degrees.
    ///
    /// Case, spaces, `-` and `_` in a name do not matter: `West Europe` is `westeurope`.
    /// Latitudes reach from -90 to 90, longitudes from -180 to 180. None for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Some((latitude, longitude)) = text.split_once(',') {
            return Some(Self::at(
                degrees(latitude, 90.0)?,
                degrees(longitude, 180.0)?,
            ));
        }
        let (_, latitude, longitude) = REGIONS.iter().find(|(name, ..)| is_name(text, name))?;
        Some(Self::at(*latitude, *longitude))
    }

    /// Latitude and longitude in degrees, north and east positive.
    #[must_use]
    pub fn degrees(&self) -> (f64, f64) {
        let [ahead, east, up] = self.unit;
        let latitude = libm::asin(up.clamp(-1.0, 1.0));
        let longitude = libm::atan2(east, ahead);
        (
            latitude / RADIANS_PER_DEGREE,
            longitude / RADIANS_PER_DEGREE,
        )
    }

    /// The names of all known regions.
    pub(crate) fn regions() -> impl Iterator<Item = &'static str> {
        REGIONS.iter().map(|(name, ..)| *name)
    }

    /// The cosine of the angle to the nearest known region.
    pub(super) fn nearest_region(&self) -> f64 {
        let points = REGIONS
            .iter()
            .map(|(_, latitude, longitude)| Self::at(*latitude, *longitude));
        points.map(|point| self.cosine(&point)).fold(-1.0, f64::max)
    }

    /// The cosine of the angle between two points.
    fn cosine(&self, other: &Self) -> f64 {
        self.unit.iter().zip(other.unit).map(|(a, b)| a * b).sum()
    }

    pub(super) fn at(latitude: f64, longitude: f64) -> Self {
        let (up, level) = libm::sincos(latitude * RADIANS_PER_DEGREE);
        let (east, ahead) = libm::sincos(longitude * RADIANS_PER_DEGREE);
        Self {
            unit: [level * ahead, level * east, up],
        }
    }
}

/// The estimated round trip between two points in whole milliseconds, 5 to 305.
///
/// The same on every platform: only exactly rounded operations and the `libm` crate, which is
/// plain Rust, are used.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the arc cosine is within 0 and pi, so that the sum is a small positive number"
)]
pub fn estimate_ms(a: &Point, b: &Point) -> u32 {
    // Rounding can take the product of a point with itself just above one.
    let cosine = a.cosine(b).clamp(-1.0, 1.0);
    let kilometres = libm::acos(cosine) * EARTH_KM;
    (FIXED_MS + kilometres * MS_PER_KM + 0.5) as u32
}

/// A plain decimal number within `-limit..=limit`: no exponent, no `inf`, no `NaN`.
pub(super) fn degrees(text: &str, limit: f64) -> Option<f64> {
    number(text).filter(|degrees| (-limit..=limit).contains(degrees))
}

/// A plain decimal number: no exponent, no `inf`, no `NaN`.
pub(super) fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let plain = text
        .bytes()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'+'));
    text.parse().ok().filter(|_| plain)
}

fn is_name(text: &str, name: &str) -> bool {
    let letters = text
        .bytes()
        .filter(|byte| !matches!(byte, b' ' | b'-' | b'_'));
    letters
        .map(|byte| byte.to_ascii_lowercase())
        .eq(name.bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_on_earth() {
        assert!(REGIONS.is_sorted_by(|(one, ..), (next, ..)| one < next));
        for (name, latitude, longitude) in REGIONS {
            assert!(is_name(name, name), "{name} is not canonical");
            assert!(
                name.bytes().all(|byte| byte.is_ascii_alphanumeric()),
                "{name}"
            );
            let here = format!("{latitude},{longitude}");
            assert_eq!(Point::parse(&here), Point::parse(name), "{name}");
        }
    }
}
