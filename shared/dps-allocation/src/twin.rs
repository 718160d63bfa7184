//! Initial twins and replies: JSON templates, rendered and merged.

mod merge;
mod template;

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value};

use crate::expression::{Budget, Inputs, Unreadable};
use crate::twin_limits::{self, Section, TwinLimit};

use merge::merge;
pub(crate) use template::Template;

type Object = Map<String, Value>;

/// A row of the `twins` table.
#[derive(Debug)]
pub(crate) struct TwinTemplate {
    pub(crate) tags: Option<Template>,
    pub(crate) desired: Option<Template>,
    /// The whole initial twin, where no expression stands in it.
    fixed: Option<Box<RawValue>>,
}

/// Why an initial twin could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TwinError {
    #[error(transparent)]
    Limit(#[from] TwinLimit),
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
}

impl TwinTemplate {
    pub(crate) fn new(tags: Option<Template>, desired: Option<Template>) -> Self {
        let fixed = |template: &Option<Template>| match template {
            None => Some(Object::new()),
            Some(template) => template.fixed().cloned(),
        };
        let fixed = match (fixed(&tags), fixed(&desired)) {
            (Some(tags), Some(desired)) => Twin {
                tags: merged(&tags),
                desired: merged(&desired),
            }
            .to_json(),
            _ => None,
        };
        Self {
            tags,
            desired,
            fixed,
        }
    }
}

/// Tags and desired properties.
#[derive(Debug, Default)]
struct Twin {
    tags: Object,
    desired: Object,
}

impl Twin {
    fn lay(
        &mut self,
        layer: &TwinTemplate,
        inputs: &Inputs<'_>,
        budget: &Budget,
    ) -> Result<(), Unreadable> {
        if let Some(tags) = &layer.tags {
            tags.lay_on(&mut self.tags, inputs, budget)?;
        }
        if let Some(desired) = &layer.desired {
            desired.lay_on(&mut self.desired, inputs, budget)?;
        }
        Ok(())
    }

    /// `{tags, properties: {desired}}`, exactly that nesting (.NET `TwinState`).
    fn to_json(&self) -> Option<Box<RawValue>> {
        #[derive(serde::Serialize)]
        struct Properties<'a> {
            desired: &'a Object,
        }
        #[derive(serde::Serialize)]
        struct InitialTwin<'a> {
            tags: &'a Object,
            properties: Properties<'a>,
        }
        let properties = Properties {
            desired: &self.desired,
        };
        to_raw_value(&InitialTwin {
            tags: &self.tags,
            properties,
        })
        .ok()
    }
}

/// Makes the initial twin from the enrollment's own and our layers, the later ones on top.
///
/// None without a layer of ours: the enrollment's own then stays in force.
///
/// # Errors
/// [`TwinError`] when the result breaks a limit of IoT Hub, or a part of the request is broken.
pub(crate) fn initial_twin<'p>(
    layers: &[&'p TwinTemplate],
    inputs: &Inputs<'_>,
) -> Result<Option<Cow<'p, RawValue>>, TwinError> {
    let enrollment = inputs.registration.enrollment.initial_twin;
    if let (
        [
            TwinTemplate {
                fixed: Some(fixed), ..
            },
        ],
        None,
    ) = (layers, enrollment)
    {
        return Ok(Some(Cow::Borrowed(fixed)));
    }
    if layers.is_empty() {
        return Ok(None);
    }
    let mut twin = enrollment.map_or_else(|| Ok(Twin::default()), read_own)?;
    // One for all layers: each of them may name the whole payload.
    let budget = Budget::default();
    for layer in layers {
        twin.lay(layer, inputs, &budget)?;
    }
    twin_limits::check(Section::Tags, &twin.tags)?;
    twin_limits::check(Section::Desired, &twin.desired)?;
    Ok(twin.to_json().map(Cow::Owned))
}

/// The enrollment's own initial twin, without the `$` members that DPS adds.
fn read_own(json: &RawValue) -> Result<Twin, Unreadable> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Own {
        tags: Option<Object>,
        properties: Option<OwnProperties>,
    }
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct OwnProperties {
        desired: Option<Object>,
    }
    let own: Own = serde_json::from_str(json.get()).map_err(|_form| Unreadable::InitialTwin)?;
    let plain = |object: Option<Object>| {
        let members = object.unwrap_or_default().into_iter();
        members.filter(|(key, _)| !key.starts_with('$')).collect()
    };
    let desired = own.properties.unwrap_or_default().desired;
    Ok(Twin {
        tags: plain(own.tags),
        desired: plain(desired),
    })
}

/// An object merged onto nothing: the same without members that are null.
fn merged(patch: &Object) -> Object {
    let mut target = Object::new();
    merge(&mut target, patch.clone());
    target
}

/// Renders a tenant's `reply` for the device.
///
/// # Errors
/// [`Unreadable`] when it names the certificate or the payload, and that is broken.
pub(crate) fn reply<'p>(
    template: &'p Reply,
    inputs: &Inputs<'_>,
) -> Result<Option<Cow<'p, RawValue>>, Unreadable> {
    if let Some(fixed) = &template.fixed {
        return Ok(Some(Cow::Borrowed(fixed)));
    }
    let rendered = template.template.render(inputs, &Budget::default())?;
    Ok(to_raw_value(&rendered).ok().map(Cow::Owned))
}

/// A tenant's `reply`.
#[derive(Debug)]
pub(crate) struct Reply {
    template: Template,
    fixed: Option<Box<RawValue>>,
}

impl Reply {
    pub(crate) fn new(template: Template) -> Self {
        let fixed = template
            .fixed()
            .and_then(|object| to_raw_value(object).ok());
        Self { template, fixed }
    }
}
