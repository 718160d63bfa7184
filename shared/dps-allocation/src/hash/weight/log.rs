//! The binary logarithm of a hash, in integers.

/// Cells of the table; a cell is found by the ten bits after the leading one.
const CELLS: usize = 1 << 10;
const ONE: u64 = 1 << 32;

/// `log2(1 + i / CELLS)` in 1/2^32, the last entry being exactly one.
static LOG2: [u64; CELLS + 1] = table();

/// `-log2(hash / 2^64)` in 1/2^32: from 1 up to 2^38, for the hash 0.
///
/// Linear between the entries of the table, at most 1.8e-7 off the true logarithm.
#[expect(clippy::indexing_slicing, reason = "ten bits index a table of 1,025")]
pub(super) fn negative_log2(hash: u64) -> u64 {
    let hash = hash | 1;
    let zeros = hash.leading_zeros();
    // The bits after the leading one, which stands for the whole part, at the top.
    let mantissa = (hash << zeros) << 1;
    let cell = (mantissa >> 54) as usize;
    let position = (mantissa << 10) >> 32;
    let (low, high) = (LOG2[cell], LOG2[cell + 1]);
    let log = low + (((high - low) * position) >> 32);
    ((u64::from(zeros) + 1) * ONE - log).max(1)
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn table() -> [u64; CELLS + 1] {
    let mut table = [0; CELLS + 1];
    let mut i = 0;
    while i < CELLS {
        table[i] = log2_of_cell(i);
        i += 1;
    }
    table[CELLS] = ONE;
    table
}

/// `log2(1 + i / CELLS)`, rounded: squaring a number doubles its logarithm, so that each
/// square above two yields the next binary digit. Two digits more than kept, for rounding.
const fn log2_of_cell(i: usize) -> u64 {
    const FRACTION_BITS: u32 = 63;
    let mut x = ((CELLS + i) as u128) << (FRACTION_BITS - 10);
    let mut log = 0;
    let mut digit = 0;
    while digit < 34 {
        x = (x * x) >> FRACTION_BITS;
        log <<= 1;
        if x >> (FRACTION_BITS + 1) != 0 {
            x >>= 1;
            log |= 1;
        }
        digit += 1;
    }
    (log + 2) >> 2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(section: &str, compute: impl Fn(&serde_json::Value) -> u64, least: usize) {
        let vectors: serde_json::Value =
            serde_json::from_str(include_str!("../../../vectors/hashing.json")).unwrap();
        let vectors = vectors[section].as_array().unwrap();
        assert!(vectors.len() >= least, "{section}");
        for vector in vectors {
            assert_eq!(
                compute(vector),
                vector["value"].as_u64().unwrap(),
                "{section}: {vector}"
            );
        }
    }

    #[test]
    fn table_has_the_published_values() {
        let entry = |vector: &serde_json::Value| {
            LOG2[usize::try_from(vector["index"].as_u64().unwrap()).unwrap()]
        };
        check("logTable", entry, 20);
    }

    /// The nearest case is 0.0007 from a tie in rounding, far more than a float is off.
    #[test]
    fn every_entry_is_the_rounded_logarithm() {
        for (i, entry) in (0..1024).zip(LOG2) {
            let exact = libm::log2(1.0 + f64::from(i) / 1024.0) * 4_294_967_296.0;
            let entry = f64::from(u32::try_from(entry).unwrap());
            assert!((exact - entry).abs() < 0.5, "{i}");
        }
    }

    #[test]
    fn logarithms_are_the_published_ones() {
        let log = |vector: &serde_json::Value| {
            negative_log2(u64::from_str_radix(vector["hash"].as_str().unwrap(), 16).unwrap())
        };
        check("negativeLog2", log, 20);
    }

    #[test]
    fn ends_and_middle_are_exact() {
        assert_eq!(negative_log2(0), 274_877_906_944);
        assert_eq!(negative_log2(1 << 63), 4_294_967_296);
        assert_eq!(negative_log2(u64::MAX), 1);
    }

    #[test]
    fn never_rises_with_the_hash() {
        let mut last = negative_log2(0);
        for step in 0..(1 << 20) {
            let log = negative_log2((step << 44) | 0xfff_ffff_ffff);
            assert!(log <= last, "{step}");
            last = log;
        }
    }
}
