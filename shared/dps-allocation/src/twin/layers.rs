//! The initial twin: the enrollment's own, and the layers of the tables on top.

use serde::Deserialize;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value};

use super::limits::{self, Section, TwinLimit};
use super::merge::{owned, without_null_members};
use super::reply::Reply;
use super::template::Template;
use crate::document::{Document, Object};
use crate::expression::{Budget, Inputs, Unreadable};
use crate::hidden::Hidden;
use crate::parts::Parts;

/// A row of the `twins` table.
#[derive(Debug)]
pub(crate) struct TwinTemplate {
    pub(crate) tags: Option<Template>,
    pub(crate) desired: Option<Template>,
    pub(crate) reply: Option<Reply>,
    /// If it has no expression.
    fixed: Option<Fixed>,
}

/// The whole initial twin of a row without expressions, which keeps to the limits.
#[derive(Debug)]
struct Fixed {
    json: Hidden<Box<RawValue>>,
    tags_size: usize,
    desired_size: usize,
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
    pub(crate) fn new(
        tags: Option<Template>,
        desired: Option<Template>,
        reply: Option<Reply>,
    ) -> Self {
        let fixed = Fixed::of(tags.as_ref(), desired.as_ref());
        Self {
            tags,
            desired,
            reply,
            fixed,
        }
    }

    /// Whether it has an expression that reads one of these parts.
    pub(crate) fn reads(&self, parts: Parts) -> bool {
        let templates = [&self.tags, &self.desired].into_iter().flatten();
        let reply = self.reply.as_ref();
        reply.is_some_and(|it| it.reads(parts)) || templates.into_iter().any(|it| it.reads(parts))
    }

    /// Whether it is a layer of the initial twin: a row that has only a reply is not.
    pub(crate) fn is_of_twin(&self) -> bool {
        self.tags.is_some() || self.desired.is_some() || self.reply.is_none()
    }
}

impl Fixed {
    fn of(tags: Option<&Template>, desired: Option<&Template>) -> Option<Self> {
        fn object(template: Option<&Template>) -> Option<Object<'_>> {
            match template {
                None => Some(Object::new()),
                Some(template) => template.fixed().map(without_null_members),
            }
        }
        let twin = MergedTwin {
            tags: object(tags)?,
            desired: object(desired)?,
        };
        let (tags_size, desired_size) = twin.sizes().ok()?;
        Some(Self {
            json: Hidden(to_raw_value(&twin.into_document()).ok()?),
            tags_size,
            desired_size,
        })
    }

    /// Whether layers keep to the limits together without being merged: all are fixed, and the merged
    /// twin is no larger than all of them.
    fn fit<'p>(mut layers: impl Iterator<Item = &'p TwinTemplate>) -> bool {
        let sizes = layers.try_fold((0, 0), |(tags, desired), layer| {
            let fixed = layer.fixed.as_ref()?;
            Some((tags + fixed.tags_size, desired + fixed.desired_size))
        });
        sizes.is_some_and(|(tags, desired)| {
            tags <= Section::Tags.limit() && desired <= Section::Desired.limit()
        })
    }
}

/// Tags and desired properties.
#[derive(Debug, Default)]
struct MergedTwin<'p> {
    tags: Object<'p>,
    desired: Object<'p>,
}

impl<'p> MergedTwin<'p> {
    fn merge(
        &mut self,
        layer: &'p TwinTemplate,
        inputs: &Inputs<'_>,
        budget: &Budget,
    ) -> Result<(), Unreadable> {
        if let Some(tags) = &layer.tags {
            tags.merge_onto(&mut self.tags, inputs, budget)?;
        }
        if let Some(desired) = &layer.desired {
            desired.merge_onto(&mut self.desired, inputs, budget)?;
        }
        Ok(())
    }

    /// The sizes of both, which keep to the limits.
    fn sizes(&self) -> Result<(usize, usize), TwinLimit> {
        let tags = limits::check_merged(Section::Tags, &self.tags)?;
        let desired = limits::check_merged(Section::Desired, &self.desired)?;
        Ok((tags, desired))
    }

    fn into_document(self) -> Document<'p> {
        Document::twin(self.tags, self.desired)
    }
}

/// Merges the layers of the tables onto the enrollment's own twin, in order.
///
/// None if no row names a twin: the enrollment's own initial twin then applies.
///
/// # Errors
/// [`TwinError`] when the result breaks a limit of IoT Hub, or a part of the request is broken.
pub(crate) fn initial_twin<'p>(
    layers: impl Iterator<Item = &'p TwinTemplate> + Clone,
    inputs: &Inputs<'_>,
) -> Result<Option<Document<'p>>, TwinError> {
    let enrollment = inputs.registration.enrollment.initial_twin;
    let mut ahead = layers.clone();
    match (ahead.next(), ahead.next()) {
        (None, _) => return Ok(None),
        (Some(only), None) if enrollment.is_none() => {
            if let Some(Fixed { json, .. }) = &only.fixed {
                return Ok(Some(Document::fixed(&json.0)));
            }
        }
        _ => {}
    }
    let mut twin = enrollment.map_or_else(|| Ok(MergedTwin::default()), read_own)?;
    // One budget for all layers: each of them may name the whole payload.
    let budget = Budget::default();
    for layer in layers.clone() {
        twin.merge(layer, inputs, &budget)?;
    }
    if enrollment.is_some() || !Fixed::fit(layers) {
        twin.sizes()?;
    }
    Ok(Some(twin.into_document()))
}

/// The enrollment's own initial twin, without the `$` members that DPS adds.
fn read_own<'p>(json: &RawValue) -> Result<MergedTwin<'p>, Unreadable> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Own {
        tags: Option<Map<String, Value>>,
        properties: Option<OwnProperties>,
    }
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct OwnProperties {
        desired: Option<Map<String, Value>>,
    }
    let own: Own = serde_json::from_str(json.get()).map_err(|_form| Unreadable::InitialTwin)?;
    let plain = |object: Option<Map<String, Value>>| {
        let members = object.unwrap_or_default().into_iter();
        owned(members.filter(|(key, _)| !key.starts_with('$')).collect())
    };
    let desired = own.properties.unwrap_or_default().desired;
    Ok(MergedTwin {
        tags: plain(own.tags),
        desired: plain(desired),
    })
}
