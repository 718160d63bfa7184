//! A request that has been read: the device, its enrollment and the hubs that DPS offers.

mod attestation;
mod enrollment;
mod malformed;
mod read;
mod registry;

pub use attestation::{Attestation, AttestationKind};
pub use enrollment::{Enrollment, EnrollmentKind};
pub use malformed::MalformedRequest;
pub use read::Registration;
pub use registry::{RegistryMembers, ResourceName};
