//! What operators do: enrollments, registrations, certificates, hubs, keys.
//!
//! Whoever calls one of these has checked the right to it with [`authorize`].

mod authorities;
mod authorize;
mod bulk;
mod check;
mod enrollments;
mod hubs;
mod json;
mod paging;
mod policies;
mod query;
mod registrations;

pub(crate) use authorities::{
    challenge, delete_authority, get_authority, list_authorities, put_authority, verify_authority,
};
pub(crate) use authorize::authorize;
pub(crate) use bulk::bulk;
pub(crate) use enrollments::{
    Enrollment, attestation_mechanism, delete_enrollment, enroll, get_enrollment, put_enrollment,
    query_enrollments,
};
pub(crate) use hubs::{delete_hub, get_hub, link, list_hubs, put_hub};
pub(crate) use paging::{Page, PageRequest};
pub(crate) use policies::{list_policies, put_policy};
pub(crate) use registrations::{delete_registration, get_registration, query_registrations};
