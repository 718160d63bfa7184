//! The webhook from outside: the router without a socket, and the program as a process.

#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod body;
#[cfg(test)]
mod process;
#[cfg(test)]
mod readme;
#[cfg(test)]
mod refresh;
#[cfg(test)]
mod routes;
#[cfg(test)]
mod running;
#[cfg(test)]
mod settings;
#[cfg(test)]
mod statuses;
#[cfg(test)]
mod webhook;
