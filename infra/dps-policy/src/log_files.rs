//! The files of `--log`, and an argument that stands behind them.

use std::path::PathBuf;

/// Takes out an argument that is written behind the files, and so was read as one of them.
pub(crate) fn behind<T>(
    files: &mut Vec<PathBuf>,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Option<T> {
    let (last, others) = files.split_last()?;
    if others.is_empty() || last.exists() {
        return None;
    }
    let found = parse(last.to_str()?)?;
    files.pop();
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_of_several_can_be_one() {
        let check = |files: &[&str], expected: Option<u32>, left: usize| {
            let mut files: Vec<PathBuf> = files.iter().map(PathBuf::from).collect();
            let found = behind(&mut files, |text| text.parse::<u32>().ok());
            assert_eq!((found, files.len()), (expected, left), "{files:?}");
        };
        check(&["a.log", "7"], Some(7), 1);
        check(&["7", "a.log"], None, 2);
        check(&["7"], None, 1);
        check(&[], None, 0);
        check(&["a.log", "/"], None, 2);
    }
}
