//! Hubs by the first label of their host names, which is what people write.

use std::collections::HashMap;

use dps_allocation::HubName;

/// The host name of each first label; `None` for a label that several hubs have.
#[derive(Debug)]
pub(super) struct Labels(HashMap<String, Option<String>>);

impl Labels {
    /// Of the hubs of the tables, by their classic host names, each of which is there once.
    pub(super) fn of(hosts: &[String]) -> Self {
        let mut labels = HashMap::new();
        for host in hosts {
            let label = host.split('.').next().unwrap_or(host).to_owned();
            let named = labels.entry(label).and_modify(|other| *other = None);
            named.or_insert_with(|| Some(host.clone()));
        }
        Self(labels)
    }

    /// The host name that a text is, or that it means as a first label.
    ///
    /// # Errors
    /// The rule that the text breaks.
    pub(super) fn host<'a>(&'a self, text: &'a str) -> Result<&'a str, String> {
        let whole = format!("{text}.azure-devices.net");
        let written = if text.contains('.') { text } else { &whole };
        HubName::parse(written)
            .map_err(|error| format!("hub `{text}` is not a host name: {error}"))?;
        if text.contains('.') {
            return Ok(text);
        }
        match self.0.get(&text.to_ascii_lowercase()) {
            Some(Some(host)) => Ok(host),
            Some(None) => Err(format!(
                "hub `{text}` is the first label of several hubs; write the whole host name"
            )),
            None => Err(format!(
                "hub `{text}` is not a host name, and no row of hubs begins so; write such as {whole}"
            )),
        }
    }
}
