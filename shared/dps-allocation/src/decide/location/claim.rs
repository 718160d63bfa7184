//! Where a device says that it is: a string, or coordinates in one of the common forms of JSON.

use std::borrow::Cow;

use serde_json::{Map, Value};

/// What a claim says.
#[derive(Debug, PartialEq)]
pub(super) enum LocationClaim<'a> {
    /// A name, or `latitude,longitude`.
    Place(Cow<'a, str>),
    /// Nothing is claimed.
    Nothing,
    /// The claim is not valid; says why.
    Ignored(&'static str),
}

const NO_COORDINATES: &str = "ignored: an object must have `lat` and `lon`, or `latitude` and \
                              `longitude`, or be a GeoJSON point";
const NO_PAIR: &str = "ignored: a list must hold latitude and longitude";
const NO_NUMBERS: &str = "ignored: latitude and longitude must be numbers of degrees";
const OUT_OF_RANGE: &str = "ignored: latitudes are from -90 to 90, longitudes from -180 to 180";
const NO_TYPE: &str = "ignored: it is not a string, an object or a list";

impl LocationClaim<'_> {
    /// Reads any JSON value.
    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Nothing,
            Value::String(text) => Self::Place(text.clone().into()),
            Value::Object(object) => Self::of_object(object),
            // Latitude first, as in tables.
            Value::Array(list) => match &**list {
                [latitude, longitude] | [latitude, longitude, _] => Self::at(latitude, longitude),
                _ => Self::Ignored(NO_PAIR),
            },
            Value::Bool(_) | Value::Number(_) => Self::Ignored(NO_TYPE),
        }
    }

    fn of_object(object: &Map<String, Value>) -> Self {
        let is = |name: &str| object.get("type").and_then(Value::as_str) == Some(name);
        if is("Feature")
            && let Some(Value::Object(geometry)) = object.get("geometry")
            && !geometry.contains_key("geometry")
        {
            return Self::of_object(geometry);
        }
        // RFC 7946, section 3.1.1: the longitude comes first.
        if is("Point")
            && let Some(Value::Array(position)) = object.get("coordinates")
            && let [longitude, latitude] | [longitude, latitude, _] = &**position
        {
            return Self::at(latitude, longitude);
        }
        let member = |names: &[&str]| {
            let mut members = object.iter();
            let is_named = |key: &str| names.iter().any(|name| key.eq_ignore_ascii_case(name));
            members.find_map(|(key, value)| is_named(key).then_some(value))
        };
        let latitude = member(&["lat", "latitude"]);
        let longitude = member(&["lon", "lng", "long", "longitude"]);
        match (latitude, longitude) {
            (Some(latitude), Some(longitude)) => Self::at(latitude, longitude),
            _ => Self::Ignored(NO_COORDINATES),
        }
    }

    fn at(latitude: &Value, longitude: &Value) -> Self {
        let (Some(latitude), Some(longitude)) = (degrees(latitude), degrees(longitude)) else {
            return Self::Ignored(NO_NUMBERS);
        };
        if latitude.abs() > 90.0 || longitude.abs() > 180.0 {
            return Self::Ignored(OUT_OF_RANGE);
        }
        Self::Place(format!("{},{}", text(latitude), text(longitude)).into())
    }
}

fn degrees(value: &Value) -> Option<f64> {
    let degrees = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    degrees.filter(|degrees| degrees.is_finite())
}

/// Without an exponent; six decimals are 10 cm.
fn text(degrees: f64) -> String {
    let text = format!("{degrees:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
