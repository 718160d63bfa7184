//! Telemetry from outside, with collectors that take it and collectors that do not.

#![cfg(test)]

mod flush;
mod receiver;
