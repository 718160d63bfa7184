//! Values while an expression is evaluated.

mod collections;
mod compare;
mod json;
mod parsed;
mod record;
mod val;

pub(super) use collections::whole;
pub(super) use parsed::Parsed;
pub(super) use val::{DeviceMembers, Key, List, Map, Record, Val, ValText};
