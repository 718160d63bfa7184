//! A table of a scenario file, with its known keys and values of the expected types.

use std::cell::RefCell;
use std::rc::Rc;
use std::str::FromStr;

use dps_allocation::{did_you_mean, instant};
use jiff::Timestamp;
use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fault::{Fault, line_of};

/// A TOML table with its place; it collects the faults of its values.
#[derive(Debug)]
pub(super) struct Section<'t> {
    table: &'t DeTable<'t>,
    text: &'t str,
    line: u32,
    /// Shared with the sections within it.
    faults: Rc<RefCell<Vec<Fault>>>,
}

/// A text of the file with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) line: u32,
}

impl<'t> Section<'t> {
    /// The table that begins at byte `at` of `text`. A key that is not `known` is a fault.
    pub(super) fn new(text: &'t str, at: usize, table: &'t DeTable<'t>, known: &[&str]) -> Self {
        Self::within(Rc::default(), text, at, table, known)
    }

    fn within(
        faults: Rc<RefCell<Vec<Fault>>>,
        text: &'t str,
        at: usize,
        table: &'t DeTable<'t>,
        known: &[&str],
    ) -> Self {
        let section = Self {
            table,
            text,
            line: line_of(text, at),
            faults,
        };
        for (key, _) in table {
            let name = &**key.get_ref();
            if !known.contains(&name) {
                let near = did_you_mean(name, known.iter().copied());
                section.fault(
                    line_of(text, key.span().start),
                    "",
                    format!("`{name}` is not a key of this section"),
                    format!("{near}the keys are {}", known.join(", ")),
                );
            }
        }
        section
    }

    /// Its line, from 1.
    pub(super) fn line(&self) -> u32 {
        self.line
    }

    /// The faults that were found, in the order of their lines.
    pub(super) fn into_faults(self) -> Vec<Fault> {
        let mut faults = self.faults.take();
        faults.sort_by_key(|fault| fault.line);
        faults
    }

    /// Adds a fault at a line.
    pub(super) fn fault(
        &self,
        line: u32,
        key: &str,
        rule: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.faults.borrow_mut().push(Fault {
            line,
            key: key.to_owned(),
            rule: rule.into(),
            help: help.into(),
        });
    }

    /// Adds a fault of a key; of the section, if it has no such key.
    pub(super) fn fault_of(&self, key: &str, rule: impl Into<String>, help: impl Into<String>) {
        self.fault(self.line_of(key), key, rule, help);
    }

    /// Whether the section has the key.
    pub(super) fn has(&self, key: &str) -> bool {
        self.value(key).is_some()
    }

    pub(super) fn value(&self, key: &str) -> Option<&'t Spanned<DeValue<'t>>> {
        let mut entries = self.table.iter();
        entries.find_map(|(name, value)| (&**name.get_ref() == key).then_some(value))
    }

    /// The line of a key's value; of the section, if it has no such key.
    fn line_of(&self, key: &str) -> u32 {
        let value = self.value(key);
        value.map_or(self.line, |value| line_of(self.text, value.span().start))
    }

    /// The value of a key as a type; any other value is a fault.
    fn typed<T>(
        &self,
        key: &str,
        expected: &str,
        read: impl FnOnce(&'t Spanned<DeValue<'t>>) -> Option<T>,
    ) -> Option<T> {
        let value = self.value(key)?;
        let read = read(value);
        if read.is_none() {
            let rule = format!("it is {}, not {expected}", value.get_ref().type_str());
            self.fault_of(key, rule, format!("write {expected}"));
        }
        read
    }

    /// A text.
    pub(super) fn text(&self, key: &str) -> Option<String> {
        let text = |value: &Spanned<DeValue<'_>>| value.get_ref().as_str().map(str::to_owned);
        self.typed(key, "a text between quotes", text)
    }

    /// `true` or `false`.
    pub(super) fn flag(&self, key: &str) -> Option<bool> {
        self.typed(key, "true or false", |value| value.get_ref().as_bool())
    }

    /// A whole number from 0.
    pub(super) fn count(&self, key: &str) -> Option<u64> {
        let count = |value: &Spanned<DeValue<'_>>| as_count(value.get_ref());
        self.typed(key, "a whole number from 0", count)
    }

    /// A text, or a list of texts.
    pub(super) fn words(&self, key: &str) -> Option<Vec<Word>> {
        let word = |value: &Spanned<DeValue<'_>>| {
            let text = value.get_ref().as_str()?.to_owned();
            let line = line_of(self.text, value.span().start);
            Some(Word { text, line })
        };
        self.typed(key, "a text or a list of texts", |value| {
            match value.get_ref().as_array() {
                Some(list) => list.iter().map(word).collect(),
                None => word(value).map(|word| vec![word]),
            }
        })
    }

    /// A point in time: a text as in the tables, or a date or time of TOML.
    pub(super) fn time(&self, key: &str) -> Option<Timestamp> {
        let value = self.value(key)?.get_ref();
        let text = match value {
            DeValue::Datetime(time) => time.to_string(),
            DeValue::String(text) => text.to_string(),
            _ => String::new(),
        };
        let time = instant(&text);
        if time.is_none() {
            let help = "write ISO 8601, such as 2026-12-01 or \"2026-12-01T08:00+01:00\"";
            let rule = if text.is_empty() {
                format!("it is {}, not a point in time", value.type_str())
            } else {
                format!("`{text}` is not a point in time")
            };
            self.fault_of(key, rule, help);
        }
        time
    }

    /// One of the words of a type.
    pub(super) fn choice<T: Copy>(
        &self,
        key: &str,
        choices: impl IntoIterator<Item = T>,
        word: impl Fn(T) -> &'static str,
    ) -> Option<T> {
        let written = self.text(key)?;
        let choices: Vec<T> = choices.into_iter().collect();
        let found = choices.iter().find(|choice| word(**choice) == written);
        if found.is_none() {
            let words: Vec<&str> = choices.iter().map(|choice| word(*choice)).collect();
            let near = did_you_mean(&written, words.iter().copied());
            let rule = format!("`{written}` is not one of its words");
            self.fault_of(
                key,
                rule,
                format!("{near}the words are {}", words.join(", ")),
            );
        }
        found.copied()
    }

    /// Any value, as JSON.
    pub(super) fn json(&self, key: &str) -> Option<Value> {
        let value = json(self.value(key)?.get_ref());
        if value.is_none() {
            self.fault_of(
                key,
                "a number is not finite, or too large",
                "JSON has no such number",
            );
        }
        value
    }

    /// The section of a key that is a table; its faults are faults of this one.
    pub(super) fn section(&self, key: &str, known: &[&str]) -> Option<Section<'t>> {
        let (at, table) = self.typed(key, "a table such as { key = value }", |value| {
            Some((value.span().start, value.get_ref().as_table()?))
        })?;
        let faults = Rc::clone(&self.faults);
        Some(Section::within(faults, self.text, at, table, known))
    }

    /// The entries of a table whose keys are free, such as hubs.
    pub(super) fn counts(&self, key: &str) -> Vec<(Word, u64)> {
        let table = self.typed(key, "a table such as { hub = number }", |value| {
            value.get_ref().as_table()
        });
        let mut counts = Vec::new();
        for (name, value) in table.into_iter().flatten() {
            let line = line_of(self.text, name.span().start);
            let text = name.get_ref().to_string();
            if let Some(count) = as_count(value.get_ref()) {
                counts.push((Word { text, line }, count));
            } else {
                let rule = format!("`{text}` is {}", value.get_ref().type_str());
                self.fault(line, key, rule, "write a whole number from 0");
            }
        }
        counts
    }
}

fn as_count(value: &DeValue<'_>) -> Option<u64> {
    let integer = value.as_integer()?;
    u64::from_str_radix(integer.as_str(), integer.radix()).ok()
}

/// A TOML value as JSON, with dates as text; `None` if a number has no form in JSON.
pub(super) fn json(value: &DeValue<'_>) -> Option<Value> {
    Some(match value {
        DeValue::String(text) => Value::from(&**text),
        DeValue::Integer(integer) => {
            Value::from(i64::from_str_radix(integer.as_str(), integer.radix()).ok()?)
        }
        DeValue::Float(float) => {
            let number = f64::from_str(float.as_str()).ok()?;
            serde_json::Number::from_f64(number)?.into()
        }
        DeValue::Boolean(flag) => Value::from(*flag),
        DeValue::Datetime(time) => Value::from(time.to_string()),
        DeValue::Array(list) => {
            let items = list.iter().map(|item| json(item.get_ref()));
            Value::Array(items.collect::<Option<_>>()?)
        }
        DeValue::Table(table) => {
            let members = table
                .iter()
                .map(|(key, value)| Some((key.get_ref().to_string(), json(value.get_ref())?)));
            Value::Object(members.collect::<Option<_>>()?)
        }
    })
}
