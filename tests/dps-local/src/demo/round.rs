//! All devices register once, and connect to the hubs that they are given.

use dps_local::{OnHub, SimulatedError};
use futures_util::future::try_join_all;
use serde_json::Value;

use super::fleet::Member;
use super::outcome::{Outcome, Placed};
use super::recorder::Recorder;

/// What became of each device, in their order.
pub(super) struct Round(pub(super) Vec<Outcome>);

impl Round {
    pub(super) async fn run(members: &[Member], recorder: &Recorder) -> anyhow::Result<Self> {
        let outcomes = members.iter().map(async |member| {
            let answer = member.device.register(member.payload.as_ref()).await;
            let result = match &answer {
                Ok(answer) => assigned(member, answer).await?,
                Err(SimulatedError::Refused { status, body }) => {
                    Err(format!("{status}: {}", text(&body["message"])))
                }
                Err(error) => anyhow::bail!("`{}`: {error}", member.device.id()),
            };
            Ok(Outcome {
                id: member.device.id().to_owned(),
                owner: member.owner,
                shows: member.shows,
                result,
                explained: recorder.take(member.device.id()),
            })
        });
        Ok(Self(try_join_all(outcomes).await?))
    }

    /// How many devices are on this hub.
    pub(super) fn on(&self, hub: &str) -> usize {
        let placed = self.0.iter().filter_map(|it| it.result.as_ref().ok());
        placed.filter(|placed| placed.hub == hub).count()
    }
}

/// Where it is now; what the device is told if it is nowhere.
async fn assigned(
    member: &Member,
    answer: &Value,
) -> Result<Result<Placed, String>, SimulatedError> {
    let state = &answer["registrationState"];
    if answer["status"] != "assigned" {
        return Ok(Err(format!(
            "{}: {}",
            state["errorCode"],
            text(&state["errorMessage"])
        )));
    }
    let hub = text(&state["assignedHub"]);
    let mut on_hub: OnHub = member
        .device
        .connect(&hub, &text(&state["deviceId"]))
        .await?;
    let mut twin = on_hub.twin().await?;
    Ok(Ok(Placed {
        hub,
        substatus: text(&state["substatus"]),
        desired: twin["desired"].take(),
    }))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
