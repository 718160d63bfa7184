//! A running webhook, asked from outside.

mod address;
mod client;
mod endpoints;
mod key;
mod reported;

pub(crate) use address::{is_address, url};
pub(crate) use client::{Answer, Client, Route, cause};
pub(crate) use key::Keys;
pub(crate) use reported::{OTHER_VERSION, Reported, candidate};
