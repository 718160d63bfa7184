//! The enrollments of the starter tables, with credentials.

use std::collections::BTreeMap;
use std::sync::Arc;

use dps_local::{Seed, SigningCertificate, SimulatedTpm, SymmetricKey};
use serde_json::{Value, json};

/// The fleet of the starter tables: the region is for the reader.
pub(super) const HUBS: [(&str, &str); 5] = [
    ("contoso-weu-1.azure-devices.net", "westeurope"),
    ("contoso-eus-1.azure-devices.net", "eastus"),
    ("contoso-sea-1.azure-devices.net", "southeastasia"),
    ("contoso-toasters-hub-1098.azure-devices.net", "westus2"),
    ("contoso-heatpumps-hub-1098.azure-devices.net", "westus2"),
];

/// Pumps with an individual enrollment each.
pub(super) const PUMPS: [&str; 16] = [
    "pump-0042",
    "pump-0043",
    "pump-0044",
    "pump-0101",
    "pump-0102",
    "pump-0103",
    "pump-0104",
    "pump-0105",
    "pump-0106",
    "pump-0107",
    "pump-0108",
    "pump-0109",
    "pump-0110",
    "pump-0111",
    "pump-0112",
    "pump-0113",
];

/// Gateways with a TPM each, and an individual enrollment.
pub(super) const GATEWAYS: [&str; 3] = ["tpm-gw-17", "tpm-gw-18", "tpm-gw-19"];

/// What their operator and their makers have.
pub(super) struct Enrollments {
    /// Of the group `contoso-custom-allocated-devices`.
    pub(super) group: SymmetricKey,
    /// Of the group `contoso-factory-x509`.
    pub(super) signing: SigningCertificate,
    /// Of the individual enrollments.
    pub(super) pumps: BTreeMap<&'static str, SymmetricKey>,
    /// Soldered into the gateways.
    pub(super) tpms: BTreeMap<&'static str, Arc<SimulatedTpm>>,
}

impl Enrollments {
    pub(super) fn new(signing: SigningCertificate) -> Self {
        let (pumps, gateways) = (PUMPS.into_iter(), GATEWAYS.into_iter().enumerate());
        Self {
            group: SymmetricKey::random(),
            signing,
            pumps: pumps.map(|pump| (pump, SymmetricKey::random())).collect(),
            tpms: gateways
                .map(|(key, id)| (id, Arc::new(SimulatedTpm::new(key, (key + 1) % 3))))
                .collect(),
        }
    }

    /// All of them are allocated by the webhook.
    pub(super) fn seed(&self, url: &str) -> Seed {
        let hubs = HUBS
            .iter()
            .map(|(name, location)| json!({ "name": name, "location": location }));
        let seed = hubs.fold(Seed::default(), Seed::with_hub);
        let certificate = json!({ "certificate": self.signing.certificate() });
        let signing = json!({ "signingCertificates": { "primary": certificate } });
        let groups = [
            json!({
                "enrollmentGroupId": "contoso-custom-allocated-devices",
                "attestation": by_key(&self.group),
            }),
            json!({
                "enrollmentGroupId": "contoso-factory-x509",
                "attestation": { "type": "x509", "x509": signing },
            }),
        ];
        let groups = groups.into_iter().map(|group| custom(group, url));
        let pumps = self.pumps.iter().map(|(pump, key)| {
            custom(
                json!({ "registrationId": pump, "attestation": by_key(key) }),
                url,
            )
        });
        let gateways = self.tpms.iter().map(|(gateway, tpm)| {
            let tpm = json!({ "endorsementKey": tpm.endorsement_key() });
            let attestation = json!({ "type": "tpm", "tpm": tpm });
            custom(
                json!({ "registrationId": gateway, "attestation": attestation }),
                url,
            )
        });
        let seed = groups.fold(seed, Seed::with_group);
        pumps.chain(gateways).fold(seed, Seed::with_individual)
    }
}

fn by_key(key: &SymmetricKey) -> Value {
    let key = String::from(key.clone());
    let keys = json!({ "primaryKey": key, "secondaryKey": key });
    json!({ "type": "symmetricKey", "symmetricKey": keys })
}

fn custom(mut enrollment: Value, url: &str) -> Value {
    enrollment["allocationPolicy"] = json!("custom");
    enrollment["customAllocationDefinition"] =
        json!({ "webhookUrl": url, "apiVersion": "2021-10-01" });
    enrollment
}
