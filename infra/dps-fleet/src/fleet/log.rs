//! Lines of the decision log, whatever a tool has put before them.

use dps_allocation::DecisionRecord;

/// How the line of a decision begins, as the webhook writes it and as tools that format it do.
const MARKS: [&[u8]; 2] = [b"{\"log\":\"decision\"", b"{\"log\": \"decision\""];

/// The JSON of a decision in a line, with what follows it.
pub(super) fn find(line: &[u8]) -> Option<&[u8]> {
    let mut marks = MARKS.iter();
    let at = marks.find_map(|mark| memchr::memmem::find(line, mark))?;
    line.get(at..)
}

/// Whether one of the lines is that of a decision.
pub(super) fn is_in(lines: &[u8]) -> bool {
    find(lines).is_some()
}

/// Reads the JSON of a decision.
///
/// # Errors
/// The rule that it breaks.
pub(crate) fn read(json: &[u8]) -> Result<DecisionRecord<'static>, String> {
    let mut values = serde_json::Deserializer::from_slice(json).into_iter();
    match values.next() {
        Some(Ok(record)) => Ok(record),
        Some(Err(error)) if error.is_eof() => {
            Err("the line of a decision is cut before its end".to_owned())
        }
        Some(Err(error)) => Err(format!("it is not the line of a decision: {error}")),
        None => Err("it is not the line of a decision".to_owned()),
    }
}
