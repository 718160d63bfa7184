//! The client certificate of a device.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dps_allocation::Registration;
use dps_allocation::certificate::Certificate;
use serde_json::json;

use crate::{case, most_heap};

/// Reads DER or PEM, and the same bytes as the text that DPS sends; decides by what it names.
pub fn certificate(bytes: &[u8]) {
    let policy = case::starter();
    let as_text = String::from_utf8_lossy(bytes);
    for text in [STANDARD.encode(bytes), as_text.into_owned()] {
        let body = json!({
            "enrollmentGroup": {"enrollmentGroupId": "contoso-factory-x509"},
            "deviceRuntimeContext": {
                "registrationId": "device-01", "x509": {"clientCertificate": text},
            },
            "linkedHubs": ["contoso-weu-1.azure-devices.net", "contoso-eus-1.azure-devices.net"],
        });
        let body = body.to_string();
        most_heap(8, || {
            if let Ok(certificate) = Certificate::parse(&text) {
                assert_eq!(certificate.sha256_thumbprint.len(), 64);
            }
            let registration = case::must(Registration::parse(body.as_bytes()).ok());
            case::decide(policy, &registration);
        });
    }
}
