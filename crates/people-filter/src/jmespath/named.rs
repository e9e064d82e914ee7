//! Named expressions: functions that an organisation defines in the configuration, instead of code (CH-73).

use std::{collections::BTreeMap, sync::Arc};

use super::{
    MAX_HEIGHT,
    ast::Node,
    functions::Builtin,
    parser::{self, Fault},
};

/// The most named expressions.
pub const MAX_FUNCTIONS: usize = 32;
/// The most parameters of one.
pub const MAX_PARAMETERS: usize = 8;
/// The longest name, in characters.
const MAX_NAME: usize = 40;

/// One of them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub parameters: Vec<String>,
    pub body: Node,
    /// That of the body.
    pub height: usize,
}

/// The named expressions, by name. Each may call those that were declared before it, so none can call itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Functions(BTreeMap<String, Arc<Named>>);

impl Functions {
    /// Adds one. Its expression is evaluated with an object that has a member for each parameter.
    ///
    /// # Errors
    /// The rule that its name, a parameter or the expression breaks. A call of itself is one of an unknown function.
    pub fn declare(&mut self, name: &str, parameters: &[String], expression: &str) -> Result<(), Fault> {
        let fault = |rule| Err(Fault::new(0, rule));
        if self.0.len() == MAX_FUNCTIONS {
            return fault("there may be at most 32 named expressions");
        }
        if !is_name(name) {
            return fault("the name must have 1 to 40 small letters, digits and underscores, and begin with a letter");
        }
        if Builtin::of(name).is_some() || self.0.contains_key(name) {
            return fault("there is a function of this name already");
        }
        if parameters.len() > MAX_PARAMETERS || !parameters.iter().all(|own| is_name(own)) {
            return fault("the parameters must be at most 8 names like that of a named expression");
        }
        if parameters.iter().enumerate().any(|(at, own)| parameters[..at].contains(own)) {
            return fault("a parameter is there twice");
        }
        let body = parser::parse(expression, self)?;
        let height = body.height();
        if height >= MAX_HEIGHT {
            return fault("it calls too many named expressions inside each other");
        }
        self.0.insert(name.to_owned(), Arc::new(Named { parameters: parameters.to_vec(), body, height }));
        Ok(())
    }

    pub(super) fn get(&self, name: &str) -> Option<&Arc<Named>> {
        self.0.get(name)
    }
}

fn is_name(name: &str) -> bool {
    let is_in = |own: u8| own.is_ascii_lowercase() || own.is_ascii_digit() || own == b'_';
    name.len() <= MAX_NAME && name.starts_with(|own: char| own.is_ascii_lowercase()) && name.bytes().all(is_in)
}
