//! The environment, and what is wrong with the variables that were read from it.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use crate::pasted;

/// Environment variables while settings are read; an empty one counts as not set.
pub struct Environment {
    set: BTreeMap<OsString, OsString>,
    read: BTreeSet<String>,
    faults: Vec<String>,
}

/// A setting is wrong; the environment holds the fault, which is reported with all others.
#[derive(Clone, Copy, Debug)]
pub struct Faulty(());

/// Every setting that is wrong, with what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongSettings(Vec<String>);

impl Environment {
    /// Such as `std::env::vars_os()`.
    pub fn new(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let variables = variables.into_iter();
        Self {
            set: variables.filter(|(_, value)| !value.is_empty()).collect(),
            read: BTreeSet::new(),
            faults: Vec::new(),
        }
    }

    /// Reads settings.
    ///
    /// # Errors
    /// [`WrongSettings`] if anything was wrong, even if `read` could do without it.
    pub fn read<T>(
        mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Faulty>,
    ) -> Result<T, WrongSettings> {
        match read(&mut self) {
            Ok(settings) if self.faults.is_empty() => Ok(settings),
            _ => Err(WrongSettings(self.faults)),
        }
    }

    /// Reports a fault of a setting, once; `rule` never quotes what may be secret.
    pub fn wrong(&mut self, name: &str, rule: impl fmt::Display) -> Faulty {
        let fault = format!("{name}: {rule}");
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
        Faulty(())
    }

    /// Whether the variable is set, to any value.
    pub fn is_set(&mut self, name: &str) -> bool {
        self.raw(name).is_some()
    }

    /// The value as it is: what a platform sets, and paths.
    pub fn raw(&mut self, name: &str) -> Option<OsString> {
        self.read.insert(name.to_owned());
        self.set.get(OsStr::new(name)).cloned()
    }

    /// The value of a setting that somebody has written.
    ///
    /// # Errors
    /// [`Faulty`] if it is pasted wrong: in quotation marks, a placeholder, a reference.
    pub fn text(&mut self, name: &str) -> Result<Option<String>, Faulty> {
        let Some(value) = self.raw(name) else {
            return Ok(None);
        };
        let text = value.to_string_lossy().into_owned();
        match pasted::fault(name, &text) {
            None => Ok(Some(text)),
            Some(rule) => Err(self.wrong(name, rule)),
        }
    }

    /// The value, parsed.
    ///
    /// # Errors
    /// [`Faulty`] if it breaks the rule that `parse` returns.
    pub fn parse<T, E: fmt::Display>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, Faulty> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        let parsed = parse(&text).map_err(|rule| self.wrong(name, rule));
        parsed.map(Some)
    }

    /// A whole number.
    ///
    /// # Errors
    /// [`Faulty`] if it is not one, or is outside of the range.
    pub fn whole_number<T>(
        &mut self,
        name: &str,
        default: T,
        range: RangeInclusive<T>,
    ) -> Result<T, Faulty>
    where
        T: FromStr + PartialOrd + fmt::Display,
    {
        let number = self.parse(name, |text| {
            let number = text.trim().parse().ok().filter(|it| range.contains(it));
            let (min, max) = (range.start(), range.end());
            number.ok_or_else(|| format!("`{text}` is not a whole number from {min} to {max}"))
        })?;
        Ok(number.unwrap_or(default))
    }

    /// The names of all variables that are set.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let names = self.set.keys().filter_map(|name| name.to_str());
        names.map(str::to_owned).collect()
    }

    /// The names of all variables that were read, set or not: each belongs in a description.
    #[must_use]
    pub fn names_read(&self) -> &BTreeSet<String> {
        &self.read
    }
}

/// Without values, since some are secret.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment")
            .field("set", &self.set.keys())
            .field("faults", &self.faults)
            .finish_non_exhaustive()
    }
}

impl WrongSettings {
    /// One line for each fault.
    #[must_use]
    pub fn faults(&self) -> &[String] {
        &self.0
    }
}

impl fmt::Display for WrongSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("wrong settings:")?;
        self.0.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
    }
}

impl std::error::Error for WrongSettings {}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(variables: &[(&str, &str)]) -> Environment {
        let variables = variables.iter();
        Environment::new(variables.map(|(name, value)| (name.into(), value.into())))
    }

    #[test]
    fn every_fault_is_reported_once() {
        let read = environment(&[("A", "x"), ("B", "'1'"), ("C", " 7 "), ("D", "")]).read(|it| {
            let (a, b) = (
                it.whole_number("A", 1, 1..=9),
                it.whole_number("B", 1, 1..=9),
            );
            assert_eq!(it.whole_number("C", 1, 1..=9).unwrap(), 7);
            assert_eq!(it.whole_number("D", 1, 1..=9).unwrap(), 1);
            assert!(it.text("B").is_err());
            Ok((a?, b?))
        });
        let wrong = read.unwrap_err();
        assert_eq!(
            wrong.faults(),
            [
                "A: `x` is not a whole number from 1 to 9",
                "B: it stands in quotation marks; write it without them"
            ]
        );
    }

    #[test]
    fn a_fault_counts_even_if_the_value_is_not_needed() {
        let read = environment(&[]).read(|it| {
            let _reported = it.wrong("A", "there is no such setting");
            Ok(())
        });
        let wrong = read.unwrap_err().to_string();
        assert_eq!(wrong, "wrong settings:\n  A: there is no such setting");
    }

    #[test]
    fn values_are_never_shown() {
        let environment = environment(&[("KEY", "secret")]);
        let shown = format!("{environment:?}");
        assert!(
            shown.contains("KEY") && !shown.contains("secret"),
            "{shown}"
        );
    }
}
