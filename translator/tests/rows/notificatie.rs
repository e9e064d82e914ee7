//! Reading notifications, and the answer to them.

use bytes::Bytes;
use serde_json::json;
use translator::{Limits, notificatie};

use crate::support::{changed, notification, read_notification};

#[test]
fn notifications_are_checked_field_by_field() {
    let errors = |json: &str| {
        let errors = notificatie::decode(&Bytes::copy_from_slice(json.as_bytes()), &Limits::default()).unwrap_err();
        errors.into_iter().map(|error| (error.field, error.key, error.code)).collect::<Vec<_>>()
    };
    for (member, value, code) in [
        ("kanaal", "", "required"),
        ("kanaal", "null", "null"),
        ("kanaal", "\"  \"", "blank"),
        ("kanaal", "true", "invalid"),
        ("actie", "{}", "invalid"),
        ("source", "null", "null"),
        ("source", "\"\"", "blank"),
        ("hoofdObject", "\"urn:x:y\"", "invalid"),
        ("resourceUrl", "\"http://openzaak/1\"", "invalid"),
        ("aanmaakdatum", "\"gisteren\"", "invalid"),
        ("aanmaakdatum", "5", "invalid"),
        ("kenmerken", "[]", "not_a_dict"),
        ("kenmerken", "\"x\"", "not_a_dict"),
        ("resource", "\"a\\u0000\"", "null_characters_not_allowed"),
    ] {
        assert_eq!(errors(&changed(member, value)), [(member, None, code)], "{member}={value}");
    }
    for (member, limit) in [("kanaal", 50), ("source", 100), ("resource", 100), ("actie", 100)] {
        read_notification(&changed(member, &json!("é".repeat(limit)).to_string()));
        assert_eq!(errors(&changed(member, &json!("é".repeat(limit + 1)).to_string())), [(member, None, "max_length")]);
    }
    for (value, code) in
        [("null", "null"), ("true", "invalid"), ("[]", "invalid"), ("\"\\ud800\"", "surrogate_characters_not_allowed")]
    {
        let json = notification(&format!("{{\"a\":{value},\"b\":\"\"}}"));
        assert_eq!(errors(&json), [("kenmerken", Some("a".into()), code)], "{value}");
    }
    let long = notification(&format!("{{\"a\":\"{}\"}}", "x".repeat(1_001)));
    assert_eq!(errors(&long), [("kenmerken", Some("a".into()), "max_length")]);
    assert_eq!(errors(&notification(r#"{"a":"1","a":"2"}"#)), [("kenmerken", Some("a".into()), "duplicate")]);
    let twice = notification("{}").replace("\"actie\"", "\"resource_url\":\"https://a.nl/\",\"actie\"");
    assert_eq!(errors(&twice), [("resourceUrl", None, "duplicate")]);
    for other in ["[]", "null", "\"x\""] {
        assert_eq!(errors(other), [("nonFieldErrors", None, "invalid")]);
    }
    for broken in ["", "{", "{\"kanaal\":}", "{} x"] {
        assert_eq!(errors(broken), [("nonFieldErrors", None, "parse_error")], "{broken}");
    }
    assert_eq!(errors("{}").len(), 6);
    let many: Vec<_> = (0..1_025).map(|at| format!("\"k{at}\":\"\"")).collect();
    assert_eq!(errors(&notification(&format!("{{{}}}", many.join(",")))), [("kenmerken", None, "max_length")]);
}

#[test]
fn the_echo_is_the_message_as_understood() {
    let echo = |json: &str| String::from_utf8(notificatie::echo(&read_notification(json)).to_vec()).unwrap();
    let expected = notification(r#"{"BSN":"1","n":"5"}"#).replace("12:00:00.123456+01:00", "11:00:00.123456Z");
    assert_eq!(
        echo(&notification(r#"{"BSN":"1","n":5}"#).replace("\"kanaal\":", "\"onbekend\":1,\"kanaal\":")),
        expected
    );
    assert!(echo(&changed("source", "\"oz\"")).starts_with(r#"{"kanaal":"zaken","source":"oz","hoofdObject""#));
    let exact = "2025-01-01T12:00:00.100000Z";
    assert!(echo(&changed("aanmaakdatum", &json!(exact).to_string())).contains(exact));
    assert!(echo(&changed("kenmerken", "")).ends_with("\"kenmerken\":{}}"));
}
