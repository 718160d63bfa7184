//! The way in over HTTPS: of devices, of operators, and of those who look at hubs.

mod connection;
mod device_api;
mod hub_api;
mod reply;
mod request;
mod routes;
mod service_api;
mod websocket;

pub(crate) use connection::speak;
