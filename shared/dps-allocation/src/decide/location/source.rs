//! The sources of a device's location.

/// A source of a device's location.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// The tenant's `locationFrom`, which replaces all others.
    LocationFrom,
    DeviceRow,
    EnrollmentRow,
    CertificateCountry,
    PayloadLocation,
    PayloadRegion,
}

impl Source {
    /// The sources in the order in which they count.
    pub(super) const RANKED: [Self; 5] = [
        Self::DeviceRow,
        Self::EnrollmentRow,
        Self::CertificateCountry,
        Self::PayloadLocation,
        Self::PayloadRegion,
    ];

    /// The name in explanations and in recorded evidence.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::LocationFrom => "locationFrom",
            Self::DeviceRow => "the device's row",
            Self::EnrollmentRow => "the enrollment's row",
            Self::CertificateCountry => "the certificate's country",
            Self::PayloadLocation => "payload.location",
            Self::PayloadRegion => "payload.region",
        }
    }
}
