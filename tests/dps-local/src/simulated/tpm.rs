//! The part of a TPM that a device needs to register, by an implementation of its own: it shares nothing with `crate::tpm`, and
//! so one mistake cannot be in both.

use aes::Aes128;
use aes::cipher::KeyIvInit as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use num_bigint::BigUint;
use ring::{digest, hmac};
use serde_json::{Value, json};

use crate::key::SymmetricKey;

/// Two primes for each key: finding some takes long. No key of anything else.
const PRIMES: &str = include_str!("primes.txt");

/// What a device with a TPM is challenged with.
#[derive(Debug)]
pub struct SimulatedTpm {
    endorsement: Storage,
    storage_root: Storage,
}

/// A storage key.
struct Storage {
    modulus: BigUint,
    private_exponent: BigUint,
    /// `TPMT_PUBLIC`.
    public: Vec<u8>,
}

impl std::fmt::Debug for Storage {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Storage(..)")
    }
}

impl SimulatedTpm {
    /// With two of the keys 0, 1 and 2.
    ///
    /// # Panics
    /// With another number.
    #[must_use]
    pub fn new(endorsement: usize, storage_root: usize) -> Self {
        // adminWithPolicy with its policy, and userWithAuth without: as both usually are.
        Self {
            endorsement: Storage::new(endorsement, 0x0003_00b2, &[7; 32]),
            storage_root: Storage::new(storage_root, 0x0003_0472, &[]),
        }
    }

    /// For an individual enrollment.
    #[must_use]
    pub fn endorsement_key(&self) -> String {
        STANDARD.encode(sized(&self.endorsement.public))
    }

    /// With the endorsement key, what identifies the TPM.
    #[must_use]
    pub fn storage_root_key(&self) -> String {
        STANDARD.encode(sized(&self.storage_root.public))
    }

    /// What its device sends.
    #[must_use]
    pub fn shown(&self) -> Value {
        json!({ "endorsementKey": self.endorsement_key(), "storageRootKey": self.storage_root_key() })
    }

    /// The key in what the service has sent; `None` if it is for another TPM, or was changed.
    #[must_use]
    pub fn activate(&self, authentication_key: &str) -> Option<SymmetricKey> {
        let blob = STANDARD.decode(authentication_key).ok()?;
        let mut rest = blob.as_slice();
        let mut next = || take(&mut rest);
        let (credential, credential_seed) = (next()?, next()?);
        let (object, object_seed, public) = (next()?, next()?, next()?);

        let name = name(&self.storage_root.public);
        let endorsement = &self.endorsement;
        let opened = endorsement.open("IDENTITY", &name, &credential, &credential_seed)?;
        let inner = take(&mut opened.as_slice())?;

        let name = self::name(&public);
        let storage_root = &self.storage_root;
        let mut opened = storage_root.open("DUPLICATE", &name, &object, &object_seed)?;
        decrypt(&inner, &mut opened)?;
        let mut rest = opened.as_slice();
        let integrity = take(&mut rest)?;
        let sensitive = (integrity == sha256(&[rest, &name])).then(|| take(&mut rest))??;
        let mut rest = sensitive.get(2..)?;
        let [password, obfuscation, key] = [take(&mut rest)?, take(&mut rest)?, take(&mut rest)?];
        let is_whole = password.is_empty() && public.ends_with(&sha256(&[&obfuscation, &key]));
        let key = is_whole.then(|| STANDARD.encode(key))?;
        SymmetricKey::try_from(key).ok()
    }
}

impl Storage {
    #[expect(clippy::expect_used, reason = "the primes are part of the program")]
    fn new(number: usize, attributes: u32, policy: &[u8]) -> Self {
        let mut primes = PRIMES.lines().skip(2 * number);
        let mut prime = || BigUint::parse_bytes(primes.next()?.as_bytes(), 16);
        let (p, q) = prime().zip(prime()).expect("three keys have their primes");
        let modulus = &p * &q;
        let order = (p - 1_u32) * (q - 1_u32);
        let public = [
            [0, 1, 0, 0x0b].as_slice(),
            &attributes.to_be_bytes(),
            &sized(policy),
            &[0, 6, 0, 128, 0, 0x43, 0, 0x10, 8, 0],
            &[0; 4],
            &sized(&modulus.to_bytes_be()),
        ];
        let exponent = BigUint::from(65537_u32).modinv(&order);
        Self {
            private_exponent: exponent.expect("the primes fit to the exponent"),
            public: public.concat(),
            modulus,
        }
    }

    fn open(&self, label: &str, name: &[u8], data: &[u8], seed: &[u8]) -> Option<Vec<u8>> {
        let seed = self.decrypt(&format!("{label}\0"), seed)?;
        let mut content = data;
        let mac = take(&mut content)?;
        let mac_key = derive(&seed, "INTEGRITY", &[], 256);
        if mac != hmac(&mac_key, &[content, name]) {
            return None;
        }
        let mut content = content.to_vec();
        decrypt(&derive(&seed, "STORAGE", name, 128), &mut content)?;
        Some(content)
    }

    /// OAEP of RFC 8017, section 7.1.2.
    fn decrypt(&self, label: &str, encrypted: &[u8]) -> Option<Vec<u8>> {
        let number =
            BigUint::from_bytes_be(encrypted).modpow(&self.private_exponent, &self.modulus);
        let number = number.to_bytes_be();
        let mut encoded = vec![0; 256_usize.checked_sub(number.len())?];
        encoded.extend(number);
        let (masked_seed, masked) = encoded.get(1..)?.split_at_checked(32)?;
        let seed = xor(masked_seed, &mgf1(masked, 32));
        let block = xor(masked, &mgf1(&seed, masked.len()));
        let padded = block.strip_prefix(sha256(&[label.as_bytes()]).as_slice())?;
        let start = padded.iter().position(|byte| *byte != 0)?;
        padded.get(start..)?.strip_prefix(&[1]).map(<[u8]>::to_vec)
    }
}

fn mgf1(seed: &[u8], length: usize) -> Vec<u8> {
    let rounds = (0..8_u8).flat_map(|round| sha256(&[seed, &[0, 0, 0, round]]));
    rounds.take(length).collect()
}

fn xor(left: &[u8], right: &[u8]) -> Vec<u8> {
    left.iter()
        .zip(right)
        .map(|(left, right)| left ^ right)
        .collect()
}

fn derive(seed: &[u8], label: &str, context: &[u8], bits: u32) -> Vec<u8> {
    let label = format!("{label}\0");
    let key = hmac(
        seed,
        &[
            &[0, 0, 0, 1],
            label.as_bytes(),
            context,
            &bits.to_be_bytes(),
        ],
    );
    key.into_iter().take(bits as usize / 8).collect()
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), &parts.concat())
        .as_ref()
        .to_vec()
}

fn sha256(parts: &[&[u8]]) -> Vec<u8> {
    digest::digest(&digest::SHA256, &parts.concat())
        .as_ref()
        .to_vec()
}

fn name(public: &[u8]) -> Vec<u8> {
    [&[0, 0x0b], sha256(&[public]).as_slice()].concat()
}

fn decrypt(key: &[u8], content: &mut [u8]) -> Option<()> {
    let key: &[u8; 16] = key.try_into().ok()?;
    cfb_mode::Decryptor::<Aes128>::new(key.into(), &[0; 16].into()).decrypt(content);
    Some(())
}

/// With its length before it; all that is written here is short.
fn sized(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    [&length.to_be_bytes(), bytes].concat()
}

/// Bytes with their length before them.
fn take(rest: &mut &[u8]) -> Option<Vec<u8>> {
    let (size, after) = rest.split_first_chunk()?;
    let (bytes, after) = after.split_at_checked(usize::from(u16::from_be_bytes(*size)))?;
    *rest = after;
    Some(bytes.to_vec())
}
