//! The record of a registration, and how DPS shows it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::evidence::Attested;
use crate::certificate::{Certificate, hex};
use crate::etag::Etag;
use crate::hub_name::HubName;
use crate::id::{DeviceId, RegistrationId};
use crate::issuing::Csr;
use crate::key::random_bytes;

/// What is known of a registration.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Registration {
    pub(crate) id: RegistrationId,
    pub(crate) attested: Attested,
    pub(crate) created: String,
    pub(crate) updated: String,
    pub(crate) etag: Etag,
    /// Of the latest attempt.
    pub(crate) operation: String,
    pub(crate) status: Status,
    /// Where the device is; stays while it registers again, and if that fails.
    pub(crate) assignment: Option<Assignment>,
    /// What the webhook has sent for the device.
    pub(crate) payload: Option<Value>,
    /// The chain that the latest attempt has asked for, the device's own certificate first.
    #[serde(default)]
    pub(crate) issued: Vec<Certificate>,
}

/// How far the latest attempt is.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Status {
    Assigning(Pending),
    Assigned(Substatus),
    Failed(Failure),
}

/// What assigning needs, also after a restart.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Pending {
    /// What the device has sent for the webhook.
    pub(crate) payload: Option<Value>,
    /// If it wants a certificate.
    #[serde(default)]
    pub(crate) csr: Option<Csr>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Substatus {
    InitialAssignment,
    DeviceDataMigrated,
    DeviceDataReset,
    ReprovisionedToInitialAssignment,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failure {
    pub(crate) code: u32,
    pub(crate) message: String,
}

/// A device on its hub.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Assignment {
    pub(crate) hub: HubName,
    pub(crate) device_id: DeviceId,
}

impl Registration {
    /// Starts an attempt.
    pub(crate) fn begin(&mut self, attested: Attested, pending: Pending, now: String) {
        self.attested = attested;
        self.operation = operation_id();
        self.issued.clear();
        self.set(Status::Assigning(pending), now);
    }

    /// A registration that has not been before, with its first attempt.
    pub(crate) fn new(
        id: RegistrationId,
        attested: Attested,
        pending: Pending,
        now: String,
    ) -> Self {
        Self {
            id,
            attested,
            created: now.clone(),
            updated: now,
            etag: Etag::new(),
            operation: operation_id(),
            status: Status::Assigning(pending),
            assignment: None,
            payload: None,
            issued: Vec::new(),
        }
    }

    pub(crate) fn set(&mut self, status: Status, now: String) {
        self.status = status;
        self.updated = now;
        self.etag = Etag::new();
    }

    pub(crate) fn is_assigning(&self) -> bool {
        matches!(self.status, Status::Assigning(_))
    }

    /// `RegistrationOperationStatus` of the device API.
    pub(crate) fn operation_status(&self) -> Value {
        let mut state = self.state();
        if let (false, Value::Object(state)) = (self.issued.is_empty(), &mut state) {
            state.insert("issuedCertificateChain".to_owned(), json!(self.issued));
        }
        json!({
            "operationId": self.operation,
            "status": self.status.word(),
            "registrationState": state,
        })
    }

    /// `DeviceRegistrationState`, as both APIs write it.
    pub(crate) fn state(&self) -> Value {
        if self.is_assigning() {
            return json!({ "registrationId": self.id, "status": self.status.word() });
        }
        let mut state = Map::new();
        let mut put = |name: &str, value: Value| drop(state.insert(name.to_owned(), value));
        let (kind, shown) = self
            .attested
            .evidence
            .shown_to_device(&self.attested.source);
        put(kind, shown);
        put("registrationId", json!(self.id));
        put("createdDateTimeUtc", json!(self.created));
        put("status", json!(self.status.word()));
        match &self.status {
            Status::Assigned(substatus) => {
                put("substatus", json!(substatus));
                if let Some(Assignment { hub, device_id }) = &self.assignment {
                    put("assignedHub", json!(hub));
                    put("deviceId", json!(device_id));
                }
                if let Some(payload) = &self.payload {
                    put("payload", payload.clone());
                }
            }
            Status::Failed(failure) => {
                put("errorCode", json!(failure.code));
                put("errorMessage", json!(failure.message));
            }
            Status::Assigning(_) => {}
        }
        put("lastUpdatedDateTimeUtc", json!(self.updated));
        put("etag", json!(self.etag.encoded()));
        Value::Object(state)
    }
}

impl Status {
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Assigning(_) => "assigning",
            Self::Assigned(_) => "assigned",
            Self::Failed(_) => "failed",
        }
    }
}

/// `{digit}.{16 hex}.{uuid}`, as DPS makes them.
fn operation_id() -> String {
    let middle = hex(&random_bytes(8)).to_ascii_lowercase();
    format!("4.{middle}.{}", Uuid::new_v4())
}
