//! The `reply` of a tenant: what the device finds in its registration.

use std::borrow::Cow;

use serde_json::value::{RawValue, to_raw_value};

use super::template::Template;
use crate::expression::{Budget, Inputs, Unreadable};

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

    /// Renders the reply for the device.
    ///
    /// # Errors
    /// [`Unreadable`] when it names the certificate or the payload, and that is broken.
    pub(crate) fn render(
        &self,
        inputs: &Inputs<'_>,
    ) -> Result<Option<Cow<'_, RawValue>>, Unreadable> {
        if let Some(fixed) = &self.fixed {
            return Ok(Some(Cow::Borrowed(fixed)));
        }
        let rendered = self.template.render(inputs, &Budget::default())?;
        Ok(to_raw_value(&rendered).ok().map(Cow::Owned))
    }
}
