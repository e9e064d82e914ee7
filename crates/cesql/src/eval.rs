//! Evaluation of an expression with the attributes of an event to a value and errors (CESQL 3).
//!
//! Evaluation always returns a value. A subexpression with a missing attribute has the zero value of its own type; the
//! attribute is not replaced by a zero value inside it (CESQL 3.2). Where the text and the test suite of the standard
//! differ, this follows the test suite: a comparison or calculation with an operand that had an error is the zero value
//! too, and NOT of an integer is an error, although an integer can be cast to a Boolean elsewhere.

use crate::{
    Error, Value,
    ast::{Node, Operator},
    budget::Budget,
    error::Errors,
    functions::Function,
    like,
    value::{Type, cast_error},
};

/// The context attributes of one event.
pub trait Attributes {
    /// The value of an attribute, `specversion` included; `name` is in lower case.
    fn get(&self, name: &str) -> Option<Value<'_>>;
}

impl<F: for<'n> Fn(&'n str) -> Option<Value<'static>>> Attributes for F {
    fn get(&self, name: &str) -> Option<Value<'_>> {
        self(name)
    }
}

/// The result of an evaluation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation<'a> {
    /// The value of the expression.
    pub value: Value<'a>,
    /// All errors in the order they occurred.
    pub errors: Vec<Error>,
}

/// Evaluates an expression.
pub(crate) fn evaluate<'a>(root: &'a Node, attributes: &'a dyn Attributes) -> Evaluation<'a> {
    let mut evaluator = Evaluator { attributes, errors: Errors::collect_all(), budget: Budget::new() };
    let value = evaluator.node(root).unwrap_or(Value::Boolean(false));
    Evaluation { value, errors: evaluator.errors.into_vec() }
}

/// Whether an expression is true without errors.
pub(crate) fn matches(root: &Node, attributes: &dyn Attributes) -> bool {
    let mut evaluator = Evaluator { attributes, errors: Errors::count_only(), budget: Budget::new() };
    evaluator.node(root) == Some(Value::Boolean(true)) && evaluator.errors.count() == 0
}

struct Evaluator<'a> {
    attributes: &'a dyn Attributes,
    errors: Errors,
    budget: Budget,
}

impl<'a> Evaluator<'a> {
    /// The value of a node; `None` for an attribute that the event does not have.
    fn node(&mut self, node: &'a Node) -> Option<Value<'a>> {
        Some(match node {
            Node::Boolean(truth) => Value::Boolean(*truth),
            Node::Integer(number) => Value::Integer(*number),
            Node::String(text) => Value::from(text.as_str()),
            Node::Attribute(name) => {
                let value = self.attributes.get(name);
                if value.is_none() {
                    self.errors.add(|| Error::MissingAttribute(name.clone()));
                }
                return value;
            }
            Node::Exists(name) => Value::Boolean(self.attributes.get(name).is_some()),
            Node::Not(operand) => Value::Boolean(self.logical_not(operand).unwrap_or(false)),
            Node::Negate(operand) => match self.cast(operand, Type::Integer) {
                Some(Value::Integer(number)) => self.number(number.checked_neg()),
                _ => Value::Integer(0),
            },
            Node::Binary(operator @ (Operator::And | Operator::Or | Operator::Xor), left, right) => {
                Value::Boolean(self.logic(*operator, left, right))
            }
            Node::Binary(operator @ (Operator::Equal | Operator::NotEqual), left, right) => {
                let equal = self.equal(left, right);
                Value::Boolean(equal.is_some_and(|equal| equal == (*operator == Operator::Equal)))
            }
            Node::Binary(operator, left, right) => self.numbers(*operator, left, right),
            Node::Like { operand, pattern, negated } => match self.cast(operand, Type::String) {
                Some(Value::String(text)) => Value::Boolean(like::matches(&text, pattern) != *negated),
                _ => Value::Boolean(false),
            },
            Node::In { operand, set, negated } => {
                Value::Boolean(self.is_in(operand, set).is_some_and(|found| found != *negated))
            }
            Node::Call(function, arguments) => self.call(*function, arguments),
            Node::UnknownCall { name, arguments } => {
                self.errors.add(|| Error::MissingFunction { name: name.clone(), arguments: *arguments });
                Value::Boolean(false)
            }
        })
    }

    /// The value of a node cast to `target`, or the zero value if the cast fails; `None` if it is missing.
    fn cast(&mut self, node: &'a Node, target: Type) -> Option<Value<'a>> {
        let value = self.node(node)?;
        Some(value.cast(target).unwrap_or_else(|error| {
            self.errors.add(|| error);
            target.zero()
        }))
    }

    /// The value of an operand of AND, OR or XOR; false if it is not a Boolean, `None` if it is missing.
    fn truth(&mut self, node: &'a Node) -> Option<bool> {
        let truth = self.node(node)?.boolean();
        Some(truth.unwrap_or_else(|error| {
            self.errors.add(|| error);
            false
        }))
    }

    /// NOT of an operand. The test suite makes NOT of an integer an error, while AND, OR and XOR cast it.
    fn logical_not(&mut self, node: &'a Node) -> Option<bool> {
        let truth = match self.node(node)? {
            Value::Integer(number) => Err(cast_error(&number.to_string(), Type::Boolean)),
            value => value.boolean(),
        };
        Some(!truth.unwrap_or_else(|error| {
            self.errors.add(|| error);
            false
        }))
    }

    fn logic(&mut self, operator: Operator, left: &'a Node, right: &'a Node) -> bool {
        let Some(first) = self.truth(left) else { return false };
        match operator {
            Operator::And if !first => false,
            Operator::Or if first => true,
            Operator::Xor => self.truth(right).is_some_and(|second| first != second),
            _ => self.truth(right).unwrap_or(false),
        }
    }

    /// Equality with the left operand cast to the type of the right one (CESQL 3.7); `None` if an operand is missing,
    /// had an error, or cannot be cast.
    fn equal(&mut self, left: &'a Node, right: &'a Node) -> Option<bool> {
        let before = self.errors.count();
        let left = self.node(left);
        let right = self.node(right)?;
        let left = left.filter(|_| self.errors.count() == before)?;
        match left.cast(right.kind()) {
            Ok(left) => Some(left == right),
            Err(error) => {
                self.errors.add(|| error);
                None
            }
        }
    }

    fn is_in(&mut self, operand: &'a Node, set: &'a [Node]) -> Option<bool> {
        let wanted = self.node(operand)?;
        for node in set {
            match self.node(node)?.cast(wanted.kind()) {
                Ok(element) if element == wanted => return Some(true),
                Ok(_) => {}
                Err(error) => self.errors.add(|| error),
            }
        }
        Some(false)
    }

    /// Evaluates an operator that takes two integers.
    fn numbers(&mut self, operator: Operator, left: &'a Node, right: &'a Node) -> Value<'a> {
        let before = self.errors.count();
        let left = self.cast(left, Type::Integer);
        let right = self.cast(right, Type::Integer);
        let (Some(Value::Integer(x)), Some(Value::Integer(y)), true) = (left, right, self.errors.count() == before)
        else {
            return operator.result().zero();
        };
        match operator {
            Operator::Less => Value::Boolean(x < y),
            Operator::LessOrEqual => Value::Boolean(x <= y),
            Operator::Greater => Value::Boolean(x > y),
            Operator::GreaterOrEqual => Value::Boolean(x >= y),
            Operator::Add => self.number(x.checked_add(y)),
            Operator::Subtract => self.number(x.checked_sub(y)),
            Operator::Multiply => self.number(x.checked_mul(y)),
            Operator::Divide => self.number(x.checked_div(y)),
            // The smallest integer modulo -1 is 0, although the quotient overflows.
            _ => self.number((y != 0).then(|| x.wrapping_rem(y))),
        }
    }

    /// The result of arithmetic, or zero and an error if there is none.
    fn number(&mut self, result: Option<i32>) -> Value<'a> {
        Value::Integer(result.unwrap_or_else(|| {
            self.errors.add(|| Error::Math("division by zero, or a result that does not fit in 32 bits"));
            0
        }))
    }

    fn call(&mut self, function: Function, arguments: &'a [Node]) -> Value<'a> {
        let mut values = Vec::with_capacity(arguments.len());
        for (index, argument) in arguments.iter().enumerate() {
            let value = match function.parameter(index) {
                Some(target) => self.cast(argument, target),
                None => self.node(argument),
            };
            let Some(value) = value else { return function.result().zero() };
            values.push(value);
        }
        function.call(values, &mut self.errors, &mut self.budget)
    }
}
