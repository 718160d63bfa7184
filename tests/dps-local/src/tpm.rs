//! Secrets that one TPM can open and no other: what DPS sends to a device that attests with its TPM.
//!
//! Structures are those of the TPM 2.0 Library of the Trusted Computing Group: algorithms in part 1 (11.4.10, 24, 27 and
//! annex B), their bytes in part 2.

mod activation;
mod identity;
mod public;
mod rsa;
mod seal;
mod wire;

pub(crate) use activation::activation;
pub(crate) use public::TpmKey;
