//! Who a client is, as it says and as it shows.

use crate::dps::{Caller, Credential, Transport};

/// Who a client says it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) id_scope: String,
    pub(super) registration_id: String,
}

impl Name {
    /// Reads `{idScope}/registrations/{registrationId}`, a user name or the address of a link.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (id_scope, rest) = text.split_once('/')?;
        let registration_id = rest.strip_prefix("registrations/")?;
        Some(Self {
            id_scope: id_scope.to_owned(),
            registration_id: registration_id.to_owned(),
        })
    }

    pub(super) fn caller(&self, credential: Credential) -> Caller {
        Caller {
            id_scope: self.id_scope.clone(),
            registration_id: self.registration_id.clone(),
            credential,
            transport: Transport::Amqp,
        }
    }
}

/// What a client has shown.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    /// `None` if only its links say who it is.
    pub(super) name: Option<Name>,
    pub(super) credential: Credential,
}
