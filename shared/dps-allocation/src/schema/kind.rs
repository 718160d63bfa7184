//! What kind of value a column holds.

/// Maximum number of hubs in an ordered list: the wanted one, and five to replace it. They fit into
/// a row of `devices` without making it larger, and there may be a million rows.
pub(crate) const MAX_LISTED_HUBS: usize = 6;

/// What a column's text means, so that one reader serves every table and every tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Free text, kept as written (salts, names of rules).
    Text,
    /// A word, compared without case (pools, geographies, twins).
    Name,
    /// Words, separated by `;` or `,`, or a JSON array of strings.
    Names,
    /// A registration, enrollment or tenant id.
    Id,
    /// A tenant id, or `*` for every tenant.
    Scope,
    /// An id in which `*` stands for any characters.
    Pattern,
    /// Several patterns, separated like [`Kind::Names`].
    Patterns,
    /// A host name of a hub; the canonical one is the classic, see [`crate::HubName`].
    Host,
    /// At most six hubs by their host names, in order, separated like
    /// [`Kind::Names`].
    Hosts,
    /// Hubs by their host names, and pools, separated like [`Kind::Names`].
    HubsOrPools,
    /// A place: a word or `lat,lon`; white space and case do not matter.
    Location,
    /// A CEL expression.
    Expression,
    /// A JSON object.
    Object,
    /// A whole number between the two, both included.
    Integer(u32, u32),
    /// One of these words.
    Choice(&'static [&'static str]),
    /// `true` or `false`.
    Flag,
    /// A point in time, ISO 8601; a date alone means 00:00 UTC.
    Instant,
    /// The steps of a rollout: `2026-12-01T00:00Z=1% 2026-12-08=10%`.
    Steps,
}
