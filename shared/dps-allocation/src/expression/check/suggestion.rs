//! What was probably meant by a text that a value never equals.

use crate::expression::problem::nearest;
use crate::expression::types::{Case, Shape, Type};
use crate::hub_name::HubName;

/// Help for a text that a value of this type never equals.
pub(super) fn suggestion(gives: Type, text: &str) -> String {
    let text = match gives.shape {
        Shape::Case(Case::Lower) => text.to_ascii_lowercase(),
        Shape::Case(Case::Upper) => text.to_ascii_uppercase(),
        Shape::Hub if text.is_empty() => return "compare with `null`".to_owned(),
        Shape::Hub if HubName::parse(text).is_err() => {
            return "write the classic host name, such as contoso-weu-1.azure-devices.net"
                .to_owned();
        }
        Shape::Hub => HubName::fold(text).into_owned(),
        Shape::Words(words) => {
            let near = nearest(text, words.iter().copied());
            let word = words.iter().find(|word| {
                let text = text.to_ascii_lowercase();
                text.starts_with(**word) || text.ends_with(**word)
            });
            let Some(word) = near.or(word.copied()) else {
                return "write one of these".to_owned();
            };
            word.to_owned()
        }
        _ => return "compare it with something else".to_owned(),
    };
    format!("write `{text}`")
}
