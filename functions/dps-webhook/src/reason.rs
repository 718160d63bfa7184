//! The published reasons of answers other than 200, and the status of each.
//!
//! DPS shows a device nothing but a number made of the status. A status from 400 to 428, except for
//! 401, is final; after a higher one DPS asks again for about seven minutes.

use axum::http::StatusCode;
use dps_allocation::{RefusedReason, Unavailable};
use dps_telemetry::Outcome;

/// Why a request is not answered with 200.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "camelCase")]
pub(crate) enum Reason {
    /// The engine refuses the device.
    Refused(RefusedReason),
    /// The engine cannot decide now.
    Unavailable(Unavailable),
    /// The body is longer than any that DPS sends.
    BodyTooLarge,
    /// No policy has been installed since the start.
    NoPolicy,
    /// Too many long bodies are being read.
    Overloaded,
    /// The caller did not send the whole body before the deadline.
    BodyTimeout,
    /// The Functions host has sent an envelope instead of the request.
    NotForwarded,
    /// A fault of this program.
    Fault,
    /// The caller has no key for the route; DPS gives the device 400209.
    Unauthorized,
    /// The webhook has no keys, and was called by a name that may be another machine's.
    ForeignHost,
    /// The webhook has no such path.
    NoSuchRoute,
    /// The path expects another method.
    MethodNotAllowed,
}

impl Reason {
    /// The word for documents, logs and metrics.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Refused(reason) => reason.as_str(),
            Self::Unavailable(reason) => reason.as_str(),
            own => own.into(),
        }
    }

    /// The status; what DPS makes of it is the tutorial's "Troubleshooting" table.
    ///
    /// <https://learn.microsoft.com/azure/iot-dps/tutorial-custom-allocation-policies>
    pub(crate) fn status(self) -> StatusCode {
        match self {
            Self::Refused(reason) => match reason {
                RefusedReason::MalformedRequest => StatusCode::BAD_REQUEST,
                RefusedReason::ClaimRefused => StatusCode::FORBIDDEN,
                RefusedReason::UnknownEnrollment | RefusedReason::UnknownTenant => {
                    StatusCode::NOT_FOUND
                }
                RefusedReason::NoEligibleHub => StatusCode::CONFLICT,
                RefusedReason::TenantSuspended => StatusCode::GONE,
                RefusedReason::ClaimMissing | RefusedReason::TwinInvalid => {
                    StatusCode::UNPROCESSABLE_ENTITY
                }
                RefusedReason::RefusedByRule => StatusCode::LOCKED,
                RefusedReason::UnknownDevice => StatusCode::FAILED_DEPENDENCY,
            },
            // An operator may repair the row while DPS asks again.
            Self::Unavailable(Unavailable::StoreUnavailable | Unavailable::DeviceRowInvalid)
            | Self::NoPolicy
            | Self::Overloaded
            | Self::BodyTimeout => StatusCode::SERVICE_UNAVAILABLE,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            // A host that sends envelopes treats every other status as a failure, too.
            Self::NotForwarded | Self::Fault => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::ForeignHost => StatusCode::MISDIRECTED_REQUEST,
            Self::NoSuchRoute => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        }
    }

    /// Whether its detail may quote the payload: of a twin it names members, whose names may come
    /// from there.
    pub(crate) fn quotes_payload(self) -> bool {
        self == Self::Refused(RefusedReason::TwinInvalid)
    }

    /// How the request ended, for metrics and logs. Below 500 it is the caller's fault.
    pub(crate) fn outcome(self) -> Outcome {
        match self.status() {
            StatusCode::SERVICE_UNAVAILABLE => Outcome::Unavailable,
            StatusCode::INTERNAL_SERVER_ERROR => Outcome::Failed,
            _ => Outcome::Refused,
        }
    }

    /// A text that is the same for each problem with this reason (RFC 9457, section 3.1.3).
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Refused(reason) => match reason {
                RefusedReason::MalformedRequest => "The request is not an allocation request",
                RefusedReason::ClaimRefused => "The enrollment does not allow the claimed tenant",
                RefusedReason::UnknownEnrollment => "No row of the policy names the enrollment",
                RefusedReason::UnknownTenant => "No row of the policy names the tenant",
                RefusedReason::NoEligibleHub => "No hub is eligible for the device",
                RefusedReason::TenantSuspended => "The tenant is suspended",
                RefusedReason::ClaimMissing => "The device does not say what the policy needs",
                RefusedReason::TwinInvalid => "The initial twin breaks a limit of IoT Hub",
                RefusedReason::RefusedByRule => "A rule of the policy refuses the device",
                RefusedReason::UnknownDevice => "The devices table has no row for the device",
            },
            Self::Unavailable(Unavailable::StoreUnavailable) => "The store cannot be read now",
            Self::Unavailable(Unavailable::DeviceRowInvalid) => "The device's row has errors",
            Self::BodyTooLarge => "The body is longer than an allocation request can be",
            Self::NoPolicy => "No policy has been loaded yet",
            Self::Overloaded => "Too many long bodies are being read",
            Self::BodyTimeout => "The body was not complete in time",
            Self::NotForwarded => "The Functions host does not forward the request",
            Self::Fault => "The program has a fault",
            Self::Unauthorized => "The caller has no key for the route",
            Self::ForeignHost => "The webhook is called by a name that is not this machine's",
            Self::NoSuchRoute => "The webhook has no such route",
            Self::MethodNotAllowed => "The route expects another method",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_has_its_status() {
        let statuses = RefusedReason::all()
            .map(|reason| (reason.as_str(), Reason::Refused(reason).status().as_u16()));
        let expected = [
            ("malformedRequest", 400),
            ("claimRefused", 403),
            ("unknownEnrollment", 404),
            ("unknownTenant", 404),
            ("noEligibleHub", 409),
            ("tenantSuspended", 410),
            ("claimMissing", 422),
            ("twinInvalid", 422),
            ("refusedByRule", 423),
            ("unknownDevice", 424),
        ];
        assert_eq!(statuses.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn dps_retries_only_if_that_may_help() {
        let refused = RefusedReason::all().map(Reason::Refused);
        let refusals = [
            Reason::BodyTooLarge,
            Reason::ForeignHost,
            Reason::NoSuchRoute,
            Reason::MethodNotAllowed,
        ];
        for reason in refused.chain(refusals) {
            let status = reason.status().as_u16();
            assert!(
                (400..429).contains(&status) && status != 401,
                "{reason:?}: {status}"
            );
        }
        let unavailable = Unavailable::all().map(Reason::Unavailable);
        let own = [Reason::NoPolicy, Reason::Overloaded, Reason::BodyTimeout];
        for reason in unavailable.chain(own) {
            assert_eq!(
                reason.status(),
                StatusCode::SERVICE_UNAVAILABLE,
                "{reason:?}"
            );
        }
        for reason in [Reason::NotForwarded, Reason::Fault] {
            let status = reason.status();
            assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR, "{reason:?}");
        }
    }
}
