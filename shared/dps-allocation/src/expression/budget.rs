//! The cost limits of an evaluation.

use std::cell::Cell;

use super::outcome::Failure;

/// Steps and bytes that are left; shared by the expressions of one twin.
///
/// A step is one node of the expression, one element, or [`SCANNED`] bytes that an operation
/// reads. Bytes count when a value is made, even if it is dropped later, so they limit the memory
/// in use.
#[derive(Debug)]
pub(crate) struct Budget {
    steps: Cell<usize>,
    bytes: Cell<usize>,
}

/// A few milliseconds. The list `payload.tags.exists(t, t == "x")` may have 30,000 elements.
pub(super) const STEPS: usize = 100_000;

/// Steps of all evaluations of one decision that read what a device sends.
///
/// A policy may have hundreds of conditions. A device that makes each of them as expensive as
/// allowed would delay all others.
pub(super) const STEPS_OF_DECISION: usize = 10 * STEPS;

/// Four times the longest request, whose payload an expression may have copied.
pub(super) const BYTES: usize = 1024 * 1024;

/// Bytes that count as one step where they are only read.
const SCANNED: usize = 64;

impl Default for Budget {
    fn default() -> Self {
        Self {
            steps: Cell::new(STEPS),
            bytes: Cell::new(BYTES),
        }
    }
}

impl Budget {
    /// A budget of at most `steps`.
    pub(super) fn within(steps: usize) -> Self {
        Self {
            steps: Cell::new(steps.min(STEPS)),
            ..Self::default()
        }
    }

    /// The steps that are left.
    pub(super) fn steps_left(&self) -> usize {
        self.steps.get()
    }

    /// Takes steps.
    pub(super) fn steps(&self, steps: usize) -> Result<(), Failure> {
        match self.steps.get().checked_sub(steps) {
            Some(left) => {
                self.steps.set(left);
                Ok(())
            }
            None => Err(self.exhaust()),
        }
    }

    /// Takes the steps for reading this many bytes.
    pub(super) fn scan(&self, bytes: usize) -> Result<(), Failure> {
        self.steps(1 + bytes / SCANNED)
    }

    /// Takes bytes, and the steps for writing them.
    pub(super) fn make(&self, bytes: usize) -> Result<(), Failure> {
        self.scan(bytes)?;
        match self.bytes.get().checked_sub(bytes) {
            Some(left) => {
                self.bytes.set(left);
                Ok(())
            }
            None => Err(self.exhaust()),
        }
    }

    /// Whether no step is left, so that operators must not go on to another operand.
    pub(super) fn is_exhausted(&self) -> bool {
        self.steps.get() == 0
    }

    fn exhaust(&self) -> Failure {
        self.steps.set(0);
        Failure::OverBudget
    }

    #[cfg(test)]
    pub(super) fn spent(&self) -> (usize, usize) {
        (STEPS - self.steps.get(), BYTES - self.bytes.get())
    }
}
