//! The two kinds of enrollments, and in what they differ.

use crate::data::Edit;
use crate::enrollment::{Attestation, Group, Individual, Terms};
use crate::options::Limits;
use crate::refusal::Refusal;
use crate::registration::Registration;
use crate::state::{Record, State};

/// What individual enrollments and groups have in common for those who manage them.
pub(crate) trait Enrollment: Record {
    /// `x-ms-item-type`.
    const ITEM_TYPE: &'static str;
    /// The table of queries.
    const QUERIED: &'static str;
    const IS_GROUP: bool;
    /// The member with the id.
    const ID: &'static str;
    /// The member of a bulk operation with the records.
    const BULK: &'static str;

    fn id(&self) -> &str;

    fn terms(&self) -> &Terms;

    fn terms_mut(&mut self) -> &mut Terms;

    fn not_found() -> Refusal;

    /// Checks that there may be one more like this.
    fn check_count(&self, state: &State, limits: Limits) -> Result<(), Refusal>;

    /// What else goes with it.
    fn after_removal(edit: &mut Edit<'_>, key: &str);
}

impl Enrollment for Individual {
    const ITEM_TYPE: &'static str = "Enrollment";
    const QUERIED: &'static str = "enrollments";
    const IS_GROUP: bool = false;
    const ID: &'static str = "registrationId";
    const BULK: &'static str = "enrollments";

    fn id(&self) -> &str {
        self.registration_id.as_str()
    }

    fn terms(&self) -> &Terms {
        &self.terms
    }

    fn terms_mut(&mut self) -> &mut Terms {
        &mut self.terms
    }

    fn not_found() -> Refusal {
        Refusal::enrollment_not_found()
    }

    fn check_count(&self, state: &State, limits: Limits) -> Result<(), Refusal> {
        let count = state.all::<Self>().len();
        Refusal::check_count(
            count,
            limits.individual_enrollments,
            "individual enrollments",
        )
    }

    /// The registration of the device; the device stays on its hub.
    fn after_removal(edit: &mut Edit<'_>, key: &str) {
        edit.remove::<Registration>(key);
    }
}

impl Enrollment for Group {
    const ITEM_TYPE: &'static str = "EnrollmentGroup";
    const QUERIED: &'static str = "enrollmentGroups";
    const IS_GROUP: bool = true;
    const ID: &'static str = "enrollmentGroupId";
    const BULK: &'static str = "enrollmentGroups";

    fn id(&self) -> &str {
        self.enrollment_group_id.as_str()
    }

    fn terms(&self) -> &Terms {
        &self.terms
    }

    fn terms_mut(&mut self) -> &mut Terms {
        &mut self.terms
    }

    fn not_found() -> Refusal {
        Refusal::group_not_found()
    }

    fn check_count(&self, state: &State, limits: Limits) -> Result<(), Refusal> {
        let has_keys =
            |group: &Self| matches!(group.terms.attestation, Attestation::SymmetricKey(_));
        let alike = state
            .all::<Self>()
            .values()
            .filter(|group| has_keys(group) == has_keys(self));
        let (limit, what) = if has_keys(self) {
            (
                limits.symmetric_key_groups,
                "enrollment groups with symmetric keys",
            )
        } else {
            (limits.x509_groups, "enrollment groups with certificates")
        };
        Refusal::check_count(alike.count(), limit, what)
    }

    /// Nothing: the registrations of its devices stay, and count.
    fn after_removal(_: &mut Edit<'_>, _: &str) {}
}
