//! What is particular here; the language itself is compared with the reference in `tests/judged`.

use serde_json::{Value, json};

use super::{Expression, Failure, Functions, MAX_FUNCTIONS};

fn parse(text: &str) -> Result<Expression, String> {
    Expression::parse(text, &Functions::default()).map_err(|fault| fault.to_string())
}

fn search(text: &str, data: &Value) -> Result<Value, Failure> {
    parse(text).unwrap_or_else(|fault| panic!("{text}: {fault}")).search(data)
}

#[test]
fn ch_68_what_is_no_single_expression_is_refused_with_its_place() {
    for (text, place, part) in [
        ("", 1, "missing"),
        ("a === 'b'", 5, "=="),
        ("a == 'b'] || @ | [?`true`", 9, "complete"),
        ("a ==", 5, "missing"),
        ("é", 1, "meaning"),
        ("'é' == é", 8, "meaning"),
        ("a b", 3, "complete"),
        ("(a", 3, ")"),
        ("a[", 3, "index"),
        ("a[1:2:0]", 3, "step"),
        ("a[1:2:3:4]", 8, "slice"),
        ("'a", 1, "no end"),
        ("`\"`", 1, "JSON"),
        ("\"\\x\"", 1, "JSON"),
        ("\"length\"(a)", 1, "quotes"),
        ("lengte(a)", 1, "no function"),
        ("length(a, b)", 1, "length has 1 arguments"),
        ("merge()", 1, "merge has 1 or more"),
        ("length(&a)", 1, "&"),
        ("sort_by(a, b)", 1, "&"),
        ("&a", 1, "argument"),
        ("a.[b", 5, ", or ]"),
        ("{a: b", 6, ", or }"),
        ("{1: b}", 2, "name"),
        ("a.1", 3, "behind a dot"),
        ("a[99999999999999999999]", 3, "whole number"),
    ] {
        let fault = parse(text).expect_err(text);
        assert!(fault.contains(part) && fault.ends_with(&format!("(at character {place})")), "{text}: {fault}");
    }
}

#[test]
fn ch_68_length_nesting_and_parts_are_bounded() {
    let nested = |number: usize| format!("{}a{}", "(".repeat(number), ")".repeat(number));
    assert!(parse(&nested(63)).is_ok());
    assert!(parse(&nested(64)).is_err());
    assert!(parse(&"!".repeat(4_000)).is_err());
    let chain = |number: usize| vec!["a"; number].join(".");
    assert_eq!(search(&chain(200), &json!({ "a": 1 })), Ok(Value::Null));
    assert!(parse(&chain(400)).is_err());
    assert!(parse(&format!("'{}'", "x".repeat(4_078))).is_ok());
    assert!(parse(&format!("'{}'", "x".repeat(4_079))).is_err());
}

#[test]
fn ch_68_work_is_bounded() {
    let list = json!((0..1_000).collect::<Vec<_>>());
    let doubled = vec!["[@[],@[]][]"; 40].join("|");
    let nested = "map(&length(map(&length(to_string(@)), @)), [@, @, @, @, @])";
    let joined = "join(join('', map(&to_string(@), @)), map(&to_string(@), @))";
    for text in [
        doubled.as_str(),
        "[*].[`[1,2,3,4,5,6,7,8,9,10]`,`[1,2,3,4,5,6,7,8,9,10]`,`[1,2,3,4,5,6,7,8,9,10]`][].[@,@,@][].[@,@,@][]",
        nested,
        joined,
    ] {
        assert!(matches!(search(text, &list), Err(Failure::TooMuchWork) | Ok(_)), "{text}");
    }
    assert_eq!(search(&doubled, &list), Err(Failure::TooMuchWork));
    assert_eq!(search("length(@)", &list), Ok(json!(1_000)));
}

#[test]
fn ch_73_functions_of_ours() {
    let data = json!({ "naam": "Foo straat", "postcode": "1234 ab", "plek": [52.0907, 5.1214], "dag": "2026-05-01" });
    for (text, expected) in [
        ("contains_ci(naam, 'FOO')", json!(true)),
        ("contains_ci(naam, 'bar')", json!(false)),
        ("starts_with_ci(naam, 'fOO s')", json!(true)),
        ("postcode_between(postcode, '1000', '1234')", json!(true)),
        ("postcode_between(postcode, '1234AC', '1300')", json!(false)),
        ("postcode_between(postcode, '1234AB', '1234AB')", json!(true)),
        ("postcode_between('1234', '1234XX', '1240')", json!(true)),
        ("distance(plek[0], plek[1], `52.0907`, `5.1214`)", json!(0)),
        ("distance(`52.3731`, `4.8926`, `51.9244`, `4.4777`) > `57000`", json!(true)),
        ("distance(`52.3731`, `4.8926`, `51.9244`, `4.4777`) < `58000`", json!(true)),
        ("before(dag, '2026-05-01T00:00:01Z')", json!(true)),
        ("after(dag, '2026-05-01T01:00:00+02:00')", json!(true)),
        ("after(dag, dag)", json!(false)),
    ] {
        assert_eq!(search(text, &data), Ok(expected), "{text}");
    }
    for text in [
        "postcode_between('234AB', '1000', '2000')",
        "postcode_between('0234AB', '1000', '2000')",
        "distance(`91`, `0`, `0`, `0`)",
        "before(dag, 'morgen')",
        "contains_ci(naam, `1`)",
    ] {
        assert!(matches!(search(text, &data), Err(Failure::Argument { .. })), "{text}");
    }
}

#[test]
fn ch_73_named_expressions_call_those_before_and_never_themselves() {
    let mut functions = Functions::default();
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    functions.declare("in_centrum", &names(&["postcode"]), "postcode_between(postcode, '1011', '1018')").unwrap();
    functions.declare("dichtbij", &names(&["p", "actief"]), "in_centrum(p) && actief").unwrap();
    let found = |text: &str, data: &Value| Expression::parse(text, &functions).map(|own| own.matches(data));
    let data = json!({ "postcode": "1012AB", "actief": true });
    assert_eq!(found("dichtbij(postcode, actief)", &data), Ok(Ok(true)));
    assert_eq!(found("dichtbij(postcode, `false`)", &data), Ok(Ok(false)));
    assert!(found("dichtbij(postcode)", &data).is_err());
    assert!(found("dichtbij(&postcode, actief)", &data).is_err());
    let mut refused = |name: &str, parameters: &[&str], text: &str| {
        functions.declare(name, &names(parameters), text).expect_err(name).rule
    };
    for (name, parameters, text, part) in [
        ("zelf", &["a"][..], "zelf(a)", "no function"),
        ("length", &["a"], "a", "already"),
        ("in_centrum", &["a"], "a", "already"),
        ("In", &["a"], "a", "small letters"),
        ("dubbel", &["a", "a"], "a", "twice"),
        ("fout", &["a"], "a ==", "missing"),
        ("veel", &["a", "b", "c", "d", "e", "f", "g", "h", "i"], "a", "at most 8"),
    ] {
        let rule = refused(name, parameters, text);
        assert!(rule.contains(part), "{name}: {rule}");
    }
    for number in 0..MAX_FUNCTIONS - 2 {
        functions.declare(&format!("f{number}"), &[], "@").unwrap();
    }
    assert!(functions.declare("een_te_veel", &[], "@").is_err());
}

#[test]
fn named_expressions_inside_each_other_are_bounded_ch_68() {
    let mut functions = Functions::default();
    functions.declare("f0", &["a".to_owned()], &vec!["a"; 100].join(".")).unwrap();
    let mut last = Ok(());
    for number in 1..20 {
        let body = format!("{}f{}(a){}", "(!".repeat(30), number - 1, ")".repeat(30));
        last = functions.declare(&format!("f{number}"), &["a".to_owned()], &body);
        if last.is_err() {
            break;
        }
    }
    assert!(last.expect_err("too high").rule.contains("inside each other"));
}
