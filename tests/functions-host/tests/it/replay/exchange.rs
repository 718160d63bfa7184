//! The recorded lines. Their format is described in `tests/fixtures/functions-host/README.md`.

use std::fmt;

use serde_json::Value;

use super::message::Message;

const RECORDED: &str = include_str!("../../../../fixtures/functions-host/observed.jsonl");

/// One line.
pub(super) struct Exchange {
    pub(super) mode: String,
    pub(super) telemetry_mode: Value,
    pub(super) group: String,
    pub(super) name: String,
    pub(super) request: Vec<u8>,
    /// What the handler says before it closes, or keeps the connection.
    pub(super) answers: Answers,
    pub(super) seen: Option<Message>,
    pub(super) times: u64,
    pub(super) answer: Message,
}

/// What the handler does with each request.
#[derive(Debug, Clone)]
pub(super) struct Answers {
    pub(super) bytes: Vec<u8>,
    pub(super) then_close: bool,
}

impl Exchange {
    pub(super) fn all() -> Vec<Self> {
        let line = |line: &str| Self::parse(&serde_json::from_str(line).unwrap());
        RECORDED.lines().map(line).collect()
    }

    fn parse(line: &Value) -> Self {
        let text = |name: &str| line[name].as_str().unwrap().to_owned();
        let seen = Some(&line["seen"]).filter(|seen| !seen.is_null());
        Self {
            mode: text("mode"),
            telemetry_mode: line["telemetryMode"].clone(),
            group: text("group"),
            name: text("name"),
            request: latin1(&unfolded(&text("request"))),
            answers: Answers::parse(&text("handler")),
            seen: seen.map(Message::recorded),
            times: line["sent_times"]
                .as_u64()
                .unwrap_or(u64::from(seen.is_some())),
            answer: Message::recorded(&line["answer"]),
        }
    }
}

impl Answers {
    fn parse(handler: &str) -> Self {
        let cut = handler.strip_suffix("<cut>");
        let then_close = cut.is_some() || handler == "close";
        let bytes = cut.unwrap_or(handler);
        Self {
            bytes: latin1(if handler == "close" { "" } else { bytes }),
            then_close,
        }
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            mode,
            telemetry_mode,
            group,
            name,
            ..
        } = self;
        write!(formatter, "{mode} {telemetry_mode} {group} `{name}`")
    }
}

fn latin1(text: &str) -> Vec<u8> {
    let byte = |char| u8::try_from(u32::from(char)).unwrap();
    text.chars().map(byte).collect()
}

/// `<y x 3>` is `yyy`.
pub(super) fn unfolded(text: &str) -> String {
    let Some((before, rest)) = text.split_once("<y x ") else {
        return text.to_owned();
    };
    let (times, after) = rest.split_once('>').unwrap();
    format!("{before}{}{after}", "y".repeat(times.parse().unwrap()))
}
