//! What a device activates: a key for its TPM, wrapped twice.

use super::identity::Identity;
use super::public::TpmKey;
use super::seal::{random, seal};
use super::wire::sized;
use crate::key::SymmetricKey;

/// Wraps a key so that only the TPM with both of these keys can use it: the key that opens the inner wrapper is a
/// credential for the endorsement key (`TPM2_MakeCredential`), the outer one is for the storage root key.
///
/// The parts are in the order in which SDKs read them (`azure-iot-security-tpm` for Node.js, `tpm.js`). The last, which SDKs
/// read and do not use, is empty.
pub(crate) fn activation(
    endorsement: &TpmKey,
    storage_root: &TpmKey,
    key: &SymmetricKey,
) -> Vec<u8> {
    let (inner, identity) = (random(), Identity::new(key));
    let credential = seal(endorsement, "IDENTITY", &storage_root.name(), sized(&inner));
    let object = seal(
        storage_root,
        "DUPLICATE",
        &identity.name(),
        identity.wrapped(&inner),
    );
    [
        credential.data.as_slice(),
        &credential.seed,
        &object.data,
        &object.seed,
        &identity.public,
        &[],
    ]
    .map(sized)
    .concat()
}
