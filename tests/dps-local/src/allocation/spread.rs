//! Evenly weighted distribution and lowest latency.

use ring::digest::{SHA256, digest};

use crate::hub::LinkedHub;
use crate::id::RegistrationId;

/// The hub that evenly weighted distribution gives to a device; `None` if there are no hubs.
///
/// Which hash DPS uses is not known. Here a device keeps its hub unless a hub with a better score is added
/// (rendezvous hashing).
pub(crate) fn weighted<'h>(
    id: &RegistrationId,
    hubs: impl IntoIterator<Item = &'h LinkedHub>,
) -> Option<&'h LinkedHub> {
    let scored = hubs.into_iter().map(|hub| (score(id, hub), hub));
    let best = scored.max_by(|(one, _), (other, _)| one.total_cmp(other));
    best.map(|(_, hub)| hub)
}

/// The hub with the lowest latency to a device in the table of the hubs; if no row is about the device, as
/// [`weighted`].
pub(crate) fn lowest_latency<'h>(
    id: &RegistrationId,
    hubs: impl IntoIterator<Item = &'h LinkedHub>,
) -> Option<&'h LinkedHub> {
    let hubs: Vec<&LinkedHub> = hubs.into_iter().collect();
    let latencies: Vec<Option<u32>> = hubs.iter().map(|hub| latency(id, hub)).collect();
    let lowest = latencies.iter().flatten().min();
    let nearest = hubs
        .iter()
        .zip(&latencies)
        .filter(|(_, latency)| match lowest {
            Some(lowest) => latency.as_ref() == Some(lowest),
            None => true,
        });
    weighted(id, nearest.map(|(hub, _)| *hub))
}

/// The longest start of an id that fits counts.
fn latency(id: &RegistrationId, hub: &LinkedHub) -> Option<u32> {
    let id = id.key();
    let rows = hub.latency_milliseconds.iter();
    let fitting = rows.filter(|(start, _)| id.starts_with(&start.to_ascii_lowercase()));
    let row = fitting.max_by_key(|(start, _)| start.len());
    row.map(|(_, milliseconds)| *milliseconds)
}

fn score(id: &RegistrationId, hub: &LinkedHub) -> f64 {
    let text = format!("{}\n{}", id.key(), hub.name.key());
    let hashed = digest(&SHA256, text.as_bytes());
    let [a, b, c, d, ..] = *hashed.as_ref() else {
        return 0.0;
    };
    // Between 0 and 1, and neither.
    let uniform = (f64::from(u32::from_be_bytes([a, b, c, d])) + 0.5) / (f64::from(u32::MAX) + 1.0);
    -f64::from(hub.allocation_weight) / uniform.ln()
}
