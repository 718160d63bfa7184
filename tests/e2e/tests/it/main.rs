//! The staged function app, as users run it.

#![cfg(test)]

mod account;
mod azure_tables;
mod decision_log;
mod failures;
mod fixtures;
mod keys;
mod package;
mod policy_edits;
mod telemetry;
