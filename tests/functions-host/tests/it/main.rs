//! The stand-in host from outside: real script roots, a real handler process, real requests.

#![cfg(test)]

mod harness;

mod envelope;
mod function;
mod handler;
mod header;
mod key;
mod limit;
mod log;
mod program;
mod replay;
mod restart;
mod route;
mod start;
mod stop;
mod stream;
mod trace;
