//! The way in over MQTT 3.1.1: to the service (<https://learn.microsoft.com/azure/iot-dps/iot-dps-mqtt-support>), and to
//! its hubs (<https://learn.microsoft.com/azure/iot/iot-mqtt-connect-to-iot-hub>).

mod hub;
mod provisioning;
mod session;
mod topic;

pub(crate) use session::speak;
