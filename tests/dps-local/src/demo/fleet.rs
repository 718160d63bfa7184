//! The devices of both example tenants, and a few that should not get anywhere.

use std::sync::Arc;

use dps_local::{
    SimulatedCredential, SimulatedDevice, SimulatedError, Simulation, SymmetricKey, TpmSession,
};
use serde_json::{Value, json};

use super::enrollments::{Enrollments, PUMPS};

/// A device, and what it says about itself.
pub(super) struct Member {
    pub(super) device: SimulatedDevice,
    /// Of whom it is, for the reader: what the webhook finds is in its answer.
    pub(super) owner: Owner,
    pub(super) shows: &'static str,
    pub(super) payload: Option<Value>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    Contoso,
    TenantA,
    /// Nobody's, or one that is to be kept out.
    Stranger,
}

const DERIVED: &str = "key of its group";
const OWN: &str = "key of its own";
const CERTIFICATE: &str = "certificate";
const TPM: &str = "TPM";

/// What makes members.
struct Factory<'a> {
    simulation: &'a Simulation,
    enrollments: &'a Enrollments,
    members: Vec<Member>,
}

/// All of them, by owner.
pub(super) fn fleet(
    simulation: &Simulation,
    enrollments: &Enrollments,
) -> anyhow::Result<Vec<Member>> {
    let mut factory = Factory {
        simulation,
        enrollments,
        members: Vec::new(),
    };
    let firmware = || Some(json!({ "MyDeviceFirmwareVersion": "12.0.2.5" }));
    for number in 1..=5 {
        factory.by_group_key(&format!("kitchen-tstrsd-{number}"), firmware())?;
    }
    for number in 1..=5 {
        factory.by_group_key(&format!("cellar-hpsd-{number}"), None)?;
    }
    for id in ["office-tstrsd-1", "office-hpsd-1"] {
        factory.by_certificate(id, "contoso", Owner::Contoso)?;
    }
    for pump in PUMPS {
        factory.pump(pump)?;
    }
    for id in [
        "canary-2",
        "device-01",
        "device-02",
        "device-05",
        "device-06",
    ] {
        factory.by_certificate(id, "tenant-a", Owner::TenantA)?;
    }
    factory.gateways()?;
    factory.by_certificate("device-99", "tenant-b", Owner::Stranger)?;
    let stolen = SymmetricKey::random();
    factory.add("kitchen-tstrsd-9", stolen, Owner::Stranger, DERIVED, None)?;
    Ok(factory.members)
}

impl Factory<'_> {
    fn by_group_key(&mut self, id: &str, payload: Option<Value>) -> Result<(), SimulatedError> {
        let key = self.enrollments.group.derive(id);
        self.add(id, key, Owner::Contoso, DERIVED, payload)
    }

    /// Where it is says its row of `devices`, or the device itself.
    fn pump(&mut self, id: &'static str) -> anyhow::Result<()> {
        let key = self.enrollments.pumps.get(id).cloned();
        let key = key.ok_or_else(|| anyhow::anyhow!("`{id}` has no enrollment"))?;
        let (owner, payload) = match id {
            "pump-0042" | "pump-0043" => (Owner::TenantA, None),
            "pump-0044" => (Owner::Stranger, Some(json!({ "quarantine": true }))),
            "pump-0112" => (Owner::TenantA, Some(json!({ "region": "us-east" }))),
            "pump-0113" => (Owner::TenantA, Some(json!({ "region": "sg" }))),
            _ => (Owner::TenantA, Some(json!({ "region": "eu-west" }))),
        };
        Ok(self.add(id, key, owner, OWN, payload)?)
    }

    fn add(
        &mut self,
        id: &str,
        key: SymmetricKey,
        owner: Owner,
        shows: &'static str,
        payload: Option<Value>,
    ) -> Result<(), SimulatedError> {
        let device = self.simulation.device(id, SimulatedCredential::Key(key))?;
        self.members.push(Member {
            device,
            owner,
            shows,
            payload,
        });
        Ok(())
    }

    fn gateways(&mut self) -> Result<(), SimulatedError> {
        for (id, tpm) in &self.enrollments.tpms {
            let credential = SimulatedCredential::Tpm(TpmSession::new(Arc::clone(tpm)));
            self.members.push(Member {
                device: self.simulation.device(id, credential)?,
                owner: Owner::TenantA,
                shows: TPM,
                payload: Some(json!({ "region": "eu-west", "model": "gw-500" })),
            });
        }
        Ok(())
    }

    fn by_certificate(&mut self, id: &str, unit: &str, owner: Owner) -> anyhow::Result<()> {
        let certificate = self.enrollments.signing.issue(id, Some(unit))?;
        let credential = SimulatedCredential::Certificate(certificate);
        let device = self.simulation.device(id, credential)?;
        self.members.push(Member {
            device,
            owner,
            shows: CERTIFICATE,
            payload: None,
        });
        Ok(())
    }
}
