//! The program from outside: what it prints, and what it ends with.

#![cfg(test)]

mod check;
mod diff;
mod explain;
mod help;
mod output;
mod program;
mod source;
