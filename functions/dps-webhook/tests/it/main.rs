//! The webhook from outside: the router without a socket, and the program as a process.

#![cfg(test)]

mod azure_refresh;
mod bad_input;
mod body;
mod deadline;
mod decision_log;
mod device_rows;
mod envelope;
mod faults;
mod front;
mod functions_host;
mod kept;
mod keys;
mod killed;
mod last_good;
mod looks;
mod pages;
mod pairs;
mod personal;
mod process;
mod refresh;
mod routes;
mod running;
mod settings;
mod statuses;
mod tables;
mod terminal;
mod webhook;
