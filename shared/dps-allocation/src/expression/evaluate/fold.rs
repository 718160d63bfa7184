//! Evaluates macros: `all`, `exists`, `exists_one`, `map` and `filter`.

use super::access::null_of;
use super::evaluator::{Evaluator, Locals, Scope};
use crate::expression::no_value::{Evaluated, NoValue, type_mismatch};
use crate::expression::tree::{Fold, FoldKind};
use crate::expression::value::{Key, Val};

impl<'a> Evaluator<'a, '_> {
    pub(super) fn fold(&self, fold: &'a Fold, outer: Locals<'_, 'a>) -> Evaluated<'a> {
        match self.node(&fold.range, outer)? {
            Val::List(list) => self.fold_over(fold, list.iter(), list.len(), outer),
            Val::Map(map) => {
                let keys = map.keys(self.budget)?;
                let number = keys.len();
                self.fold_over(fold, keys.into_iter().map(Key::into_value), number, outer)
            }
            Val::Null => Err(NoValue::Absent(null_of(&fold.range))),
            other => Err(type_mismatch(fold.kind.as_str(), &other)),
        }
    }

    fn fold_over(
        &self,
        fold: &'a Fold,
        elements: impl Iterator<Item = Val<'a>>,
        number: usize,
        outer: Locals<'_, 'a>,
    ) -> Evaluated<'a> {
        match fold.kind {
            FoldKind::All => self.decide(fold, elements, outer, false),
            FoldKind::Exists => self.decide(fold, elements, outer, true),
            FoldKind::ExistsOne => {
                let mut found = 0_usize;
                for value in elements {
                    let scope = Scope { value, outer };
                    found += usize::from(self.flag(&fold.body, Some(&scope), "exists_one")?);
                }
                Ok(Val::Bool(found == 1))
            }
            FoldKind::Map => {
                self.budget
                    .make(number.saturating_mul(size_of::<Val<'_>>()))?;
                let mut values = Vec::with_capacity(number);
                for value in elements {
                    let scope = Scope { value, outer };
                    let keeps = match &fold.guard {
                        Some(guard) => self.flag(guard, Some(&scope), "filter")?,
                        None => true,
                    };
                    if keeps {
                        values.push(self.node(&fold.body, Some(&scope))?);
                    }
                }
                Ok(Val::list(values))
            }
        }
    }

    /// `all` and `exists`: one element can decide even where others have no value.
    fn decide(
        &self,
        fold: &'a Fold,
        elements: impl Iterator<Item = Val<'a>>,
        outer: Locals<'_, 'a>,
        deciding: bool,
    ) -> Evaluated<'a> {
        let mut pending: Option<NoValue<'a>> = None;
        for value in elements {
            let scope = Scope { value, outer };
            match self.flag(&fold.body, Some(&scope), fold.kind.as_str()) {
                Ok(flag) if flag == deciding => return Ok(Val::Bool(deciding)),
                Ok(_) => {}
                Err(no_value) if self.budget.is_exhausted() => return Err(no_value),
                Err(no_value) => {
                    pending = Some(match pending {
                        Some(earlier) => earlier.worse(no_value),
                        None => no_value,
                    });
                }
            }
        }
        pending.map_or(Ok(Val::Bool(!deciding)), Err)
    }
}
