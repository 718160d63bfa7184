//! `dps-local certificate`.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use dps_local::SigningCertificate;

use crate::arguments::Certificate;
use crate::private::Private;

/// No device has an id like this: a registration id does not end with `_`.
const SIGNING: &str = "signing_";

/// Makes the certificate of a device; the first time also the one that issues them.
#[expect(
    clippy::print_stdout,
    reason = "where the files are is what a user needs"
)]
pub(crate) fn make(certificate: &Certificate) -> anyhow::Result<()> {
    let folder = &certificate.folder;
    let created = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    created.with_context(|| format!("cannot create `{}`", folder.display()))?;
    let signing = signing(folder)?;
    let unit = certificate.unit.as_deref();
    let device = signing.issue(&certificate.registration_id, unit)?;
    let [pem, key] = files(folder, &certificate.registration_id);
    Private::Kept.write(&key, &device.key)?;
    Private::Replaced.write(&pem, &device.certificate)?;
    println!("Certificate          {}", pem.display());
    println!("Key                  {}", key.display());
    let [pem, _] = files(folder, SIGNING);
    println!("Signing certificate  {}", pem.display());
    Ok(())
}

/// The one in the folder, or a new one.
fn signing(folder: &Path) -> anyhow::Result<SigningCertificate> {
    let [pem, key] = files(folder, SIGNING);
    if pem.exists() {
        let read = |path: &Path| {
            let text = fs::read_to_string(path);
            text.with_context(|| format!("cannot read `{}`", path.display()))
        };
        return Ok(SigningCertificate::read(read(&pem)?, &read(&key)?)?);
    }
    let signing = SigningCertificate::create("dps-local devices")?;
    Private::Kept.write(&key, &signing.key())?;
    Private::Kept.write(&pem, signing.certificate())?;
    Ok(signing)
}

fn files(folder: &Path, name: &str) -> [PathBuf; 2] {
    ["pem", "key"].map(|kind| folder.join(format!("{name}.{kind}")))
}
