//! Requests of devices and their answers, as messages.

use fe2o3_amqp::types::definitions::{AmqpError, Error, ErrorCondition, LinkError};
use fe2o3_amqp::types::messaging::{
    AmqpValue, ApplicationProperties, Body, Data, Message, MessageId, Properties,
};
use fe2o3_amqp::types::primitives::{OrderedMap, SimpleValue, Symbol, Value};

use crate::dps::Answer;

const OPERATION_TYPE: &str = "iotdps-operation-type";
const OPERATION_ID: &str = "iotdps-operation-id";
const RETRY_AFTER: &str = "retry-after";

/// What a device asks.
#[derive(Debug, PartialEq)]
pub(super) enum Operation {
    Register,
    Status(String),
    Lookup,
}

/// A message that a device has sent.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) operation: Operation,
    pub(super) body: Vec<u8>,
}

impl Request {
    /// `None` if there is nothing like this to ask.
    pub(super) fn read(message: &Message<Body<Value>>) -> Option<Self> {
        let property = |name: &str| {
            let properties = message.application_properties.as_ref()?;
            match properties.0.get(name)? {
                SimpleValue::String(text) => Some(text.as_str()),
                _ => None,
            }
        };
        let operation = match property(OPERATION_TYPE)? {
            "iotdps-register" => Operation::Register,
            "iotdps-get-operationstatus" => Operation::Status(property(OPERATION_ID)?.to_owned()),
            "iotdps-get-registration" => Operation::Lookup,
            _ => return None,
        };
        let body = match &message.body {
            Body::Data(parts) => parts.iter().flat_map(|part| part.0.to_vec()).collect(),
            Body::Value(AmqpValue(Value::String(text))) => text.clone().into_bytes(),
            Body::Value(AmqpValue(Value::Binary(bytes))) => bytes.to_vec(),
            Body::Value(AmqpValue(Value::Null)) | Body::Empty => Vec::new(),
            Body::Value(_) | Body::Sequence(_) => return None,
        };
        Some(Self { operation, body })
    }
}

/// The id by which a device knows the answer to its request.
pub(super) fn correlation_id(message: &Message<Body<Value>>) -> Option<MessageId> {
    message.properties.as_ref()?.correlation_id.clone()
}

pub(super) fn answer(answer: &Answer, correlation_id: Option<MessageId>) -> Message<Data> {
    let mut properties = ApplicationProperties::builder();
    if let Some(seconds) = retry_seconds(answer) {
        properties = properties.insert(RETRY_AFTER, seconds);
    }
    Message::builder()
        .properties(Properties {
            correlation_id,
            ..Properties::default()
        })
        .application_properties(properties.build())
        .data(answer.body.to_string().into_bytes())
        .build()
}

/// With the body that DPS writes as its description: the C# SDK reads it there.
pub(super) fn error(answer: &Answer) -> Error {
    let custom = |name: &str| ErrorCondition::Custom(Symbol::from(name));
    // As the Node.js SDK reads them.
    let condition = match answer.status {
        400 => custom("com.microsoft:argument-error"),
        401 => AmqpError::UnauthorizedAccess.into(),
        404 => AmqpError::NotFound.into(),
        409 | 412 => custom("com.microsoft:precondition-failed"),
        413 => LinkError::MessageSizeExceeded.into(),
        429 => custom("com.microsoft:device-container-throttled"),
        _ => AmqpError::InternalError.into(),
    };
    let info = retry_seconds(answer).map(|seconds| {
        let mut info = OrderedMap::new();
        info.insert(Symbol::from(RETRY_AFTER), Value::Int(seconds));
        Box::new(info)
    });
    Error {
        condition,
        description: Some(answer.body.to_string()),
        info,
    }
}

fn retry_seconds(answer: &Answer) -> Option<i32> {
    answer.retry_seconds()?.try_into().ok()
}
