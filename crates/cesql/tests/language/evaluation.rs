//! Evaluation by requirement: expression, expected value and expected errors.

use cesql::{Error, Expression, Value};

/// The attributes of the event all cases are evaluated on.
fn attributes(name: &str) -> Option<Value<'static>> {
    Some(match name {
        "specversion" => Value::from("1.0"),
        "id" => Value::from("1"),
        "source" => Value::from("urn:nld:oin:00000001823288444000:systeem:zaken"),
        "type" => Value::from("nl.overheid.zaken.zaak-geopend"),
        "time" => Value::from("2018-04-05T17:31:00Z"),
        "sequence" => Value::from("0010"),
        "hop" => Value::Integer(3),
        "ttl" => Value::from("16"),
        "deprecated" => Value::Boolean(true),
        _ => return None,
    })
}

/// Checks an expression that gives a value without errors.
fn check<'a>(text: &str, expected: impl Into<Value<'a>>) {
    check_with(text, expected, &[]);
}

/// Checks an expression that gives a value and errors of these kinds.
fn check_with<'a>(text: &str, expected: impl Into<Value<'a>>, kinds: &[&str]) {
    let expression = Expression::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let evaluation = expression.evaluate(&attributes);
    assert_eq!(evaluation.value, expected.into(), "{text}");
    assert_eq!(evaluation.errors.iter().map(kind).collect::<Vec<_>>(), kinds, "{text}");
}

fn kind(error: &Error) -> &'static str {
    match error {
        Error::Math(_) => "math",
        Error::Cast { .. } => "cast",
        Error::MissingAttribute(_) => "missingAttribute",
        Error::MissingFunction { .. } => "missingFunction",
        Error::FunctionEvaluation { .. } => "functionEvaluation",
    }
}

const TRUE: Value<'_> = Value::Boolean(true);
const FALSE: Value<'_> = Value::Boolean(false);

const fn int<'a>(number: i32) -> Value<'a> {
    Value::Integer(number)
}

#[test]
fn filters_pass_only_true_without_errors_ce_sql_02() {
    for (text, passes) in [("TRUE", true), ("1", false), ("'true'", false), ("missing = 1", false), ("FALSE", false)] {
        assert_eq!(Expression::parse(text).expect(text).matches(&attributes), passes, "{text}");
    }
    assert!(
        Expression::parse("TRUE OR missing").expect("valid").matches(&attributes),
        "the right side is not looked at"
    );
}

#[test]
fn parse_errors_say_where_ce_sql_03_ce_sql_06() {
    for (text, position) in [
        ("ABC(", 4),
        ("type LIKE 123", 10),
        ("", 0),
        ("a = ", 4),
        ("(TRUE", 5),
        ("TRUE)", 4),
        ("TRUE FALSE", 5),
        ("'open", 0),
        ("a IN ()", 6),
        ("a ! b", 2),
        ("EXISTS 'a'", 7),
        ("my_ext = 1", 0),
        ("1 + F1(2)", 4),
        ("2147483648", 0),
        ("é = 1", 0),
    ] {
        let error = Expression::parse(text).expect_err(text);
        assert_eq!(error.position, position, "{text}: {error}");
    }
    check("-2147483648", int(i32::MIN));
}

#[test]
fn case_does_not_matter_in_keywords_ce_sql_05() {
    check("int(hop) < int(ttl) and TRUE", TRUE);
    check("INT(hop) < INT(ttl) AND true", TRUE);
    check("EXISTS SOURCE", TRUE);
    check("'aBcD'", Value::from("aBcD"));
    check(r"'it\'s a \ and \\'", Value::from(r"it's a \ and \\"));
}

#[test]
fn attributes_are_addressed_ce_sql_07_ce_sql_13() {
    check("time = '2018-04-05T17:31:00Z'", TRUE);
    check("hop", int(3));
    check("deprecated", TRUE);
    check_with("missing", FALSE, &["missingAttribute"]);
    check_with("data", FALSE, &["missingAttribute"]);
    check_with("true AND (missing = '')", FALSE, &["missingAttribute"]);
    check_with("missing * 5", int(0), &["missingAttribute"]);
    check_with("1 / missing", int(0), &["missingAttribute"]);
    check_with("NOT missing", FALSE, &["missingAttribute"]);
    check_with("missing != 2", FALSE, &["missingAttribute"]);
    check_with("missing NOT LIKE 'a'", FALSE, &["missingAttribute"]);
    check_with("UPPER(missing)", Value::from(""), &["missingAttribute"]);
}

#[test]
fn operators_ce_sql_09() {
    for (text, expected) in [
        ("2 + 3 * 4", int(14)),
        ("(2 + 3) * 4", int(20)),
        ("10 - 2 - 3", int(5)),
        ("-7 / 2", int(-3)),
        ("-7 % 2", int(-1)),
        ("-2147483648 % -1", int(0)),
        ("- (3)", int(-3)),
        ("+5", int(5)),
        ("1 < 2", TRUE),
        ("2 <= 1", FALSE),
        ("2 <> 1", TRUE),
        ("2 != 2", FALSE),
        ("TRUE XOR FALSE", TRUE),
        ("NOT TRUE", FALSE),
        ("type LIKE 'nl.%.zaak-ge_pend'", TRUE),
        ("type NOT LIKE '%x%'", TRUE),
        ("hop LIKE '_'", TRUE),
        ("EXISTS ttl AND NOT EXISTS missing", TRUE),
        ("id IN ('1', '2')", TRUE),
        ("id NOT IN ('1', '2')", FALSE),
    ] {
        check(text, expected);
    }
}

#[test]
fn functions_ce_sql_10() {
    for (text, expected) in [
        ("LENGTH('zaak €')", int(6)),
        ("CONCAT('a', 1, TRUE)", Value::from("a1true")),
        ("CONCAT()", Value::from("")),
        ("CONCAT_WS('-', 'a', 'b', 'c')", Value::from("a-b-c")),
        ("LOWER('ABC')", Value::from("abc")),
        ("UPPER('abc')", Value::from("ABC")),
        ("TRIM('  a ')", Value::from("a")),
        ("LEFT('zaak', 2)", Value::from("za")),
        ("LEFT('zaak', 9)", Value::from("zaak")),
        ("RIGHT('zaak', 2)", Value::from("ak")),
        ("SUBSTRING('zaken', 2)", Value::from("aken")),
        ("SUBSTRING('zaken', -2)", Value::from("en")),
        ("SUBSTRING('zaken', 2, 3)", Value::from("ake")),
        ("SUBSTRING('zaken', 4, 9)", Value::from("en")),
        ("SUBSTRING('zaken', 0)", Value::from("")),
        ("ABS(-5)", int(5)),
        ("INT('12')", int(12)),
        ("BOOL('True')", TRUE),
        ("STRING(12)", Value::from("12")),
        ("IS_INT('12')", TRUE),
        ("IS_BOOL('x')", FALSE),
    ] {
        check(text, expected);
    }
}

#[test]
fn every_kind_of_error_ce_sql_08() {
    check_with("1 / 0", int(0), &["math"]);
    check_with("1 % 0", int(0), &["math"]);
    check_with("2147483647 + 1", int(0), &["math"]);
    check_with("ABS(-2147483648)", int(i32::MAX), &["math"]);
    check_with("INT('x')", int(0), &["cast"]);
    check_with("'x' AND TRUE", FALSE, &["cast"]);
    check_with("missing", FALSE, &["missingAttribute"]);
    check_with("ONBEKEND(1, 2)", FALSE, &["missingFunction"]);
    check_with("LEFT('a')", FALSE, &["missingFunction"]);
    check_with("LEFT('abc', -1)", Value::from("abc"), &["functionEvaluation"]);
    check_with("SUBSTRING('abc', 4)", Value::from(""), &["functionEvaluation"]);
    check_with("SUBSTRING('abc', 1, -1)", Value::from(""), &["functionEvaluation"]);
}

#[test]
fn order_and_short_circuit_ce_sql_11() {
    check("FALSE AND (1 / 0 = 0)", FALSE);
    check("TRUE OR (1 / 0 = 0)", TRUE);
    check_with("TRUE AND (1 != 1 / 0)", FALSE, &["math"]);
    check_with("FALSE OR (1 != 1 / 0)", FALSE, &["math"]);
    check("NOT FALSE = TRUE", TRUE);
    check("1 + 1 = 2 AND 3 > 2", TRUE);
}

#[test]
fn casts_ce_sql_12() {
    check("sequence = 10", TRUE);
    check("TRUE = 'TRUE'", FALSE);
    check("TRUE = 'true' AND FALSE = 'false'", TRUE);
    check("1 IN ('1', '2')", TRUE);
    check("'1' IN (1, 2)", TRUE);
    check("'true' IN (TRUE, 'false')", TRUE);
    check("hop = TRUE", TRUE);
    check_with("'x' = 10", FALSE, &["cast"]);
    check_with("NOT 10", TRUE, &["cast"]);
    check("10 AND TRUE", TRUE);
    check("FALSE OR 0", FALSE);
    check("TRUE XOR hop", FALSE);
    check("BOOL(10)", TRUE);
}

#[test]
fn size_and_depth_are_bounded() {
    assert!(Expression::parse(&"NOT ".repeat(63).chars().chain("TRUE".chars()).collect::<String>()).is_ok());
    assert!(Expression::parse(&format!("{}TRUE", "NOT ".repeat(64))).is_err());
    assert!(Expression::parse(&format!("{}TRUE{}", "(".repeat(100), ")".repeat(100))).is_err());
    assert!(Expression::parse(&format!("'{}'", "x".repeat(cesql::MAX_LENGTH))).is_err());
    assert!(Expression::parse(&vec!["1"; 512].join("+")).is_ok());
    assert!(Expression::parse(&vec!["1"; 513].join("+")).is_err());
    let long = vec!["TRUE"; 400].join(" AND ");
    assert!(Expression::parse(&long).expect("long but flat").matches(&attributes));
}
