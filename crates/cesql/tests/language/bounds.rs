//! What an evaluation makes is bounded, whatever the product of expression and event.

use cesql::{Error, Expression, MAX_MADE, Value};

const SUBJECT: usize = 1_000_000;

fn evaluated(text: &str) -> (bool, Vec<Error>) {
    let subject = "x".repeat(SUBJECT);
    let attributes = move |name: &str| (name == "subject").then(|| Value::String(subject.clone().into()));
    let expression = Expression::parse(text).expect(text);
    let errors = expression.evaluate(&attributes).errors;
    (expression.matches(&attributes), errors)
}

fn repeated(part: &str, times: usize) -> String {
    vec![part; times].join(", ")
}

#[test]
fn d9_an_expression_makes_a_bounded_text() {
    let concat = format!("LENGTH(CONCAT({})) > 5", repeated("subject", 400));
    let with_delimiter = format!("LENGTH(CONCAT_WS(subject, {})) > 5", repeated("'a'", 400));
    let doubled = (0..20).fold("subject".to_owned(), |inner, _| format!("CONCAT({inner}, {inner})")[..].to_owned());
    let nested = "LENGTH(CONCAT(UPPER(subject), LOWER(subject))) > 5";
    for (expression, function) in [(concat.as_str(), "CONCAT"), (&with_delimiter, "CONCAT_WS"), (nested, "LOWER")] {
        let (matches, errors) = evaluated(expression);
        assert!(!matches, "{function}");
        let failed =
            |error: &Error| matches!(error, Error::FunctionEvaluation { function: own, .. } if *own == function);
        assert!(errors.iter().any(failed), "{function}: {errors:?}");
    }
    assert!(Expression::parse(&doubled).is_err(), "an expression is bounded itself");
    let (matches, errors) = evaluated("LENGTH(CONCAT(subject, 'a')) = 1000001 AND LENGTH(LEFT(subject, 10)) = 10");
    assert!(matches && errors.is_empty() && SUBJECT + 1 < MAX_MADE);
}

#[test]
fn d9_an_error_repeats_the_start_of_a_value_only() {
    let (_, errors) = evaluated("INT(subject) = 1");
    assert!(errors.iter().all(|error| error.to_string().len() < 200), "{}", errors.len());
    assert!(!errors.is_empty());
}
