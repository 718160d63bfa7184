//! The service from outside: devices and operators over HTTPS, MQTT and AMQP, and a webhook.

#![cfg(test)]

mod harness;

mod allocation;
mod amqp;
mod certificate;
mod credential;
mod csr;
mod device_api;
mod events;
mod mqtt;
mod program;
mod reprovision;
mod restart;
mod service_api;
mod tpm;
mod twin_size;
mod webhook;
