//! The staged function app and the Lambda function, as users run them.

#![cfg(test)]

mod account;
mod azure_tables;
mod decision_log;
mod doctor;
mod failures;
mod fixtures;
mod identities;
mod keys;
mod lambda;
mod package;
mod policy_edits;
mod prediction;
mod shadow;
mod telemetry;
