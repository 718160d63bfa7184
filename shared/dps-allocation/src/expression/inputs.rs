//! The registration as expressions see it; certificate and payload are parsed on first use.

use std::cell::{Cell, OnceCell};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::budget::STEPS_OF_DECISION;
use super::device_view::DeviceView;
use super::hub_view::HubView;
use super::value::{DeviceMembers, Parsed, Record, Val};
use super::variable::Variable;
use crate::certificate::Certificate;
use crate::hidden::Hidden;
use crate::hub_name::HubName;
use crate::registration::{Attestation, Registration};

/// The registration as expressions see it.
#[derive(Debug)]
pub(crate) struct Inputs<'a> {
    pub(crate) registration: &'a Registration<'a>,
    /// None until the tenant is known.
    pub(crate) tenant: Option<&'a str>,
    pub(crate) device: Option<DeviceView<'a>>,
    now: Timestamp,
    /// None until the hub is chosen.
    pub(crate) hub: Option<HubView<'a>>,
    certificate: OnceCell<Result<Option<Certificate>, Unreadable>>,
    payload: OnceCell<Result<Option<Parsed<'a>>, Unreadable>>,
    /// Those of the device's row.
    attributes: OnceCell<Option<Parsed<'a>>>,
    /// By its classic name.
    current_hub: OnceCell<Option<String>>,
    /// The steps left for expressions that read what the device sends.
    pub(super) steps_left: Cell<usize>,
}

/// A part of the request that the policy reads is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Unreadable {
    #[error("`deviceRuntimeContext.x509.clientCertificate` is not an X.509 certificate")]
    Certificate,
    #[error(
        "`deviceRuntimeContext.payload` cannot be read: it is nested too deeply, or holds a \
         number or a character that does not exist"
    )]
    Payload,
    #[error("the enrollment's `initialTwin` is not a twin")]
    InitialTwin,
}

impl<'a> Inputs<'a> {
    pub(crate) fn new(
        registration: &'a Registration<'a>,
        device: Option<DeviceView<'a>>,
        now: Timestamp,
    ) -> Self {
        Self {
            registration,
            tenant: None,
            device,
            now,
            hub: None,
            certificate: OnceCell::new(),
            payload: OnceCell::new(),
            attributes: OnceCell::new(),
            current_hub: OnceCell::new(),
            steps_left: Cell::new(STEPS_OF_DECISION),
        }
    }

    /// Whether the registration came with a client certificate.
    pub(crate) fn has_certificate(&self) -> bool {
        matches!(
            self.registration.attestation,
            Some(Attestation::X509(Some(_)))
        )
    }

    /// The client certificate; none without X.509 attestation.
    pub(crate) fn certificate(&self) -> Result<Option<&Certificate>, Unreadable> {
        let read = self
            .certificate
            .get_or_init(|| match &self.registration.attestation {
                Some(Attestation::X509(Some(text))) => Certificate::parse(text)
                    .map(Some)
                    .map_err(|_broken| Unreadable::Certificate),
                _ => Ok(None),
            });
        read.as_ref()
            .map(Option::as_ref)
            .map_err(|unreadable| *unreadable)
    }

    /// Checks that the part of the request which a variable names can be read.
    pub(super) fn readable(&self, variable: Variable) -> Result<(), Unreadable> {
        match variable {
            Variable::Cert => self.certificate().map(drop),
            Variable::Payload => self.payload().map(drop),
            _ => Ok(()),
        }
    }

    /// The value of a variable; null when the registration has none.
    pub(super) fn value<'s>(&'s self, variable: Variable) -> Val<'s> {
        let registration = self.registration;
        let text = |text: Option<&'s str>| text.map_or(Val::Null, Val::text);
        let record = |record: Option<Record<'s>>| record.map_or(Val::Null, Val::record);
        match variable {
            Variable::RegistrationId => Val::text(registration.id.as_str()),
            Variable::RegistrationIdAsWritten => Val::text(registration.id.as_written()),
            Variable::Enrollment => Val::record(Record::Enrollment(&registration.enrollment)),
            Variable::Attestation => {
                let attestation = registration.attestation.as_ref();
                text(attestation.map(|it| it.kind().as_str()))
            }
            // `readable` has checked the two before.
            Variable::Cert => record(self.certificate().ok().flatten().map(Record::Certificate)),
            Variable::Payload => self.payload().ok().flatten().map_or(Val::Null, Val::from),
            Variable::IotEdge => Val::Bool(registration.enrollment.iot_edge),
            Variable::CurrentHub => text(
                self.current_hub
                    .get_or_init(|| {
                        let host = registration.current_hub.as_ref();
                        host.map(|host| HubName::fold(host).into_owned())
                    })
                    .as_deref(),
            ),
            Variable::Tenant => text(self.tenant),
            Variable::Device => record(self.device.as_ref().map(|view| {
                let attributes = self.attributes();
                Record::Device(DeviceMembers { view, attributes })
            })),
            Variable::Now => Val::Timestamp(self.now),
            Variable::Hub => record(self.hub.as_ref().map(Record::Hub)),
        }
    }

    fn payload(&self) -> Result<Option<&Parsed<'a>>, Unreadable> {
        let read = self.payload.get_or_init(|| {
            // The body was JSON, so only nesting (128 levels), number ranges
            // and surrogates can be wrong.
            let payload = self.registration.payload;
            payload
                .map(|payload| serde_json::from_str(payload.get()))
                .transpose()
                .map_err(|_too_deep| Unreadable::Payload)
        });
        read.as_ref()
            .map(Option::as_ref)
            .map_err(|unreadable| *unreadable)
    }

    /// The attributes of the device's row; the cell was checked when the row was read.
    fn attributes(&self) -> Option<&Parsed<'a>> {
        let parsed = self.attributes.get_or_init(|| {
            let Hidden(text) = self.device?.attributes?;
            serde_json::from_str(text).ok()
        });
        parsed.as_ref()
    }
}
