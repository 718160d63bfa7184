//! The staged function app, as users run it.

#[cfg(test)]
mod failures;
#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod package;
#[cfg(test)]
mod policy_edits;
