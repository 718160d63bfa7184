//! Connection strings of storage accounts, as the portal shows them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::connection::{Access, Connection, WrongConnection};

/// The account that Azurite and its forerunners have, with a key that everybody knows:
/// <https://learn.microsoft.com/azure/storage/common/storage-use-azurite#well-known-storage-account-and-key>.
const EMULATOR_ACCOUNT: &str = "devstoreaccount1";
const EMULATOR_KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// Where Azurite serves tables by default (same source).
const EMULATOR_PORT: u16 = 10002;

/// What it is called in messages.
const SETTING: &str = "PolicyTables";

/// The parts that matter here, and those of other services, which the portal writes too.
#[derive(Default)]
struct Parts<'a> {
    protocol: Option<&'a str>,
    account: Option<&'a str>,
    key: Option<&'a str>,
    suffix: Option<&'a str>,
    endpoint: Option<&'a str>,
    sas: Option<&'a str>,
    emulator: Option<&'a str>,
    emulator_host: Option<&'a str>,
}

impl Connection {
    /// Reads a connection string: with an account key or a shared access signature, or
    /// `UseDevelopmentStorage=true` for Azurite on this machine.
    ///
    /// # Errors
    /// [`WrongConnection`] says what is wrong, without any value.
    pub fn parse(connection_string: &str) -> Result<Self, WrongConnection> {
        let connection = Parts::read(connection_string).and_then(Parts::connection);
        connection.map_err(|rule| WrongConnection::new(SETTING, rule))
    }
}

impl<'a> Parts<'a> {
    /// Positions stand for what is not understood: a pasted key must not be shown.
    fn read(text: &'a str) -> Result<Self, String> {
        let mut parts = Self::default();
        let mut ignored = None;
        for (position, part) in text.split(';').enumerate() {
            let part = part.trim();
            if part.is_empty() {
                continue;
            }
            let number = position + 1;
            let form =
                || format!("part {number} of it is not `Name=value`; copy it from Access keys");
            let (name, value) = part.split_once('=').ok_or_else(form)?;
            let place = match name.trim().to_ascii_lowercase().as_str() {
                "defaultendpointsprotocol" => &mut parts.protocol,
                "accountname" => &mut parts.account,
                "accountkey" => &mut parts.key,
                "endpointsuffix" => &mut parts.suffix,
                "tableendpoint" => &mut parts.endpoint,
                "sharedaccesssignature" => &mut parts.sas,
                "usedevelopmentstorage" => &mut parts.emulator,
                "developmentstorageproxyuri" => &mut parts.emulator_host,
                "blobendpoint" | "queueendpoint" | "fileendpoint" => &mut ignored,
                _ => {
                    return Err(format!(
                        "part {number} of it has a name that connection strings of storage \
                         accounts do not know; copy it from Access keys"
                    ));
                }
            };
            *place = Some(value.trim()).filter(|value| !value.is_empty());
        }
        Ok(parts)
    }

    fn connection(self) -> Result<Connection, String> {
        if let Some(emulator) = self.emulator {
            return self.emulator(emulator);
        }
        let endpoint = match (self.endpoint, self.account) {
            (Some(endpoint), _) => endpoint.to_owned(),
            (None, Some(account)) => format!(
                "{}://{account}.table.{}",
                self.protocol.unwrap_or("https"),
                self.suffix.unwrap_or("core.windows.net")
            ),
            (None, None) => return Err("AccountName or TableEndpoint is missing".to_owned()),
        };
        let access = match (self.key, self.sas, self.account) {
            (Some(key), None, Some(account)) => Access::Key {
                account: account.to_owned(),
                key: decode(key)?,
            },
            (Some(_), None, None) => return Err("AccountName is missing".to_owned()),
            (None, Some(sas), _) => signature(sas)?,
            (Some(_), Some(_), _) => {
                return Err("write AccountKey or SharedAccessSignature, not both".to_owned());
            }
            (None, None, _) => {
                return Err(
                    "AccountKey or SharedAccessSignature is missing; for a managed identity set \
                     PolicyTables__tableServiceUri instead"
                        .to_owned(),
                );
            }
        };
        Connection::new(&endpoint, access).map_err(str::to_owned)
    }

    fn emulator(self, emulator: &str) -> Result<Connection, String> {
        if !emulator.eq_ignore_ascii_case("true") {
            return Err("UseDevelopmentStorage can only be true".to_owned());
        }
        if self.account.is_some() || self.key.is_some() || self.sas.is_some() {
            return Err(
                "UseDevelopmentStorage=true comes without account, key and signature".into(),
            );
        }
        let host = self.emulator_host.unwrap_or("http://127.0.0.1");
        let host = host.trim_end_matches('/');
        let endpoint = format!("{host}:{EMULATOR_PORT}/{EMULATOR_ACCOUNT}");
        let access = Access::Key {
            account: EMULATOR_ACCOUNT.to_owned(),
            key: decode(EMULATOR_KEY)?,
        };
        Connection::new(&endpoint, access).map_err(str::to_owned)
    }
}

fn decode(key: &str) -> Result<Vec<u8>, String> {
    let wrong = "AccountKey is not base64; copy it from Access keys";
    STANDARD.decode(key).map_err(|_cause| wrong.to_owned())
}

fn signature(sas: &str) -> Result<Access, String> {
    let sas = sas.trim_start_matches('?');
    if sas.split('&').any(|pair| pair.starts_with("sig=")) {
        Ok(Access::Sas(sas.to_owned()))
    } else {
        Err("SharedAccessSignature has no `sig`; copy it whole, it begins with `sv=`".to_owned())
    }
}

#[cfg(test)]
mod tests;
