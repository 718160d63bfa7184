//! Connection strings of storage accounts, as the portal shows them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dps_settings::pasting_fault;

use super::connection::{Access, Connection};

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
    /// The rule that it breaks, without any value.
    pub fn parse(connection_string: &str) -> Result<Self, String> {
        let fault = pasting_fault(SETTING, connection_string);
        let fault = fault.or_else(|| something_else(connection_string.trim()));
        match fault {
            Some(rule) => Err(rule),
            None => Ok(Parts::read(connection_string)?.connection()?),
        }
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
                other => {
                    if let Some(service) = of_another_service(other) {
                        return Err(format!(
                            "it is the connection string of {service}; copy that of the storage \
                             account from Access keys"
                        ));
                    }
                    return Err(format!(
                        "part {number} of it has a name that connection strings of storage \
                         accounts do not know; copy it from Access keys"
                    ));
                }
            };
            if pasting_fault(SETTING, value).is_some() {
                let rule = "without quotation marks, placeholders and references";
                return Err(format!(
                    "part {number} of it has no value of its own; write it {rule}"
                ));
            }
            *place = Some(value.trim()).filter(|value| !value.is_empty());
        }
        Ok(parts)
    }

    fn connection(self) -> Result<Connection, &'static str> {
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
            (None, None) => return Err("AccountName or TableEndpoint is missing"),
        };
        let access = match (self.key, self.sas, self.account) {
            (Some(key), None, Some(account)) => Access::Key {
                account: account.to_owned(),
                key: decode(key)?,
            },
            (Some(_), None, None) => return Err("AccountName is missing"),
            (None, Some(sas), _) => signature(sas)?,
            (Some(_), Some(_), _) => {
                return Err("write AccountKey or SharedAccessSignature, not both");
            }
            (None, None, _) => {
                return Err(
                    "AccountKey or SharedAccessSignature is missing; for a managed identity set \
                     PolicyTables__tableServiceUri instead",
                );
            }
        };
        Connection::new(&endpoint, access)
    }

    fn emulator(self, emulator: &str) -> Result<Connection, &'static str> {
        if !emulator.eq_ignore_ascii_case("true") {
            return Err("UseDevelopmentStorage can only be true");
        }
        if self.account.is_some() || self.key.is_some() || self.sas.is_some() {
            return Err("UseDevelopmentStorage=true comes without account, key and signature");
        }
        let host = self.emulator_host.unwrap_or("http://127.0.0.1");
        let host = host.trim_end_matches('/');
        let endpoint = format!("{host}:{EMULATOR_PORT}/{EMULATOR_ACCOUNT}");
        let access = Access::Key {
            account: EMULATOR_ACCOUNT.to_owned(),
            key: decode(EMULATOR_KEY)?,
        };
        Connection::new(&endpoint, access)
    }
}

/// Other things that people have at hand where they copy a connection string.
fn something_else(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let whole = "TableEndpoint=https://ACCOUNT.table.core.windows.net;SharedAccessSignature=";
    let has_signature =
        lower.starts_with("sig=") || lower.contains("&sig=") || lower.contains("?sig=");
    if lower.starts_with("https://") || lower.starts_with("http://") {
        return Some(if has_signature {
            "it is a URL with a shared access signature; write TableEndpoint= and the URL up to \
             its `?`, then ;SharedAccessSignature= and what follows the `?`"
                .to_owned()
        } else {
            "it is a URL; set PolicyTables__tableServiceUri to it, which signs in with an \
             identity, or copy a connection string from Access keys"
                .to_owned()
        });
    }
    if has_signature && !text.contains(';') && !lower.starts_with("sharedaccesssignature") {
        return Some(format!(
            "it is a shared access signature alone; write {whole} before it, without its `?`"
        ));
    }
    if text.starts_with('{') {
        return Some("it is JSON; write the connection string in it alone".to_owned());
    }
    let key = STANDARD
        .decode(text)
        .is_ok_and(|key| key.len() == KEY_BYTES);
    key.then(|| {
        "it is an account key alone; copy the connection string beside it in Access keys".to_owned()
    })
}

/// Keys of storage accounts have 512 bits.
const KEY_BYTES: usize = 64;

/// By the name of a part, in lower case, that only its connection strings have.
fn of_another_service(name: &str) -> Option<&'static str> {
    Some(match name {
        "endpoint" | "entitypath" => "Event Hubs, Service Bus or App Configuration",
        "hostname" | "sharedaccesskeyname" => "IoT Hub or DPS",
        "instrumentationkey" | "ingestionendpoint" => "Application Insights",
        "accountendpoint" => "Cosmos DB",
        "server" | "data source" => "a database",
        _ => return None,
    })
}

fn decode(key: &str) -> Result<Vec<u8>, &'static str> {
    let decoded = STANDARD.decode(key);
    decoded.map_err(|_cause| "AccountKey is not base64; copy it from Access keys")
}

fn signature(sas: &str) -> Result<Access, &'static str> {
    let sas = sas.trim_start_matches('?');
    let mut pairs = sas.split('&');
    if pairs.any(|pair| pair.strip_prefix("ss=").is_some_and(|it| !it.contains('t'))) {
        return Err("SharedAccessSignature is not for tables; create one with the service Table");
    }
    if sas.split('&').any(|pair| pair.starts_with("sig=")) {
        Ok(Access::Sas(sas.to_owned()))
    } else {
        Err("SharedAccessSignature has no `sig`; copy it whole, it begins with `sv=`")
    }
}

#[cfg(test)]
mod tests;
