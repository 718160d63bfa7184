//! The parts of a request that a list of devices may not hold.

/// A part of requests that a list of devices may not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What the device sends along.
    Payload,
    /// The client certificate.
    Certificate,
    /// How the device proves who it is.
    Attestation,
    /// Whether it is an IoT Edge device.
    IotEdge,
    /// What the enrollment says besides its kind and id.
    Enrollment,
    /// The registration id as the device spells it.
    SpellingOfId,
}

/// Some parts of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parts(u8);

impl Parts {
    /// These and one more.
    #[must_use]
    pub fn with(self, part: Part) -> Self {
        Self(self.0 | 1 << part as u8)
    }

    /// Whether this part is one of them.
    #[must_use]
    pub fn contains(self, part: Part) -> bool {
        self.meets(Self::default().with(part))
    }

    /// Whether a part is in both.
    pub(crate) fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

impl FromIterator<Part> for Parts {
    fn from_iter<I: IntoIterator<Item = Part>>(parts: I) -> Self {
        parts.into_iter().fold(Self::default(), Self::with)
    }
}
