//! Checks `startsWith`, `endsWith`, `contains` and `matches`.

use super::describe::describe;
use super::known::{Check, Known};
use super::suggestion::suggestion;
use crate::expression::comparison::Test;
use crate::expression::kinds::Kinds;
use crate::expression::pattern::Pattern;
use crate::expression::problem::Problem;
use crate::expression::tree::{Literal, Node};
use crate::expression::types::{Case, Shape, Type, one_of};
use crate::hub_name;

impl Check {
    /// The truth of `startsWith`, `endsWith` and `contains`.
    pub(super) fn text_test(
        &mut self,
        test: Test,
        (node, known): (&Node, Known),
        part: &Node,
    ) -> Option<bool> {
        let Node::Literal(Literal::Text(part)) = part else {
            return None;
        };
        let (named, call) = (describe(node), format!("`{}(\"{part}\")`", test.as_str()));
        let mut gives = known.gives;
        if gives.shape == Shape::Hub {
            if let Some(label) = DeviceLabel::within(part) {
                self.constant(
                    format!(
                        "{named} is always a classic host name: {call} is false for every hub in \
                         Azure"
                    ),
                    "remove `.device`: both names of a hub are one hub",
                );
                return (label == DeviceLabel::InCloud).then_some(false);
            }
            // A part of a host name is in lower case as well.
            gives = Type::text(Shape::Case(Case::Lower));
        }
        let why_never = match gives.shape {
            Shape::Case(_) => gives.excludes(part),
            Shape::Words(words) => {
                let holds = words.iter().any(|word| test.holds(word, part));
                (!holds).then(|| one_of(words))
            }
            _ => return None,
        };
        let Some(why) = why_never else {
            self.compares(node, test, part);
            return None;
        };
        let rule = format!("{named} {why}: {call} is always false");
        self.constant(rule, suggestion(gives, part));
        Some(false)
    }

    pub(super) fn matches(&mut self, operand: &Node, pattern: &Pattern) -> Known {
        let known = self.node(operand);
        let kinds = known.gives.kinds;
        if !kinds.meets(Kinds::TEXT) {
            let given = describe(operand);
            self.error(
                format!("`matches` needs string; {given} is {kinds}"),
                "give it a string; `string(x)` makes one of a number",
            );
        }
        let source = pattern.source();
        let never = match (known.gives.letters(), known.gives.shape) {
            (Some(case), _) if !pattern.matches_letters_of(case) => Some((
                format!("is always in {case} case"),
                format!("write the letters of the pattern in {case} case"),
            )),
            (_, Shape::Words(words)) if !words.iter().any(|word| pattern.is_match(word)) => {
                Some((one_of(words), "compare it with one of these".to_owned()))
            }
            _ => None,
        };
        let truth = never.map(|(why, help)| {
            let given = describe(operand);
            self.constant(format!("{given} {why}, and never matches `{source}`"), help);
            false
        });
        if pattern.is_large() && known.cost.grows() {
            self.expensive.push(Problem::warning(
                format!("the pattern `{source}` is large, and a device may send a long text"),
                "repeat less in it, or write `[a-z0-9_]` in place of `\\w`",
            ));
        }
        Known::truth(truth, known.cost.of_flag())
    }
}

/// `.device.` within a part of a host name; no classic name of a hub in Azure has it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum DeviceLabel {
    /// The domain of a cloud begins after it.
    InCloud,
    /// It ends the part: names outside of Azure's clouds may contain it.
    AtTheEnd,
}

impl DeviceLabel {
    fn within(part: &str) -> Option<Self> {
        let part = part.to_ascii_lowercase();
        let (_, domain) = part.split_once(".device.")?;
        if domain.is_empty() {
            return Some(Self::AtTheEnd);
        }
        let mut clouds = hub_name::CLOUDS.into_iter();
        clouds
            .any(|cloud| cloud.starts_with(domain))
            .then_some(Self::InCloud)
    }
}
