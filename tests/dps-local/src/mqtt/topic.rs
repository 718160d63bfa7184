//! Topics with a query, as DPS and IoT Hub have them.

use percent_encoding::percent_decode_str;

/// `{path}/?{query}`.
#[derive(Debug, PartialEq)]
pub(super) struct Topic<'a> {
    pub(super) path: &'a str,
    query: &'a str,
}

impl<'a> Topic<'a> {
    pub(super) fn parse(topic: &'a str) -> Self {
        let (path, query) = topic.split_once("/?").unwrap_or((topic, ""));
        Self { path, query }
    }

    /// The id of the request, which is sent back as it came.
    pub(super) fn request_id(&self) -> Option<&'a str> {
        self.value("$rid")
    }

    /// A member of the query, decoded.
    pub(super) fn decoded(&self, name: &str) -> Option<String> {
        let value = percent_decode_str(self.value(name)?).decode_utf8();
        value.ok().map(std::borrow::Cow::into_owned)
    }

    fn value(&self, name: &str) -> Option<&'a str> {
        let mut pairs = self
            .query
            .split('&')
            .filter_map(|pair| pair.split_once('='));
        pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
    }
}
