//! Replies: what the device finds in its registration.

use std::borrow::Cow;
use std::fmt;

use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

use super::merge::without_null_members;
use super::template::Template;
use crate::document::{Document, Member, Object};
use crate::expression::{Budget, Inputs, Unreadable};
use crate::parts::Parts;

/// The reply of a tenant or a twin; `Debug` hides its values.
pub(crate) struct Reply {
    template: Template,
    /// As it is written, if it has no expression.
    fixed: Option<Box<RawValue>>,
    /// The same, merged onto nothing.
    merged: Option<Box<RawValue>>,
}

impl Reply {
    pub(crate) fn new(template: Template) -> Self {
        let fixed = template.fixed();
        let merged = fixed.map(without_null_members);
        Self {
            fixed: fixed.and_then(|object| to_raw_value(object).ok()),
            merged: merged.and_then(|object| to_raw_value(&Member::Object(object)).ok()),
            template,
        }
    }

    /// Whether it has an expression that reads one of these parts.
    pub(crate) fn reads(&self, parts: Parts) -> bool {
        self.template.reads(parts)
    }

    /// Renders the reply for the device, where it is not merged with others.
    ///
    /// # Errors
    /// [`Unreadable`] when it names the certificate or the payload, and that is broken.
    pub(crate) fn render(&self, inputs: &Inputs<'_>) -> Result<Document<'_>, Unreadable> {
        if let Some(fixed) = &self.fixed {
            return Ok(Document::fixed(fixed));
        }
        let rendered = self.template.render(inputs, &Budget::default())?;
        let rendered = Cow::Owned(Value::Object(rendered));
        Ok(Document::reply(Member::Value(rendered)))
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reply(..)")
    }
}

/// Merges replies like the layers of a twin, the later ones onto those before them.
///
/// # Errors
/// [`Unreadable`] when one names the certificate or the payload, and that is broken.
pub(crate) fn merged<'p>(
    layers: impl Iterator<Item = &'p Reply> + Clone,
    inputs: &Inputs<'_>,
) -> Result<Document<'p>, Unreadable> {
    let mut alone = layers.clone();
    if let (
        Some(Reply {
            merged: Some(merged),
            ..
        }),
        None,
    ) = (alone.next(), alone.next())
    {
        return Ok(Document::fixed(merged));
    }
    let mut reply = Object::new();
    // One budget for all layers: each of them may name the whole payload.
    let budget = Budget::default();
    for layer in layers {
        layer.template.merge_onto(&mut reply, inputs, &budget)?;
    }
    Ok(Document::reply(Member::Object(reply)))
}
