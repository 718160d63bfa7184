//! The stores and what is kept of a policy, seen from outside.

#![cfg(test)]

mod alike;
mod azure;
mod budget;
mod csv_folder;
mod history;
mod last_good;
mod named_file;
mod one_fault;
mod push;
mod revisions;
