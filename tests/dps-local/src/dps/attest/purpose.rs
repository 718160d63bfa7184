//! Why a device calls.

/// What a device shows its credential for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Register,
    /// For what is known of its registration.
    Ask,
}
