//! Telemetry from outside, with collectors that accept it and collectors that do not.

#![cfg(test)]

mod flush;
mod limits;
mod receiver;
mod recorded;
mod spans;
