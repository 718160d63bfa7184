//! The chosen hub, for expressions in twins and replies.

/// The chosen hub as expressions see it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HubView<'a> {
    /// The classic host name; of a hub without a row, the one that the request links.
    pub(crate) name: &'a str,
    /// In the canonical form of locations.
    pub(crate) region: Option<&'a str>,
    pub(crate) geography: Option<&'a str>,
}
