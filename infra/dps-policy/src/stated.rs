//! What the operator says of devices, if the fleet does not.

use std::fmt;

use clap::ValueEnum;
use dps_allocation::{HubName, Part, Parts};
use dps_fleet::preview::Assumed;
use serde::{Deserialize, Serialize};

/// What the operator says of devices, if the fleet does not.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Stated {
    /// Group that devices come through, if the fleet does not say
    #[arg(long, value_name = "ID", conflicts_with = "individual")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    enrollment: Option<String>,

    /// Devices come through individual enrollments
    #[arg(long)]
    #[serde(default, skip_serializing_if = "is_false")]
    individual: bool,

    /// Hub that devices are on, if the fleet does not say
    #[arg(long, value_name = "HOST", value_parser = host)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    current_hub: Option<String>,

    /// Hubs that DPS links [default: those of both tables]
    #[arg(long, value_name = "HOSTS", value_delimiter = ',', value_parser = host)]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    linked_hubs: Vec<String>,

    /// What no device has: payload, certificate, iot-edge
    #[arg(
        long,
        value_name = "PART",
        value_delimiter = ',',
        hide_possible_values = true
    )]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    without: Vec<Without>,
}

/// What a preview has assumed of devices.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Assumptions {
    #[serde(flatten)]
    pub(crate) stated: Stated,
    /// Whether each device is decided as a new one.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) new: bool,
}

/// Reads the host name of a hub; a first label alone is none.
fn host(text: &str) -> Result<String, String> {
    let whole = format!("{text}.azure-devices.net");
    match HubName::parse(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) if !text.contains('.') && HubName::parse(&whole).is_ok() => {
            Err(format!("write the whole host name, such as {whole}"))
        }
        Err(error) => Err(format!("it is not the host name of a hub: {error}")),
    }
}

/// What no device has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Without {
    /// No device sends a payload.
    Payload,
    /// No device attests by a certificate.
    Certificate,
    /// No device is an IoT Edge device.
    IotEdge,
}

impl Stated {
    pub(crate) fn assumed(&self) -> Assumed {
        let Self {
            enrollment,
            individual,
            current_hub,
            linked_hubs,
            without,
        } = self;
        let without = without.iter().map(|part| match part {
            Without::Payload => Part::Payload,
            Without::Certificate => Part::Certificate,
            Without::IotEdge => Part::IotEdge,
        });
        Assumed {
            group: enrollment.clone(),
            individual: *individual,
            hub: current_hub.clone(),
            linked: (!linked_hubs.is_empty()).then(|| linked_hubs.clone()),
            without: without.collect::<Parts>(),
            as_new: false,
        }
    }
}

impl Assumptions {
    pub(crate) fn assumed(&self) -> Assumed {
        Assumed {
            as_new: self.new,
            ..self.stated.assumed()
        }
    }
}

/// The options that say the same; nothing if nothing is assumed.
impl fmt::Display for Assumptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let it = &self.stated;
        let mut options = Vec::new();
        let of = |name: &str, value: &Option<String>| {
            let value = value.as_deref()?;
            Some(format!("--{name} {value}"))
        };
        options.extend(of("enrollment", &it.enrollment));
        options.extend(it.individual.then(|| "--individual".to_owned()));
        options.extend(of("current-hub", &it.current_hub));
        if !it.linked_hubs.is_empty() {
            options.push(format!("--linked-hubs {}", it.linked_hubs.join(",")));
        }
        let without = it.without.iter().filter_map(ValueEnum::to_possible_value);
        let without: Vec<String> = without.map(|it| it.get_name().to_owned()).collect();
        if !without.is_empty() {
            options.push(format!("--without {}", without.join(",")));
        }
        options.extend(self.new.then(|| "--new".to_owned()));
        f.write_str(&options.join(" "))
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_false(flag: &bool) -> bool {
    !flag
}

#[cfg(test)]
mod tests {
    use super::host;

    #[test]
    fn a_label_is_completed_and_nothing_else() {
        assert!(host("a.azure-devices.net").is_ok());
        let advice = "write the whole host name, such as a.azure-devices.net";
        assert_eq!(host("a").unwrap_err(), advice);
        for text in ["", "not a hub!", "a-", "a..b"] {
            let rule = host(text).unwrap_err();
            assert!(
                rule.starts_with("it is not the host name of a hub: "),
                "{rule}"
            );
        }
    }
}
