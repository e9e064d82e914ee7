//! `gateway cesql EXPRESSION`: evaluates CloudEvents SQL over an event on standard input, to try a filter out.

use std::{
    io::{Read, stdin},
    process::ExitCode,
};

use cesql::{Expression, Value};
use translator::{Limits, Strictness, cloudevents::structured};

use super::Failure;

/// The largest event that is read, in bytes.
const MAX_EVENT: u64 = 1024 * 1024;

/// Prints the result, then each error on the error stream; fails when an event would not pass such a filter.
pub fn run(expression: &str) -> Result<ExitCode, Failure> {
    let parsed = Expression::parse(expression).map_err(|error| format!("{expression:?}: {error}"))?;
    let mut event = Vec::new();
    stdin().take(MAX_EVENT).read_to_end(&mut event)?;
    let event = structured::decode(&event.into(), Strictness::Lenient, &Limits::default())
        .map_err(|error| format!("the event on standard input (structured, JSON): {error}"))?;
    let evaluation = parsed.evaluate(&event);
    match &evaluation.value {
        Value::Boolean(truth) => println!("{truth}"),
        Value::Integer(number) => println!("{number}"),
        Value::String(text) => println!("{text:?}"),
    }
    for error in &evaluation.errors {
        eprintln!("{error}");
    }
    Ok(if parsed.matches(&event) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
