//! The value of an expression.

use std::{borrow::Cow, cmp::Ordering};

use serde_json::{Map, Value};

use super::{
    ast::{Comparison, Node},
    functions::Wanted,
    named::Named,
    number::Num,
    work::{Work, size},
};

/// Why an expression has no value. It has nothing of the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The bound on work was reached.
    #[error("the expression needs more than 200,000 steps")]
    TooMuchWork,
    /// An argument has another type than the function needs.
    #[error("{function}: an argument must be {wanted}")]
    Argument {
        /// The function.
        function: &'static str,
        /// What the argument must be.
        wanted: &'static str,
    },
    /// A number is beyond what JSON has.
    #[error("{0}: the result is no number of JSON")]
    Number(&'static str),
}

impl Failure {
    pub(super) const fn argument(function: &'static str, wanted: Wanted) -> Self {
        Self::Argument { function, wanted: wanted.words() }
    }
}

type Found<'v> = Result<Cow<'v, Value>, Failure>;

static NULL: Value = Value::Null;

pub(super) const fn null<'v>() -> Cow<'v, Value> {
    Cow::Borrowed(&NULL)
}

/// Whether a value counts as true.
pub(super) fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(truth) => *truth,
        Value::Number(_) => true,
        Value::String(text) => !text.is_empty(),
        Value::Array(all) => !all.is_empty(),
        Value::Object(all) => !all.is_empty(),
    }
}

/// Whether two values are equal; 1 and 1.0 are.
pub(super) fn equal(own: &Value, other: &Value) -> bool {
    match (own, other) {
        (Value::Number(own), Value::Number(other)) => Num::of(own).order(Num::of(other)) == Ordering::Equal,
        (Value::Array(own), Value::Array(other)) => {
            own.len() == other.len() && own.iter().zip(other).all(|(own, other)| equal(own, other))
        }
        (Value::Object(own), Value::Object(other)) => {
            let has = |(name, value): (&String, &Value)| other.get(name).is_some_and(|other| equal(value, other));
            own.len() == other.len() && own.iter().all(has)
        }
        _ => own == other,
    }
}

/// The order of two numbers or two texts; `None` for anything else.
pub(super) fn order(own: &Value, other: &Value) -> Option<Ordering> {
    match (own, other) {
        (Value::Number(own), Value::Number(other)) => Some(Num::of(own).order(Num::of(other))),
        (Value::String(own), Value::String(other)) => Some(own.cmp(other)),
        _ => None,
    }
}

/// One evaluation.
#[derive(Debug, Default)]
pub(super) struct Evaluator {
    pub work: Work,
}

impl Evaluator {
    /// The value of a part with this current value.
    pub fn node<'v>(&mut self, node: &'v Node, at: &'v Value) -> Found<'v> {
        self.work.take(1)?;
        Ok(match node {
            Node::Current => Cow::Borrowed(at),
            Node::Field(name) => at.get(name).map_or_else(null, Cow::Borrowed),
            Node::Literal(value) => Cow::Borrowed(value),
            Node::Index(index) => element(at, *index).map_or_else(null, Cow::Borrowed),
            Node::Slice { start, stop, step } => self.slice(at, (*start, *stop, *step))?,
            Node::Then(first, second) => match self.node(first, at)? {
                Cow::Borrowed(value) => self.node(second, value)?,
                Cow::Owned(value) => {
                    let found = self.node(second, &value)?;
                    Cow::Owned(self.own(found)?)
                }
            },
            Node::Flatten(list) => self.flatten(list, at)?,
            Node::Each(list, each) => {
                let list = self.node(list, at)?;
                let Value::Array(all) = list.as_ref() else { return Ok(null()) };
                self.each(all.iter(), each)?
            }
            Node::EachValue(object, each) => {
                let object = self.node(object, at)?;
                let Value::Object(all) = object.as_ref() else { return Ok(null()) };
                self.each(all.values(), each)?
            }
            Node::Filtered { list, condition, each } => self.filtered((list, condition, each), at)?,
            Node::Or(first, second) => match self.node(first, at)? {
                found if is_true(found.as_ref()) => found,
                _ => self.node(second, at)?,
            },
            Node::And(first, second) => match self.node(first, at)? {
                found if is_true(found.as_ref()) => self.node(second, at)?,
                found => found,
            },
            Node::Not(only) => Cow::Owned(Value::Bool(!is_true(self.node(only, at)?.as_ref()))),
            Node::Compare(comparison, first, second) => {
                let (first, second) = (self.node(first, at)?, self.node(second, at)?);
                self.work.take(size(first.as_ref()).min(size(second.as_ref())))?;
                compare(*comparison, first.as_ref(), second.as_ref()).map_or_else(null, Cow::Owned)
            }
            // Nothing has members that null lacks.
            Node::List(_) | Node::Hash(_) if at.is_null() => null(),
            Node::List(all) => {
                let mut list = Vec::with_capacity(all.len());
                for one in all {
                    list.push(self.owned(one, at)?);
                }
                Cow::Owned(Value::Array(list))
            }
            Node::Hash(all) => {
                let mut object = Map::new();
                for (name, one) in all {
                    self.work.take_text(name.len())?;
                    object.insert(name.clone(), self.owned(one, at)?);
                }
                Cow::Owned(Value::Object(object))
            }
            // Parsed as an argument only, where the function evaluates what is in it.
            Node::Reference(_) => null(),
            Node::Call(builtin, arguments) => builtin.call(self, arguments, at)?,
            Node::CallNamed(named, arguments) => self.named(named, arguments, at)?,
        })
    }

    /// The value as one of its own; what is copied counts as work.
    pub fn own(&mut self, found: Cow<'_, Value>) -> Result<Value, Failure> {
        if let Cow::Borrowed(value) = &found {
            self.work.take(size(value))?;
        }
        Ok(found.into_owned())
    }

    /// The same for a part.
    pub fn owned(&mut self, node: &Node, at: &Value) -> Result<Value, Failure> {
        let found = self.node(node, at)?;
        self.own(found)
    }

    /// The values of `each` for all of these, without null.
    fn each<'v, 'a>(&mut self, all: impl Iterator<Item = &'a Value>, each: &Node) -> Found<'v> {
        let mut found = Vec::new();
        for one in all {
            let value = self.owned(each, one)?;
            if !value.is_null() {
                found.push(value);
            }
        }
        Ok(Cow::Owned(Value::Array(found)))
    }

    fn filtered<'v>(&mut self, (list, condition, each): (&Node, &Node, &Node), at: &Value) -> Found<'v> {
        let list = self.node(list, at)?;
        let Value::Array(all) = list.as_ref() else { return Ok(null()) };
        let mut found = Vec::new();
        for one in all {
            if is_true(self.node(condition, one)?.as_ref()) {
                let value = self.owned(each, one)?;
                if !value.is_null() {
                    found.push(value);
                }
            }
        }
        Ok(Cow::Owned(Value::Array(found)))
    }

    fn flatten<'v>(&mut self, list: &Node, at: &Value) -> Found<'v> {
        let list = self.node(list, at)?;
        let Value::Array(all) = list.as_ref() else { return Ok(null()) };
        let mut flat = Vec::new();
        for one in all {
            self.work.take(size(one))?;
            match one {
                Value::Array(inner) => flat.extend(inner.iter().cloned()),
                other => flat.push(other.clone()),
            }
        }
        Ok(Cow::Owned(Value::Array(flat)))
    }

    fn slice<'v>(&mut self, at: &Value, (start, stop, step): (Option<i64>, Option<i64>, i64)) -> Found<'v> {
        let Value::Array(all) = at else { return Ok(null()) };
        let length = all.len() as i64;
        let (lowest, highest) = if step > 0 { (0, length) } else { (-1, length - 1) };
        let bound = |given: Option<i64>, default| {
            given.map_or(default, |given| {
                (if given < 0 { given.saturating_add(length) } else { given }).clamp(lowest, highest)
            })
        };
        let (first, last) = if step > 0 { (lowest, highest) } else { (highest, lowest) };
        let (mut place, stop) = (bound(start, first), bound(stop, last));
        let mut found = Vec::new();
        while (step > 0 && place < stop) || (step < 0 && place > stop) {
            if let Some(one) = all.get(place as usize) {
                self.work.take(size(one))?;
                found.push(one.clone());
            }
            place = place.saturating_add(step);
        }
        Ok(Cow::Owned(Value::Array(found)))
    }

    /// The expression sees an object with its parameters, and nothing of the current value.
    fn named<'v>(&mut self, named: &Named, arguments: &[Node], at: &Value) -> Found<'v> {
        let mut object = Map::new();
        for (parameter, argument) in named.parameters.iter().zip(arguments) {
            object.insert(parameter.clone(), self.owned(argument, at)?);
        }
        let object = Value::Object(object);
        Ok(Cow::Owned(self.owned(&named.body, &object)?))
    }
}

fn element(at: &Value, index: i64) -> Option<&Value> {
    let all = at.as_array()?;
    let index = if index < 0 { index.checked_add(all.len() as i64)? } else { index };
    all.get(usize::try_from(index).ok()?)
}

fn compare(comparison: Comparison, first: &Value, second: &Value) -> Option<Value> {
    let is = match comparison {
        Comparison::Equal => equal(first, second),
        Comparison::NotEqual => !equal(first, second),
        Comparison::Less => order(first, second)?.is_lt(),
        Comparison::LessOrEqual => order(first, second)?.is_le(),
        Comparison::Greater => order(first, second)?.is_gt(),
        Comparison::GreaterOrEqual => order(first, second)?.is_ge(),
    };
    Some(Value::Bool(is))
}
