//! Enums whose variants are words of documents, logs, metrics and file names.

/// Gives enums that derive `VariantArray` and `IntoStaticStr` of strum their lists and words.
macro_rules! words {
    ($($word:ty),+) => {$(
        impl $word {
            /// Each of them, in the order of the documentation.
            #[must_use]
            pub fn all() -> impl ExactSizeIterator<Item = Self> {
                <Self as strum::VariantArray>::VARIANTS.iter().copied()
            }

            /// The word for documents, logs, metrics and file names.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                self.into()
            }
        }
    )+};
}

pub(crate) use words;
