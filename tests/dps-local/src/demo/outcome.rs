//! What became of a device.

use serde_json::{Value, json};

use super::fleet::Owner;

pub(super) struct Outcome {
    pub(super) id: String,
    pub(super) owner: Owner,
    pub(super) shows: &'static str,
    /// What the device was told if it got no hub.
    pub(super) result: Result<Placed, String>,
    /// By the webhook; `None` if the service refused the device before.
    pub(super) explained: Option<Value>,
}

/// A device on its hub.
pub(super) struct Placed {
    pub(super) hub: String,
    pub(super) substatus: String,
    /// Desired properties, as the device has read them from its hub.
    pub(super) desired: Value,
}

impl Outcome {
    /// First label of the hub's name.
    pub(super) fn hub(&self) -> Option<&str> {
        let placed = self.result.as_ref().ok()?;
        placed.hub.split('.').next()
    }

    /// Why it is where it is, in a line.
    pub(super) fn why(&self) -> String {
        let Some(explained) = &self.explained else {
            return "its key is wrong: the webhook is not asked".to_owned();
        };
        if let Some(detail) = explained["detail"].as_str() {
            return detail.to_owned();
        }
        let steps = Steps(explained["steps"].as_array().map_or(&[], Vec::as_slice));
        match explained["reason"].as_str().unwrap_or_default() {
            "weighted" => match steps.matching_rule() {
                Some(rule) => rule,
                None => steps
                    .last("weight")
                    .map_or_else(String::new, |[asked, _]| asked),
            },
            "stay" => match steps.last("rollout") {
                Some([rollout, why]) => format!("it keeps its hub; {rollout}: {why}"),
                None => "it keeps its hub".to_owned(),
            },
            reason => {
                let detail = steps.last(reason);
                detail.map_or_else(|| reason.to_owned(), |detail| detail.join(": "))
            }
        }
    }

    /// For scripts.
    pub(super) fn written(&self) -> Value {
        let explained = self.explained.as_ref();
        let member = |name| explained.map_or(Value::Null, |it: &Value| it[name].clone());
        let mut written = json!({
            "registrationId": self.id,
            "shows": self.shows,
            "why": self.why(),
            "reason": member("reason"),
            "decidedBy": member("decidedBy"),
            "tenant": member("tenant"),
        });
        match &self.result {
            Ok(placed) => {
                written["assignedHub"] = json!(placed.hub);
                written["substatus"] = json!(placed.substatus);
                written["desired"] = placed.desired.clone();
            }
            Err(error) => written["error"] = json!(error),
        }
        written
    }
}

/// Steps of an explanation.
struct Steps<'a>(&'a [Value]);

impl Steps<'_> {
    /// What was asked and found in the last step of this name.
    fn last(&self, step: &str) -> Option<[String; 2]> {
        let step = self.0.iter().rfind(|it| it["step"] == step)?;
        Some([short(&step["asked"]), short(&step["found"])])
    }

    fn matching_rule(&self) -> Option<String> {
        let mut rules = self.0.iter().filter(|it| it["step"] == "rule");
        let matching = rules.find(|it| it["found"] == "matches")?;
        Some(format!("{} matches", short(&matching["asked"])))
    }
}

/// A text of an explanation, with hubs by their first label.
fn short(value: &Value) -> String {
    let text = value.as_str().unwrap_or_default();
    text.replace(".azure-devices.net", "")
}
