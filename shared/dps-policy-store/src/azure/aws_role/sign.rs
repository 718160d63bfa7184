//! Signature version 4 of AWS, for one form that is posted to `/`.
//!
//! The crate `aws-sigv4` brings fifteen others for it.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use ring::{digest, hmac};

use super::role::AwsRole;

/// What a signed request has besides its body.
pub(super) struct Signed {
    pub(super) date: String,
    pub(super) authorization: String,
}

pub(super) const FORM: &str = "application/x-www-form-urlencoded";

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const SIGNED_HEADERS: &str = "content-type;host;x-amz-date;x-amz-security-token";

pub(super) fn sign(role: &AwsRole, body: &str, now: Timestamp) -> Signed {
    let date = now.strftime("%Y%m%dT%H%M%SZ").to_string();
    let day = now.strftime("%Y%m%d").to_string();
    let scope = format!("{day}/{}/sts/aws4_request", role.region);
    let request = format!(
        "POST\n/\n\ncontent-type:{FORM}\nhost:{}\nx-amz-date:{date}\nx-amz-security-token:{}\n\n\
         {SIGNED_HEADERS}\n{}",
        role.endpoint.authority(),
        role.session_token,
        sha256(body)
    );
    let text = format!("{ALGORITHM}\n{date}\n{scope}\n{}", sha256(&request));
    let secret = format!("AWS4{}", role.secret_access_key);
    let parts = [&day, &role.region, "sts", "aws4_request"];
    let key = parts.into_iter().fold(secret.into_bytes(), |key, part| {
        mac(&key, part).as_ref().to_vec()
    });
    let signature = HEXLOWER.encode(mac(&key, &text).as_ref());
    let key_id = &role.access_key_id;
    let authorization = format!(
        "{ALGORITHM} Credential={key_id}/{scope}, SignedHeaders={SIGNED_HEADERS}, \
         Signature={signature}"
    );
    Signed {
        date,
        authorization,
    }
}

fn mac(key: &[u8], text: &str) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes())
}

fn sha256(text: &str) -> String {
    HEXLOWER.encode(digest::digest(&digest::SHA256, text.as_bytes()).as_ref())
}
