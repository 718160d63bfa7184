//! `dps-local snippet`.

use std::io::{Write as _, stdout};

use anyhow::{Context as _, bail};

use crate::arguments::{Sdk, Snippet};
use crate::facts::Facts;

/// Where SDKs connect that cannot be told otherwise.
const MQTT_PORT: u16 = 8883;

/// Prints a program for an SDK, with what the service in a folder has said when it started.
pub(crate) fn print(snippet: &Snippet) -> anyhow::Result<()> {
    let facts = Facts::read(&snippet.folder)?;
    let text = match snippet.sdk {
        Sdk::Python if facts.mqtt.port() != MQTT_PORT => bail!(
            "the SDK for Python knows no other port for MQTT than {MQTT_PORT}: start the service with `--mqtt-port {MQTT_PORT}`"
        ),
        Sdk::Python => include_str!("snippet/device.py"),
        Sdk::NodeMqtt => include_str!("snippet/device-mqtt.js"),
        Sdk::NodeHttps => include_str!("snippet/device-https.js"),
        Sdk::Operator => include_str!("snippet/operator.js"),
    };
    stdout().write_all(filled(text, snippet, &facts)?.as_bytes())?;
    Ok(())
}

fn filled(text: &str, snippet: &Snippet, facts: &Facts) -> anyhow::Result<String> {
    let key = facts.group_key()?.derive(&snippet.registration_id);
    let authority = facts
        .authority
        .to_str()
        .context("the folder has to have a name in UTF-8")?;
    let members = [
        ("address", facts.https.ip().to_string()),
        ("httpsPort", facts.https.port().to_string()),
        ("mqtt", facts.mqtt.to_string()),
        ("idScope", facts.id_scope.clone()),
        ("connectionString", facts.connection_string.clone()),
        ("authority", authority.to_owned()),
        ("registrationId", snippet.registration_id.clone()),
        ("deviceKey", String::from(key)),
    ];
    Ok(members.iter().fold(text.to_owned(), |text, (name, value)| {
        text.replace(&format!("{{{{{name}}}}}"), value)
    }))
}
