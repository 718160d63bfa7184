//! How a scenario reaches the files beside it.

/// Reads a request file that a case names, by its path relative to the scenario file.
///
/// The error is a sentence for the operator.
pub type ReadFile<'a> = dyn Fn(&str) -> Result<Vec<u8>, String> + 'a;
