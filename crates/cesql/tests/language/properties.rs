//! Properties of all expressions, compared with short reference implementations: arithmetic with 64 bits, LIKE with a
//! direct matcher, texts with lists of characters, logic with truth tables.

use cesql::{Error, Evaluation, Expression, Value};
use proptest::prelude::*;

/// The attributes of the event: one of each type, the rest missing.
fn attributes(name: &str) -> Option<Value<'static>> {
    match name {
        "id" => Some(Value::from("1")),
        "hop" => Some(Value::Integer(i32::MIN)),
        "deprecated" => Some(Value::Boolean(true)),
        _ => None,
    }
}

/// The value, and whether there was an error.
fn value(text: &str) -> (Value<'static>, bool) {
    let expression = Expression::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let Evaluation { value, errors } = expression.evaluate(&attributes);
    let value = match value {
        Value::Boolean(truth) => Value::Boolean(truth),
        Value::Integer(number) => Value::Integer(number),
        Value::String(text) => Value::String(text.into_owned().into()),
    };
    (value, !errors.is_empty())
}

fn good(value: Value<'static>) -> (Value<'static>, bool) {
    (value, false)
}

/// A text as a literal. It must not end in a backslash, which would escape the quote.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "\\'"))
}

/// Texts with characters of several bytes, and with those that mean something in a pattern or a literal.
fn texts() -> impl Strategy<Value = String> {
    "[abAé€😀%_' \"]{0,8}"
}

/// Whole numbers, the ends of their range more often than chance has it.
fn numbers() -> impl Strategy<Value = i32> {
    prop_oneof![any::<i32>(), -3..4, Just(i32::MIN), Just(i32::MAX)]
}

/// LIKE by the book, on lists.
fn matches(text: &[char], pattern: &[char]) -> bool {
    match pattern {
        [] => text.is_empty(),
        ['%', rest @ ..] => (0..=text.len()).any(|skip| matches(&text[skip..], rest)),
        ['_', rest @ ..] => !text.is_empty() && matches(&text[1..], rest),
        ['\\', wanted @ ('%' | '_'), rest @ ..] | [wanted, rest @ ..] => {
            text.first() == Some(wanted) && matches(&text[1..], rest)
        }
    }
}

/// What a side of a logical operator can be: the text, and its truth or an error.
fn sides() -> impl Strategy<Value = (&'static str, Option<bool>)> {
    prop::sample::select(vec![
        ("TRUE", Some(true)),
        ("false", Some(false)),
        ("'True'", Some(true)),
        ("(1 < 2)", Some(true)),
        ("(id = 2)", Some(false)),
        ("deprecated", Some(true)),
        ("'x'", None),
        ("missing", None),
    ])
}

/// An expression of every kind of operation, some of which end in errors.
fn expressions() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("TRUE".to_owned()),
        numbers().prop_map(|number| number.to_string()),
        texts().prop_map(|text| literal(&text)),
        prop::sample::select(vec!["id", "hop", "deprecated", "missing"]).prop_map(str::to_owned),
        Just("EXISTS hop".to_owned()),
    ];
    leaf.prop_recursive(5, 40, 3, |inner| {
        let binary = prop::sample::select(vec![
            "AND", "OR", "XOR", "=", "!=", "<>", "<", "<=", ">", ">=", "+", "-", "*", "/", "%",
        ]);
        let function = prop::sample::select(vec![
            "LENGTH",
            "CONCAT",
            "CONCAT_WS",
            "LOWER",
            "UPPER",
            "TRIM",
            "LEFT",
            "RIGHT",
            "SUBSTRING",
            "ABS",
            "INT",
            "BOOL",
            "STRING",
            "IS_INT",
            "IS_BOOL",
            "NO_SUCH",
        ]);
        prop_oneof![
            (inner.clone(), binary, inner.clone())
                .prop_map(|(left, operator, right)| format!("({left} {operator} {right})")),
            inner.clone().prop_map(|operand| format!("NOT {operand}")),
            inner.clone().prop_map(|operand| format!("- {operand}")),
            (inner.clone(), texts()).prop_map(|(operand, pattern)| format!("({operand}) LIKE {}", literal(&pattern))),
            (inner.clone(), prop::collection::vec(inner.clone(), 1..3), any::<bool>()).prop_map(
                |(operand, set, negated)| {
                    format!("({operand}) {}IN ({})", if negated { "NOT " } else { "" }, set.join(", "))
                }
            ),
            (function, prop::collection::vec(inner, 0..4))
                .prop_map(|(function, arguments)| format!("{function}({})", arguments.join(", "))),
        ]
    })
}

proptest! {
    #[test]
    fn arithmetic_is_that_of_64_bits_within_32_ce_sql_09(x in numbers(), y in numbers()) {
        let (wide_x, wide_y) = (i64::from(x), i64::from(y));
        for (operator, result) in [
            ("+", Some(wide_x + wide_y)),
            ("-", Some(wide_x - wide_y)),
            ("*", Some(wide_x * wide_y)),
            ("/", wide_x.checked_div(wide_y)),
            ("%", wide_x.checked_rem(wide_y)),
        ] {
            let expected = match result.and_then(|result| i32::try_from(result).ok()) {
                Some(number) => good(Value::Integer(number)),
                None => (Value::Integer(0), true),
            };
            // Beside spaces and without, as literals and as texts that are cast.
            for text in [format!("{x} {operator} {y}"), format!("({x}){operator}{y}"), format!("'{x}' {operator} '{y}'")] {
                prop_assert_eq!(value(&text), expected.clone(), "{}", text);
            }
        }
        for (operator, truth) in [
            ("=", x == y), ("!=", x != y), ("<>", x != y), ("<", x < y), ("<=", x <= y), (">", x > y), (">=", x >= y),
        ] {
            prop_assert_eq!(value(&format!("{x} {operator} {y}")), good(Value::Boolean(truth)), "{}", operator);
        }
        let negated = x.checked_neg();
        prop_assert_eq!(value(&format!("-({x})")), (Value::Integer(negated.unwrap_or(0)), negated.is_none()));
        let absolute = x.checked_abs();
        prop_assert_eq!(value(&format!("ABS({x})")), (Value::Integer(absolute.unwrap_or(i32::MAX)), absolute.is_none()));
    }

    #[test]
    fn casts_go_and_come_back_ce_sql_12(number in numbers(), truth in any::<bool>()) {
        prop_assert_eq!(value(&format!("STRING({number})")), good(Value::String(number.to_string().into())));
        prop_assert_eq!(value(&format!("INT(STRING({number}))")), good(Value::Integer(number)));
        prop_assert_eq!(value(&format!("BOOL({number})")), good(Value::Boolean(number != 0)));
        prop_assert_eq!(value(&format!("BOOL(STRING({truth}))")), good(Value::Boolean(truth)));
        prop_assert_eq!(value(&format!("INT({truth})")), good(Value::Integer(i32::from(truth))));
        prop_assert_eq!(value(&format!("{number} = '{number}'")), good(Value::Boolean(true)));
        prop_assert_eq!(value(&format!("'{number}' = {number}")), good(Value::Boolean(true)));
    }

    #[test]
    fn a_text_is_an_integer_when_it_is_one_of_32_bits_ce_sql_12(text in "[+-]?[0-9]{0,11}|[0-9a ]{1,4}") {
        let digits = text.strip_prefix(['+', '-']).unwrap_or(&text);
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let number = is_number.then(|| text.parse::<i64>().ok()).flatten().and_then(|wide| i32::try_from(wide).ok());
        prop_assert_eq!(value(&format!("INT('{text}')")), (Value::Integer(number.unwrap_or(0)), number.is_none()));
        prop_assert_eq!(value(&format!("IS_INT('{text}')")), good(Value::Boolean(number.is_some())));
    }

    #[test]
    fn logic_has_its_truth_tables_and_stops_early_ce_sql_11((x, left) in sides(), (y, right) in sides()) {
        for (operator, stops, table) in [
            ("AND", Some(false), (|a, b| a && b) as fn(bool, bool) -> bool),
            ("OR", Some(true), |a, b| a || b),
            ("XOR", None, |a, b| a != b),
        ] {
            let text = format!("{x} {operator} {y}");
            if left == stops && left.is_some() {
                prop_assert_eq!(value(&text), good(Value::Boolean(left == Some(true))), "{}", text);
                continue;
            }
            match (left, right) {
                (Some(a), Some(b)) => prop_assert_eq!(value(&text), good(Value::Boolean(table(a, b))), "{}", text),
                _ => prop_assert!(value(&text).1, "{}", text),
            }
        }
    }

    #[test]
    fn like_is_what_the_book_says_ce_sql_09(text in "[ab%_\\\\é]{0,7}", pattern in "[ab%_\\\\é]{0,6}[ab%_é]?") {
        // A backslash before the closing quote would escape it.
        prop_assume!(!text.ends_with('\\') && !pattern.ends_with('\\'));
        let expected = matches(&text.chars().collect::<Vec<_>>(), &pattern.chars().collect::<Vec<_>>());
        let (text, pattern) = (literal(&text), literal(&pattern));
        prop_assert_eq!(value(&format!("{text} LIKE {pattern}")), good(Value::Boolean(expected)));
        prop_assert_eq!(value(&format!("{text} NOT LIKE {pattern}")), good(Value::Boolean(!expected)));
    }

    #[test]
    fn texts_are_sequences_of_characters_ce_sql_10(text in texts(), other in texts(), count in -2..10_i32, length in -1..10_i32) {
        let chars: Vec<char> = text.chars().collect();
        let quoted = literal(&text);
        let size = chars.len() as i32;
        let string = |chars: &[char]| Value::String(chars.iter().collect::<String>().into());
        prop_assert_eq!(value(&quoted), good(string(&chars)));
        prop_assert_eq!(value(&format!("LENGTH({quoted})")), good(Value::Integer(size)));
        prop_assert_eq!(value(&format!("CONCAT({quoted}, {})", literal(&other))), good(Value::String(format!("{text}{other}").into())));
        let taken = if count < 0 { size } else { count.min(size) } as usize;
        prop_assert_eq!(value(&format!("LEFT({quoted}, {count})")), (string(&chars[..taken]), count < 0));
        prop_assert_eq!(value(&format!("RIGHT({quoted}, {count})")), (string(&chars[chars.len() - taken..]), count < 0));
        let (from, wrong) = match count {
            0 => (size, false),
            1.. => (count - 1, count > size),
            _ => (size + count, count < -size),
        };
        let rest = if wrong { &[][..] } else { &chars[from as usize..] };
        prop_assert_eq!(value(&format!("SUBSTRING({quoted}, {count})")), (string(rest), wrong));
        let part = &rest[..length.clamp(0, rest.len() as i32) as usize];
        prop_assert_eq!(value(&format!("SUBSTRING({quoted}, {count}, {length})")), (string(part), wrong || length < 0));
    }

    #[test]
    fn equality_and_membership_agree_ce_sql_09(x in expressions(), y in expressions()) {
        prop_assume!(x.len() + y.len() < 2_000);
        let (equal, failed) = value(&format!("({x}) = ({y})"));
        if !failed {
            let unequal = good(Value::Boolean(equal == Value::Boolean(false)));
            prop_assert_eq!(value(&format!("({x}) != ({y})")), unequal.clone());
            prop_assert_eq!(value(&format!("({x}) <> ({y})")), unequal.clone());
            prop_assert_eq!(value(&format!("NOT (({x}) = ({y}))")), unequal);
            // Equality casts to the right side's type, membership to the left side's.
            prop_assert_eq!(value(&format!("({y}) IN ({x})")), good(equal.clone()));
            prop_assert_eq!(value(&format!("({y}) NOT IN ({x})")), good(Value::Boolean(equal == Value::Boolean(false))));
        }
    }

    #[test]
    fn evaluation_ends_and_says_the_same_again_ce_sql_13(text in expressions()) {
        if let Ok(expression) = Expression::parse(&text) {
            prop_assert_eq!(expression.as_str(), &text);
            let once = expression.evaluate(&attributes);
            prop_assert_eq!(&once, &expression.evaluate(&attributes));
            let passes = once.errors.is_empty() && once.value == Value::Boolean(true);
            prop_assert_eq!(expression.matches(&attributes), passes);
            // An error names what is really missing.
            for error in &once.errors {
                if let Error::MissingAttribute(name) = error {
                    prop_assert_eq!(name, "missing");
                }
            }
        }
    }

    #[test]
    fn case_and_space_mean_nothing_outside_quotes_ce_sql_05(text in expressions()) {
        prop_assume!(text.len() < 1_000);
        let Ok(expression) = Expression::parse(&text) else { return Ok(()) };
        let mut respelled = String::new();
        let mut quoted = false;
        for c in text.chars() {
            // Quotes are written escaped inside literals, so each other one opens or closes.
            quoted ^= c == '\'' && !respelled.ends_with('\\');
            match c {
                ' ' if !quoted => respelled.push_str(" \t\n"),
                c if quoted => respelled.push(c),
                c => respelled.push(if respelled.len().is_multiple_of(2) { c.to_ascii_lowercase() } else { c.to_ascii_uppercase() }),
            }
        }
        let Ok(other) = Expression::parse(&respelled) else { return Err(TestCaseError::fail(respelled)) };
        let (one, other) = (expression.evaluate(&attributes), other.evaluate(&attributes));
        prop_assert_eq!(one.value, other.value);
        prop_assert_eq!(one.errors.len(), other.errors.len());
    }
}
