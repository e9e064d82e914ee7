//! What holds for every text: parsing and evaluating never panic, and end.

use cesql::{Expression, Value};
use proptest::prelude::*;

fn attributes(name: &str) -> Option<Value<'static>> {
    match name {
        "id" => Some(Value::from("1")),
        "hop" => Some(Value::Integer(i32::MIN)),
        _ => None,
    }
}

/// Texts made of the pieces of the language, most of them no expressions.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "(",
        ")",
        ",",
        "NOT",
        "AND",
        "OR",
        "XOR",
        "=",
        "<>",
        "<",
        "+",
        "-",
        "*",
        "/",
        "%",
        "LIKE",
        "IN",
        "EXISTS",
        "id",
        "hop",
        "missing",
        "1",
        "0",
        "-2147483648",
        "'a%_'",
        "\"b\\\"\"",
        "TRUE",
        "LENGTH(",
        "SUBSTRING(",
        "CONCAT_WS(",
        "ABS(",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.join(" "))
}

proptest! {
    #[test]
    fn any_text_parses_or_not(text in ".{0,200}") {
        let _ = Expression::parse(&text);
    }

    #[test]
    fn what_parses_evaluates(text in pieces()) {
        if let Ok(expression) = Expression::parse(&text) {
            let once = expression.evaluate(&attributes);
            prop_assert_eq!(&once, &expression.evaluate(&attributes));
            prop_assert_eq!(expression.matches(&attributes), once.errors.is_empty() && once.value == Value::Boolean(true));
        }
    }
}
