//! The two policies, and what they share.

use super::assumed::Assumed;
use super::premises::Premises;
use super::side::{HubRow, Side};

/// The policies before and after a change.
#[derive(Debug)]
pub struct Pair<'p> {
    pub(crate) from: Side<'p>,
    pub(crate) to: Side<'p>,
    pub(super) premises: Premises,
    /// Whether a device that was just placed can be sent on at once.
    pub(super) moves_at_once: bool,
}

impl<'p> Pair<'p> {
    /// Two policies, and what is assumed of devices.
    #[must_use]
    pub fn new(from: Side<'p>, to: Side<'p>, assumed: Assumed) -> Self {
        Self {
            premises: Premises::new(assumed, &[&from, &to]),
            moves_at_once: from.moves_at_once(),
            from,
            to,
        }
    }

    /// The row of a hub: that after the change before that of before.
    pub(super) fn hub(&self, host: &str) -> Option<&HubRow> {
        self.to.hub(host).or_else(|| self.from.hub(host))
    }

    /// The geography of a hub; that before the change counts, since an edit of it moves no hub.
    pub(super) fn geography(&self, host: &str) -> Option<&str> {
        let row = self.from.hub(host).or_else(|| self.to.hub(host))?;
        row.geography.as_deref()
    }
}
