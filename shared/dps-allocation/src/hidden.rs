//! Values that no log may hold.

use std::fmt;

/// A value that `Debug` does not show: it may identify a person, or be a secret.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hidden<T>(pub(crate) T);

impl<T> fmt::Debug for Hidden<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hidden(..)")
    }
}
