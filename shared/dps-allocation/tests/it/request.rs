//! What is read of a request.

mod certificate;
mod malformed;
mod registration;
mod registry;
pub(crate) mod wire;
