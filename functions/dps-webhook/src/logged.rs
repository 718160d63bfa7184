//! How logs and telemetry name a device without personal data.

use std::borrow::Cow;

use dps_allocation::{EnrollmentKind, Group, IdKey, Registration};

/// How logs and telemetry show registration ids: as they are, or hidden by a key.
#[derive(Clone, Debug, Default)]
pub struct LoggedIds(Option<IdKey>);

/// The ids of one registration, as logs and telemetry show them.
#[derive(Debug)]
pub(crate) struct Named<'a> {
    pub(crate) registration: Cow<'a, str>,
    pub(crate) enrollment: Cow<'a, str>,
    /// The id and the key, if `registration` is a hash of the id.
    hidden: Option<(String, IdKey)>,
}

impl LoggedIds {
    /// Hidden by the key, if there is one.
    #[must_use]
    pub fn new(key: Option<IdKey>) -> Self {
        Self(key)
    }

    pub(crate) fn of<'a>(&self, registration: &'a Registration<'_>) -> Named<'a> {
        let id = registration.id.as_str();
        let enrollment = registration.enrollment.id.as_str();
        let Some(key) = &self.0 else {
            return Named {
                registration: id.into(),
                enrollment: enrollment.into(),
                hidden: None,
            };
        };
        Named {
            registration: key.hide(id).into(),
            enrollment: match registration.enrollment.kind {
                // A registration id as well.
                EnrollmentKind::Individual => key.hide(enrollment).into(),
                EnrollmentKind::Group => enrollment.into(),
            },
            hidden: Some((id.to_owned(), key.clone())),
        }
    }
}

impl Named<'_> {
    /// A copy that may outlive the request.
    pub(crate) fn to_static(&self) -> Named<'static> {
        Named {
            registration: Cow::Owned(self.registration.to_string()),
            enrollment: Cow::Owned(self.enrollment.to_string()),
            hidden: self.hidden.clone(),
        }
    }

    pub(crate) fn is_hidden(&self) -> bool {
        self.hidden.is_some()
    }

    /// A group by its hash if there is a key, else `withheld`.
    pub(crate) fn group(&self, group: &Group<'_>) -> Cow<'static, str> {
        match &self.hidden {
            Some((_, key)) => Cow::Owned(group.hide(key)),
            None => Cow::Borrowed("withheld"),
        }
    }

    /// The text with the hash in place of the id, however that is capitalised.
    pub(crate) fn hide<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let Some((id, _)) = &self.hidden else {
            return Cow::Borrowed(text);
        };
        // Ids are ASCII, and so is what changes here: the length stays the same.
        let lower = text.to_ascii_lowercase();
        let mut hidden = String::new();
        let mut end = 0;
        for (at, _) in lower.match_indices(&**id) {
            hidden.push_str(text.get(end..at).unwrap_or_default());
            hidden.push_str(&self.registration);
            end = at + id.len();
        }
        if end == 0 {
            return Cow::Borrowed(text);
        }
        hidden.push_str(text.get(end..).unwrap_or_default());
        Cow::Owned(hidden)
    }
}

/// Coordinates to a tenth of a degree, about 11 km; `None` if the location has no coordinates, or
/// none that are finer.
pub(crate) fn coarse(location: &str) -> Option<String> {
    let (latitude, longitude) = location.split_once(',')?;
    let tenth = |text: &str| {
        let degrees: f64 = text.trim().parse().ok()?;
        let rounded = format!("{degrees:.1}");
        // As text, `-0.0` would be another place.
        Some(if rounded == "-0.0" {
            "0.0".to_owned()
        } else {
            rounded
        })
    };
    let coarse = format!("{},{}", tenth(latitude)?, tenth(longitude)?);
    let is_finer = |text: &str| {
        text.trim()
            .split_once('.')
            .is_some_and(|(_, it)| it.len() > 1)
    };
    (is_finer(latitude) || is_finer(longitude)).then_some(coarse)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(location: &str, expected: Option<&str>) {
        assert_eq!(coarse(location).as_deref(), expected, "{location}");
    }

    #[test]
    fn coordinates_are_rounded_to_a_tenth_of_a_degree() {
        check("52.5163,13.3777", Some("52.5,13.4"));
        check("-33.8688, 151.2093", Some("-33.9,151.2"));
        check("-0.01,0.04", Some("0.0,0.0"));
        check("89.99,-179.99", Some("90.0,-180.0"));
        check("52.5,13.44", Some("52.5,13.4"));
        check("52.5,13.4", None);
        check("52,13", None);
        check("westeurope", None);
        check("eu-west", None);
        check("berlin, mitte", None);
    }

    fn key() -> IdKey {
        IdKey::parse("0123456789abcdef0123456789abcdef").unwrap()
    }

    #[test]
    fn an_id_is_hidden_wherever_it_stands() {
        let named = Named {
            registration: "HASH".into(),
            enrollment: "".into(),
            hidden: Some(("pump-1".to_owned(), key())),
        };
        assert_eq!(
            named.hide("row `Pump-1/device` of pump-1"),
            "row `HASH/device` of HASH"
        );
        assert_eq!(named.hide("ü PUMP-1"), "ü HASH");
        assert_eq!(named.hide("nothing"), "nothing");
        assert_eq!(named.hide(""), "");
        let shown = Named {
            hidden: None,
            ..named
        };
        assert_eq!(shown.hide("pump-1"), "pump-1");
    }
}
