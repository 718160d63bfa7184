//! Initial twins and replies: JSON templates, rendered and merged.

mod layers;
mod merge;
mod reply;
mod template;

pub mod limits;

pub(crate) use layers::{TwinError, TwinTemplate, initial_twin};
pub(crate) use reply::{Reply, merged};
pub(crate) use template::Template;
