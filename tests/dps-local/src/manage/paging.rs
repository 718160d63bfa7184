//! Long answers in parts.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::refusal::Refusal;

/// Items of a page if the client does not say, and at most. What DPS allows is not known.
const USUAL: usize = 100;
const MOST: usize = 1000;

/// Which part a client asks for.
#[derive(Clone, Debug, Default)]
pub(crate) struct PageRequest {
    /// `x-ms-max-item-count`.
    pub(crate) items: Option<usize>,
    /// `x-ms-continuation`, as the page before gave it.
    pub(crate) continuation: Option<String>,
}

/// A part of an answer.
#[derive(Debug)]
pub(crate) struct Page {
    /// `x-ms-item-type`.
    pub(crate) item_type: &'static str,
    pub(crate) items: Vec<Value>,
    /// For the next page; `None` after the last.
    pub(crate) continuation: Option<String>,
}

impl PageRequest {
    /// The page of these records, which come with their keys and in their order.
    pub(super) fn cut<'r>(
        &self,
        item_type: &'static str,
        records: impl Iterator<Item = (&'r String, Value)>,
    ) -> Result<Page, Refusal> {
        let length = self.items.unwrap_or(USUAL).clamp(1, MOST);
        let after = self.continuation.as_deref().map(key_of).transpose()?;
        let records =
            records.skip_while(|(key, _)| after.as_ref().is_some_and(|after| *key <= after));
        let mut records = records.peekable();
        let (mut items, mut last) = (Vec::new(), None);
        while items.len() < length
            && let Some((key, item)) = records.next()
        {
            items.push(item);
            last = Some(key);
        }
        let more = records.peek().is_some();
        Ok(Page {
            item_type,
            items,
            continuation: last.filter(|_| more).map(|key| URL_SAFE_NO_PAD.encode(key)),
        })
    }
}

fn key_of(continuation: &str) -> Result<String, Refusal> {
    let bytes = URL_SAFE_NO_PAD.decode(continuation).ok();
    let key = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    key.ok_or_else(|| Refusal::invalid("x-ms-continuation is not one that this service has given"))
}
