//! What the tables say, however they are written.

mod diff;
mod host_names;
mod revision;
mod spelling;
