//! The reports for people and for pipelines.

mod annotations;
mod human;
mod junit;
mod tap;

pub(super) use annotations::{azure_devops, github};
pub(super) use human::human;
pub(super) use junit::junit;
pub(super) use tap::tap;
