//! Registration ids in place of the hashes that a log has of them.

use std::collections::HashMap;

use dps_allocation::{DecisionRecord, EnrollmentKind, IdKey};

/// Why a device whose id is hashed cannot be decided.
pub(crate) const HASHED: &str = "the registration id, which the log hashes (--ids names ids)";

/// Registration ids, by their hashes.
#[derive(Clone, Debug, Default)]
pub struct Revealed(HashMap<u128, Box<str>>);

impl Revealed {
    /// Ids, and the key of the hashes.
    #[must_use]
    pub fn new<'i>(key: &IdKey, ids: impl IntoIterator<Item = &'i str>) -> Self {
        let ids = ids.into_iter();
        let ids = ids.filter_map(|id| Some((beginning(&key.hide(id))?, id.into())));
        Self(ids.collect())
    }

    /// Puts ids into a record that has hashes; if one is not known, the record stays as it is.
    pub(super) fn reveal(&self, record: &mut DecisionRecord<'_>) {
        if !record.ids_hashed {
            return;
        }
        let known = |hash: &str| self.0.get(&beginning(hash)?).map(ToString::to_string);
        let Some(id) = record.registration_id.as_deref().and_then(known) else {
            return;
        };
        if let Some(enrollment) = &mut record.enrollment
            && enrollment.kind == EnrollmentKind::Individual
        {
            let Some(id) = known(&enrollment.id) else {
                return;
            };
            enrollment.id = id.into();
        }
        record.registration_id = Some(id.into());
        record.ids_hashed = false;
    }
}

/// As many bits of a hash as no two ids share.
fn beginning(hash: &str) -> Option<u128> {
    u128::from_str_radix(hash.get(..32)?, 16).ok()
}
