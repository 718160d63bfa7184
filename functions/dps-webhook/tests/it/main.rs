//! The webhook from outside: the endpoints without a socket, and the program as a process.

#![cfg(test)]

mod azure_refresh;
mod bad_input;
mod body;
mod deadline;
mod decision_log;
mod device_cells;
mod device_rows;
mod envelope;
mod exports;
mod faults;
mod front;
mod functions_host;
mod hostile;
mod keys;
mod killed;
mod large_tables;
mod last_good;
mod pages;
mod pairs;
mod personal;
mod polls;
mod process;
mod refresh;
mod routes;
mod running;
mod settings;
mod shadow;
mod statuses;
mod stored;
mod tables;
mod terminal;
mod unlisted;
mod webhook;
