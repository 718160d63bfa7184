//! The program from outside: what it prints, and what it ends with.

#![cfg(test)]

mod access;
mod check;
mod cloud;
mod diff;
mod document;
mod explain;
mod explain_log;
mod explain_tables;
mod help;
mod history;
mod init;
mod interrupt;
mod keyless;
mod killed;
mod meanwhile;
mod output;
mod overtaken;
mod page;
mod page_commands;
mod pages;
mod pause;
mod planning;
mod predicted;
mod preview;
mod program;
mod prove;
mod pull;
mod push;
mod push_plan;
mod replay;
mod resume;
mod rollback;
mod rollout;
mod scenarios;
mod schema;
mod set;
mod shadow;
mod simulate;
mod source;
mod special_files;
mod terminal;
