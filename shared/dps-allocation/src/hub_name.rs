//! Host names of IoT hubs: each hub in Azure has several.
//!
//! | host name | who uses it |
//! |--|--|
//! | `<hub>.azure-devices.net` | devices; the classic name |
//! | `<hub>.device.azure-devices.net` | devices, with newer TLS; what new links of DPS name |
//! | `<hub>.service.azure-devices.net` | back ends only |
//!
//! Source: <https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-endpoints>. A hub is its
//! first label within its cloud, and its classic name stands for it: in tables, hashes, reasons and
//! expressions. Only the answer to DPS keeps the spelling of `linkedHubs`. Host names outside of
//! Azure's clouds, such as those of a test rig, stay as they are.

use std::borrow::Cow;

use crate::id::{IdError, check_alphabet};

/// The domains in which a hub has several host names.
pub(crate) const CLOUDS: [&str; 3] = ["azure-devices.net", "azure-devices.us", "azure-devices.cn"];

/// Characters that a host name may hold besides letters and digits (RFC 1123, section 2.1).
const HOST_MARKS: &str = "-.";

/// Longest host name, in characters (RFC 1035, section 2.3.4).
const MAX_HOST: usize = 253;

/// An IoT hub, by any of its host names; two are equal if they name the same hub.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HubName {
    /// The classic host name in lower case.
    classic: Box<str>,
}

impl HubName {
    /// Reads a host name: at most 253 characters, dot-separated labels of letters, digits and `-`.
    ///
    /// # Errors
    /// [`IdError`] names the rule that the text breaks.
    pub fn parse(host: &str) -> Result<Self, IdError> {
        check_alphabet(host, MAX_HOST, HOST_MARKS)?;
        let bad = |label: &str| label.is_empty() || label.starts_with('-') || label.ends_with('-');
        if !host.contains('.') || host.split('.').any(bad) {
            return Err(IdError::NotAHost);
        }
        if InCloud::of(host).is_some_and(|it| it.audience == Audience::Service) {
            return Err(IdError::ServiceName);
        }
        let classic = Self::fold(host).into();
        Ok(Self { classic })
    }

    /// The classic host name in lower case: what is hashed, compared and shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.classic
    }

    /// The first label; the whole name outside of Azure's clouds.
    #[must_use]
    pub fn label(&self) -> &str {
        InCloud::of(&self.classic).map_or(&*self.classic, |it| it.label)
    }

    /// The host name for newer TLS in lower case; none outside of Azure's clouds.
    #[must_use]
    pub fn device_name(&self) -> Option<String> {
        let InCloud { label, cloud, .. } = InCloud::of(&self.classic)?;
        Some(format!("{label}.device.{cloud}"))
    }

    /// The classic name in lower case, by which unchecked host names are compared.
    ///
    /// A text that is not a host name, or is one for back ends, is only lower-cased.
    #[must_use]
    pub fn fold(host: &str) -> Cow<'_, str> {
        match InCloud::of(host) {
            Some(InCloud {
                label,
                audience: Audience::Device,
                cloud,
            }) => format!("{}.{cloud}", label.to_ascii_lowercase()).into(),
            _ if host.bytes().any(|byte| byte.is_ascii_uppercase()) => {
                host.to_ascii_lowercase().into()
            }
            _ => host.into(),
        }
    }

    /// Whether two unchecked host names mean one hub: whether [`Self::fold`] gives the same for both.
    pub(crate) fn are_of_one_hub(one: &str, other: &str) -> bool {
        match (InCloud::of(one), InCloud::of(other)) {
            (Some(one), Some(other)) => {
                one.cloud == other.cloud
                    && one.label.eq_ignore_ascii_case(other.label)
                    && (one.audience == Audience::Service) == (other.audience == Audience::Service)
            }
            (None, None) => one.eq_ignore_ascii_case(other),
            _ => false,
        }
    }

    /// Whether an unchecked host name is the one for newer TLS.
    pub(crate) fn is_device_name(host: &str) -> bool {
        InCloud::of(host).is_some_and(|it| it.audience == Audience::Device)
    }
}

/// The parts of a host name in one of Azure's clouds.
struct InCloud<'h> {
    label: &'h str,
    audience: Audience,
    cloud: &'static str,
}

/// Who uses a host name of a hub.
#[derive(PartialEq)]
enum Audience {
    Classic,
    Device,
    Service,
}

impl<'h> InCloud<'h> {
    fn of(host: &'h str) -> Option<Self> {
        let (labels, cloud) = CLOUDS.into_iter().find_map(|cloud| {
            let (labels, domain) = host.split_at_checked(host.len().checked_sub(cloud.len())?)?;
            let labels = labels.strip_suffix('.')?;
            domain
                .eq_ignore_ascii_case(cloud)
                .then_some((labels, cloud))
        })?;
        let (label, audience) = match labels.split_once('.') {
            None => (labels, Audience::Classic),
            Some((label, audience)) if audience.eq_ignore_ascii_case("device") => {
                (label, Audience::Device)
            }
            Some((label, audience)) if audience.eq_ignore_ascii_case("service") => {
                (label, Audience::Service)
            }
            Some(_) => return None,
        };
        (!label.is_empty()).then_some(Self {
            label,
            audience,
            cloud,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(host: &str, expected: Result<(&str, &str, Option<&str>), IdError>) {
        let name = HubName::parse(host);
        let device = name.as_ref().ok().and_then(HubName::device_name);
        let read = name
            .as_ref()
            .map(|name| (name.as_str(), name.label(), device.as_deref()));
        assert_eq!(read.map_err(|error| *error), expected, "{host}");
    }

    #[test]
    fn both_device_facing_names_are_one_hub() {
        for cloud in CLOUDS {
            let classic = format!("weu-1.{cloud}");
            let device = format!("weu-1.device.{cloud}");
            let expected = Ok((&*classic, "weu-1", Some(&*device)));
            check(&classic, expected);
            check(&device, expected);
            check(&classic.to_uppercase(), expected);
            check(&device.to_uppercase(), expected);
            check(&format!("weu-1.service.{cloud}"), Err(IdError::ServiceName));
            check(
                &format!("WEU-1.Service.{}", cloud.to_uppercase()),
                Err(IdError::ServiceName),
            );
            // Another cloud is another hub.
            for other in CLOUDS.into_iter().filter(|other| *other != cloud) {
                let other = HubName::parse(&format!("weu-1.{other}")).unwrap();
                assert!(other != HubName::parse(&device).unwrap());
            }
        }
    }

    #[test]
    fn labels_may_read_like_audiences() {
        let net = |label: &str| format!("{label}.azure-devices.net");
        for label in ["device", "service"] {
            let classic = net(label);
            let device = net(&format!("{label}.device"));
            let expected = Ok((&*classic, label, Some(&*device)));
            check(&classic, expected);
            check(&device, expected);
            check(&net(&format!("{label}.service")), Err(IdError::ServiceName));
        }
    }

    #[test]
    fn host_names_in_other_domains_are_unchanged() {
        for host in [
            "hub.net",
            "hub.device.net",
            "hub.device.example.net",
            "hub.service.example.net",
            "a.b.azure-devices.net",
            "a.b.device.azure-devices.net",
            "hub.device.azure-devices.net.example",
            "hub.device.azure-devices.de",
            "xazure-devices.net",
            "azure-devices.net",
            "127.0.0.1",
        ] {
            check(host, Ok((host, host, None)));
        }
        check("Hub.NET", Ok(("hub.net", "hub.net", None)));
    }

    #[test]
    fn texts_that_are_not_host_names_are_errors() {
        for host in ["hub", "hub..net", "-hub.net", ".device.azure-devices.net"] {
            check(host, Err(IdError::NotAHost));
        }
        check("", Err(IdError::Empty));
        check(
            "https://hub.azure-devices.net",
            Err(IdError::Character(':', HOST_MARKS)),
        );
        check(
            "hub.azure-devices.net/",
            Err(IdError::Character('/', HOST_MARKS)),
        );
    }

    const FOLDED: [(&str, &str); 8] = [
        ("Weu.Device.Azure-Devices.NET", "weu.azure-devices.net"),
        ("Weu.azure-devices.net", "weu.azure-devices.net"),
        (
            "weu.service.azure-devices.net",
            "weu.service.azure-devices.net",
        ),
        ("", ""),
        ("..", ".."),
        (".device.azure-devices.net", ".device.azure-devices.net"),
        (
            "Ümläut.device.azure-devices.net",
            "Ümläut.azure-devices.net",
        ),
        ("\u{1f4a1}", "\u{1f4a1}"),
    ];

    #[test]
    fn any_text_can_be_folded() {
        for (host, folded) in FOLDED {
            assert_eq!(HubName::fold(host), folded);
            assert_eq!(HubName::fold(folded), folded);
        }
    }

    #[test]
    fn names_are_of_one_hub_when_they_fold_to_the_same() {
        let names = FOLDED.map(|(host, folded)| [host, folded]);
        for one in names.as_flattened() {
            for other in names.as_flattened() {
                let same = HubName::fold(one) == HubName::fold(other);
                assert_eq!(HubName::are_of_one_hub(one, other), same, "{one} {other}");
            }
        }
    }
}
