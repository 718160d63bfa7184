//! The way in over AMQP 1.0 (OASIS standard of 2012), for devices that register.
//!
//! What Azure's service does is read from its SDKs: `azure-iot-provisioning-device-amqp` for Node.js, and `sasl_tpm.js`
//! in it for TPMs.

mod message;
mod sasl;
mod session;
mod shown;

pub(crate) use session::speak;
