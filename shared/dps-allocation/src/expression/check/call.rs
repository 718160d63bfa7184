//! Checks calls and macros.

use super::cost::Cost;
use super::describe::describe;
use super::known::{Check, Known};
use crate::expression::comparison::Test;
use crate::expression::function::{Function, Signature};
use crate::expression::kinds::Kinds;
use crate::expression::time;
use crate::expression::tree::{Fold, FoldKind, Literal, Node};
use crate::expression::types::{Case, Shape, Type};
use crate::instant::instant;

const CAN_BE_FOLDED: Kinds = Kinds::LIST.or(Kinds::MAP);

impl Check {
    pub(super) fn call(&mut self, signature: &'static Signature, arguments: &[Node]) -> Known {
        let function = signature.function;
        let arguments: Vec<(&Node, Known)> =
            arguments.iter().map(|it| (it, self.node(it))).collect();
        for ((node, known), accepted) in arguments.iter().zip(signature.parameters) {
            let kinds = known.gives.kinds;
            if !kinds.meets(*accepted) {
                let (name, given) = (signature.name, describe(node));
                self.error(
                    format!("`{name}` needs {accepted}; {given} is {kinds}"),
                    help_with_type(*accepted),
                );
            }
        }
        if let (Function::Timestamp | Function::Duration, [(Node::Literal(literal), _)]) =
            (function, arguments.as_slice())
        {
            self.time(function, literal);
        }
        let known: Vec<Known> = arguments.iter().map(|(_, known)| *known).collect();
        let costs: Vec<Cost> = known.iter().map(|known| known.cost).collect();
        let cost = Cost::of_call(function, &costs);
        if let (Some(test), [text, (part, _)]) = (Test::of(function), arguments.as_slice()) {
            return Known::truth(self.text_test(test, *text, part), cost);
        }
        Known::new(given_by(signature, &known), cost)
    }

    /// Reports a literal that is not a time.
    fn time(&mut self, function: Function, literal: &Literal) {
        let Literal::Text(text) = literal else { return };
        if function == Function::Timestamp && instant(text).is_none() {
            let help = "write 2026-12-01 or 2026-12-01T00:00Z";
            self.error(format!("`{text}` is not a point in time"), help);
        } else if function == Function::Duration && time::duration(text).is_none() {
            let help = "write hours, minutes and seconds, such as 720h or 1h30m";
            self.error(format!("`{text}` is not a duration"), help);
        }
    }

    pub(super) fn fold(&mut self, fold: &Fold) -> Known {
        let range = self.node(&fold.range);
        let (name, kinds) = (fold.kind.as_str(), range.gives.kinds);
        if !kinds.meets(CAN_BE_FOLDED) {
            let given = describe(&fold.range);
            self.error(
                format!("`{name}` needs a list or a map; {given} is {kinds}"),
                "name a list, such as `payload.tags`",
            );
        }
        let element = Known::new(range.gives.element(), range.cost.of_element());
        self.locals.push(element);
        let guard = fold.guard.as_ref().map(|guard| self.flag(guard, "filter"));
        let body = if fold.kind == FoldKind::Map {
            self.node(&fold.body)
        } else {
            self.flag(&fold.body, name)
        };
        self.locals.pop();
        let step = guard.map_or(body.cost, |guard| body.cost.with(guard.cost.of_flag()));
        let cost = range.cost.of_macro(step);
        match fold.kind {
            FoldKind::Map => Known::new(Type::list(body.gives.kinds), cost),
            // Without elements, `all` is true and `exists` is false.
            FoldKind::Exists | FoldKind::ExistsOne if body.truth == Some(false) => {
                Known::truth(Some(false), cost.of_flag())
            }
            FoldKind::All | FoldKind::Exists | FoldKind::ExistsOne => {
                Known::truth(None, cost.of_flag())
            }
        }
    }
}

/// What a call gives, where the arguments say more than the signature.
fn given_by(signature: &Signature, arguments: &[Known]) -> Type {
    match (signature.function, arguments) {
        (Function::LowerAscii, _) => Type::text(Shape::Case(Case::Lower)),
        (Function::UpperAscii, _) => Type::text(Shape::Case(Case::Upper)),
        (Function::Split, _) => Type::list(Kinds::TEXT),
        (
            Function::String | Function::Trim | Function::Reverse | Function::Substring,
            [text, ..],
        ) if text.gives.kinds == Kinds::TEXT && matches!(text.gives.shape, Shape::Case(_)) => {
            text.gives
        }
        (Function::OrValue, [_, otherwise]) => Type::of(Kinds::JSON.or(otherwise.gives.kinds)),
        _ => Type::of(signature.gives),
    }
}

fn help_with_type(accepted: Kinds) -> &'static str {
    if accepted == Kinds::TEXT {
        "give it a string; `string(x)` makes one of a number"
    } else if accepted == Kinds::OPTIONAL {
        "write `?` before the member, as in `payload.?model.orValue(\"\")`"
    } else {
        "give it a value of that type"
    }
}
