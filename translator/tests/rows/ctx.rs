//! Context attributes: presence, types, names, values (CE-CTX).

use model::{
    Data, Value,
    profile::{self, Profile},
};
use translator::{Strictness, cloudevents::binary};

use crate::support::{
    accepted, event, header, headers, json_data, legacy, mapped, notification, read, read_binary, read_headers,
    read_strict, refused, reread_binary, text, through_log, with, without, write, write_binary,
};

const REQUIRED: [&str; 4] = ["id", "source", "specversion", "type"];

#[test]
fn required_attributes_ce_ctx_01_02_03_04() {
    for name in REQUIRED {
        assert_eq!(refused(&without(name)), (name.into(), "required"));
        let header = format!("ce-{name}");
        let kept = headers(&[]).into_iter().filter(|(own, _)| *own != header).collect();
        let rejection = read_headers(kept, b"", Strictness::Lenient).unwrap_err();
        assert_eq!((rejection.member.as_str(), rejection.rule()), (name, "required"));
    }
}

#[test]
fn required_attributes_are_text_ce_ctx_05_06_07_08() {
    for name in REQUIRED {
        for value in ["\"\"", "null", "5", "true", "{}", "[]"] {
            let (member, _) = refused(&with(&format!("\"{name}\":{value}")));
            assert_eq!(member, name, "{value}");
        }
        let empty = format!("ce-{name}");
        let rejection = read_binary(&[(&empty, b"")], b"").unwrap_err();
        assert_eq!((rejection.member.as_str(), rejection.rule()), (name, "empty"));
        assert_eq!(rejection.place_text(), format!("header ce-{name}"));
    }
}

#[test]
fn source_is_a_uri_reference_ce_ctx_09() {
    for good in
        ["urn:nld:oin:00000001823288444000:systeem:BRP-component", "/a/b", "1-555-123-4567", "mailto:x@y.nl", "oz"]
    {
        assert_eq!(event(&format!("\"source\":\"{good}\"")).source(), good);
    }
    for bad in ["http://[bad", "a b", "%zz"] {
        assert_eq!(refused(&with(&format!("\"source\":\"{bad}\""))), ("source".into(), "not-a-uri-reference"));
    }
}

fn rules(members: &str, profile: Profile) -> Vec<&'static str> {
    profile::check(&event(members), profile).into_iter().map(|finding| finding.rule).collect()
}

#[test]
fn relative_source_and_bare_type_are_remarked_on_ce_ctx_10_15() {
    assert!(rules("\"source\":\"/cloudevents/x\"", Profile::CloudEvents).contains(&"source-not-absolute"));
    assert!(rules("\"source\":\"urn:a:b\"", Profile::CloudEvents).is_empty());
    assert!(
        rules("\"source\":\"urn:a:b\",\"type\":\"foo\"", Profile::CloudEvents).contains(&"type-not-reverse-domain")
    );
    let findings = profile::check(&event("\"type\":\"foo\""), Profile::CloudEvents);
    assert!(findings.iter().all(|finding| !finding.strict));
}

#[test]
fn other_versions_are_refused_ce_ctx_13() {
    for version in ["0.3", "1.1", "1.0.2", " 1.0", "1.0abc", "1"] {
        let expected = ("specversion".into(), "unsupported-specversion");
        assert_eq!(refused(&with(&format!("\"specversion\":\"{version}\""))), expected, "{version}");
    }
    let rejection = read_binary(&[("ce-specversion", b"0.3")], b"").unwrap_err();
    assert_eq!(rejection.rule(), "unsupported-specversion");
    assert!(read(&with(r#""specversion":"1\u002e0""#)).is_ok());
}

#[test]
fn emitted_events_are_version_1_0_ce_ctx_14() {
    let event = event("\"data\":1");
    assert!(write(&event).starts_with("{\"specversion\":\"1.0\","));
    let (headers, _) = write_binary(&event);
    assert!(headers.contains(&("ce-specversion".into(), "1.0".into())));
    let parts = translator::record::encode(&accepted(event));
    assert_eq!(header(&parts, "ce_specversion"), Some("1.0"));
}

#[test]
fn datacontenttype_is_a_media_type_ce_ctx_16_17_18() {
    for bad in ["json", "application/", ""] {
        let members = format!("\"datacontenttype\":\"{bad}\"");
        assert_eq!(refused(&with(&members)), ("datacontenttype".into(), "not-a-media-type"));
        assert_eq!(
            refused(&with(&format!("{members},\"data\":\"x\""))),
            ("datacontenttype".into(), "not-a-media-type")
        );
    }
    assert!(read_binary(&[("content-type", b"json")], b"x").is_err());
    let parameters = event("\"datacontenttype\":\"application/json; charset=utf-8\",\"data\":1");
    assert_eq!(parameters.datacontenttype(), Some("application/json; charset=utf-8"));

    let upper = event("\"datacontenttype\":\"APPLICATION/JSON\",\"data\":{\"a\":1}");
    assert!(write(&through_log(&upper)).ends_with("\"datacontenttype\":\"APPLICATION/JSON\",\"data\":{\"a\":1}}"));

    let empty = through_log(&event("\"datacontenttype\":\"application/json\""));
    assert_eq!((empty.datacontenttype(), empty.data()), (Some("application/json"), None));
    assert!(!write(&empty).contains("data\":"));
}

#[test]
fn implied_json_is_made_explicit_ce_ctx_19() {
    let implied = event("\"data\":{\"a\":1}");
    let parts = translator::record::encode(&accepted(implied.clone()));
    assert_eq!(header(&parts, "content-type"), Some("application/json"));
    assert_eq!(write_binary(&implied).0[0], ("content-type".into(), "application/json".into()));
    assert_eq!(through_log(&implied), implied);
}

#[test]
fn dataschema_is_an_absolute_uri_ce_ctx_20() {
    for good in ["https://x.nl/s.json", "urn:x:y"] {
        assert_eq!(text(&event(&format!("\"dataschema\":\"{good}\"")), "dataschema"), Some(good));
    }
    for bad in ["", "/relative", "https:// x"] {
        assert_eq!(refused(&with(&format!("\"dataschema\":\"{bad}\""))).0, "dataschema");
    }
}

#[test]
fn subject_is_text_ce_ctx_21() {
    assert_eq!(event("\"subject\":\"9\"").subject(), Some("9"));
    assert_eq!(event("\"subject\":null").subject(), None);
    assert_eq!(refused(&with("\"subject\":\"\"")), ("subject".into(), "empty"));
    assert_eq!(refused(&with("\"subject\":9")), ("subject".into(), "not-text"));
}

#[test]
fn time_is_rfc_3339_and_kept_ce_ctx_22_23() {
    for good in ["2018-04-05T17:31:00Z", "2018-04-05T17:31:00.123456789+02:00", "2021-12-10T17:31:00.000001+01:00"] {
        let event = event(&format!("\"time\":\"{good}\",\"data\":1"));
        assert_eq!(text(&through_log(&event), "time"), Some(good));
        assert!(write(&event).contains(good));
        assert!(write_binary(&event).0.contains(&("ce-time".into(), good.into())));
    }
    for bad in ["\"2018-04-05\"", "\"2018-04-05 17:31\"", "\"2018-13-01T00:00:00Z\"", "1522949460"] {
        assert_eq!(refused(&with(&format!("\"time\":{bad}"))).0, "time", "{bad}");
    }
}

#[test]
fn names_ce_ctx_24_25_26_27() {
    for bad in ["subscriberReference", "my-ext", "my_ext", "ext.a", "ëxt", ""] {
        let rejection = read(&with(&format!("\"{bad}\":\"x\""))).unwrap_err();
        assert_eq!((rejection.member.as_str(), rejection.rule()), (bad, "attribute-name"));
        assert_eq!(rejection.place_text(), format!("/{bad}"));
    }
    for good in ["ext1", "1abc", "vertrouwelijkheidaanduiding"] {
        let event = event(&format!("\"{good}\":\"x\",\"data\":1"));
        assert_eq!(text(&through_log(&event), good), Some("x"));
        assert_eq!(text(&reread_binary(&event), good), Some("x"));
    }
    assert!(rules("\"vertrouwelijkheidaanduiding\":\"x\"", Profile::NlGov).contains(&"attribute-name-long"));
    assert!(rules("\"1abc\":\"x\"", Profile::NlGov).contains(&"attribute-name-digit"));
    for bad in ["ce-", "ce-data", "ce-my_ext"] {
        assert_eq!(read_binary(&[(bad, b"x")], b"").unwrap_err().rule(), "attribute-name", "{bad}");
    }
}

#[test]
fn attributes_appear_once_ce_ctx_28() {
    for twice in [
        r#""id":"1","id":"2""#,
        r#""id":"1","\u0069d":"1""#,
        r#""ext":"a","ext":"a""#,
        r#""ext":null,"ext":"a""#,
        r#""ext":"a","ext":null"#,
        r#""ext":null,"ext":null"#,
        r#""specversion":"1.0","specversion":"1.0""#,
        r#""data":1,"data":1"#,
        r#""data_base64":"","data_base64":"""#,
    ] {
        assert_eq!(refused(&with(twice)).1, "duplicate", "{twice}");
    }
    for (name, value) in [("ce-id", b"1"), ("CE-ID", b"1"), ("ce-specversion", b"1")] {
        let mut twice = headers(&[]);
        twice.push((name, value));
        assert_eq!(read_headers(twice, b"", Strictness::Lenient).unwrap_err().rule(), "duplicate", "{name}");
    }
    for name in ["ce-myext", "content-type"] {
        let twice: [(&str, &[u8]); 2] = [(name, b"text/plain"), (name, b"text/plain")];
        assert_eq!(read_binary(&twice, b"").unwrap_err().rule(), "duplicate", "{name}");
    }
}

#[test]
fn booleans_ce_ctx_29() {
    assert_eq!(event("\"deprecated\":true").attribute("deprecated"), Some(&Value::Boolean(true)));
    let header = read_binary(&[("ce-deprecated", b"true")], b"").unwrap();
    assert_eq!(text(&header, "deprecated"), Some("true"));
}

#[test]
fn integers_ce_ctx_30() {
    for (json, expected) in [("2147483647", i32::MAX), ("-2147483648", i32::MIN), ("-1", -1), ("0", 0)] {
        assert_eq!(event(&format!("\"ext\":{json}")).attribute("ext"), Some(&Value::Integer(expected)));
    }
    for bad in ["2147483648", "-2147483649", "1.5", "1e3", "1.0", "1E400"] {
        assert_eq!(refused(&with(&format!("\"ext\":{bad}"))), ("ext".into(), "attribute-type"), "{bad}");
    }
}

#[test]
fn control_characters_ce_ctx_31() {
    for bad in [r"a\u0000b", r"a\nb", r"a\u0085b", "a\u{85}b", r"\u007f"] {
        assert_eq!(refused(&with(&format!("\"subject\":\"{bad}\""))), ("subject".into(), "attribute-value"), "{bad}");
        assert_eq!(refused(&with(&format!("\"ext\":\"{bad}\""))), ("ext".into(), "attribute-value"), "{bad}");
    }
    for bad in ["a%0Ab", "%00", "%C2%85"] {
        assert_eq!(read_binary(&[("ce-subject", bad.as_bytes())], b"").unwrap_err().rule(), "attribute-value");
    }
}

#[test]
fn noncharacters_and_surrogates_ce_ctx_32() {
    for (bad, rule) in [
        (r"\uFDD0", "attribute-value"),
        (r"\uFFFF", "attribute-value"),
        (r"\uDEAD", "unpaired-surrogate"),
        (r"\uD83D", "unpaired-surrogate"),
        (r"\uDE00\uD83D", "unpaired-surrogate"),
    ] {
        assert_eq!(refused(&with(&format!("\"subject\":\"{bad}\""))), ("subject".into(), rule), "{bad}");
    }
    let emoji = event(r#""subject":"\uD83D\uDE00""#);
    assert_eq!(emoji.subject(), Some("😀"));
    assert!(write(&emoji).contains("\"subject\":\"😀\""));
}

#[test]
fn binary_attributes_are_base64_ce_ctx_33() {
    assert_eq!(text(&event("\"dssematerial\":\"YWFw\""), "dssematerial"), Some("YWFw"));
    assert_eq!(refused(&with("\"dssematerial\":\"***\"")), ("dssematerial".into(), "registered-type"));
}

#[test]
fn registered_types_of_documented_extensions() {
    for bad in
        ["\"expirytime\":\"soon\"", "\"recordedtime\":5", "\"deprecationsunset\":\"2030\"", "\"dssematerial\":true"]
    {
        let rejection = read(&with(bad)).unwrap_err();
        assert_eq!((rejection.rule(), read_strict(&with(bad))), ("registered-type", Err(rejection.clone())), "{bad}");
    }
    event("\"expirytime\":\"2018-04-05T17:31:00Z\",\"deprecationfrom\":\"2018-04-05T17:31:00+02:00\"");
}

#[test]
fn everything_wrong_with_an_event_is_told_at_once_adr_19() {
    let told = |rejection: translator::Rejection| -> Vec<(String, &'static str, String)> {
        rejection.all().map(|one| (one.member.to_string(), one.rule(), one.place_text())).collect()
    };
    let body = r#"{"specversion":"1.0","id":"","source":"a b","time":"yesterday","Bad":1,"expirytime":"soon","x":[1],"id":"2"}"#;
    let expected = [
        ("Bad", "attribute-name", "/Bad"),
        ("x", "attribute-type", "/x"),
        ("type", "required", "/type"),
        ("id", "empty", "/id"),
        ("source", "not-a-uri-reference", "/source"),
        ("time", "not-a-timestamp", "/time"),
        ("expirytime", "registered-type", "/expirytime"),
    ];
    assert_eq!(
        told(read(body).unwrap_err()),
        expected.map(|(member, rule, place)| (member.to_owned(), rule, place.to_owned()))
    );

    let bad: [(&str, &[u8]); 3] = [("ce-id", b""), ("ce-time", b"x"), ("ce-my_ext", b"1")];
    let rejection = read_headers(bad.to_vec(), b"{}", Strictness::Lenient).unwrap_err();
    let expected = [
        ("my_ext", "attribute-name", "header ce-my_ext"),
        ("specversion", "required", "header ce-specversion"),
        ("body", "no-content-type", "body"),
        ("source", "required", "header ce-source"),
        ("type", "required", "header ce-type"),
        ("id", "empty", "header ce-id"),
        ("time", "not-a-timestamp", "header ce-time"),
    ];
    assert_eq!(told(rejection), expected.map(|(member, rule, place)| (member.to_owned(), rule, place.to_owned())));

    let many: Vec<String> = (0..50).map(|n| format!("\"B{n}\":1")).collect();
    assert_eq!(read(&format!("{{{}}}", many.join(","))).unwrap_err().all().count(), 20);
}

#[test]
fn objects_and_arrays_are_no_values_ce_ctx_34() {
    for bad in ["{\"a\":1}", "[1]"] {
        assert_eq!(refused(&with(&format!("\"ext\":{bad}"))), ("ext".into(), "attribute-type"));
    }
    assert_eq!(json_data(&event("\"data\":{\"a\":1}")), "{\"a\":1}");
}

#[test]
fn canonical_texts_ce_ctx_35() {
    let typed = event("\"n\":5,\"b\":true,\"data\":1");
    let parts = translator::record::encode(&accepted(typed.clone()));
    assert_eq!((header(&parts, "ce_n"), header(&parts, "ce_b")), (Some("5"), Some("true")));
    let (headers, _) = write_binary(&through_log(&typed));
    assert!(headers.contains(&("ce-n".into(), "5".into())) && headers.contains(&("ce-b".into(), "true".into())));
}

#[test]
fn many_and_unknown_extensions_are_kept_ce_ctx_36_37_50() {
    let members: Vec<_> = (0..60).map(|at| format!("\"comexample{at}\":\"v{at}\"")).collect();
    let event = event(&format!("{},\"newcore\":\"n\",\"data\":1", members.join(",")));
    for copy in [through_log(&event), reread_binary(&event), read(&write(&event)).unwrap()] {
        for at in 0..60 {
            assert_eq!(text(&copy, &format!("comexample{at}")), Some(format!("v{at}").as_str()));
        }
        assert_eq!(text(&copy, "newcore"), Some("n"));
    }
}

#[test]
fn transport_headers_are_no_attributes_ce_ctx_38() {
    let event = read_binary(&[("X-Request-Id", b"1"), ("ce", b"x"), ("cefoo", b"x")], b"").unwrap();
    let names: Vec<_> = event.attributes().iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["id", "source", "type"]);
}

#[test]
fn every_state_of_data_survives_ce_ctx_39() {
    assert!(!write(&through_log(&event(""))).contains("\"data"));
    for data in ["null", "false", "0", "\"\"", "[]", "{}"] {
        let event = through_log(&event(&format!("\"data\":{data}")));
        assert!(write(&event).ends_with(&format!("\"data\":{data}}}")), "{data}");
    }
}

#[test]
fn events_of_64_kib_pass_ce_ctx_40_41_42() {
    let frame = with("\"data\":\"\"").len();
    let json = with(&format!("\"data\":\"{}\"", "x".repeat(65_536 - frame)));
    assert_eq!(json.len(), 65_536);
    let event = read(&json).unwrap();
    assert_eq!(json_data(&through_log(&event)).len(), 65_536 - frame + 2);

    let bytes: Vec<u8> = (0..64_000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let event = through_log(&read_binary(&[("content-type", b"application/octet-stream")], &bytes).unwrap());
    let again = read(&write(&event)).unwrap();
    assert_eq!(again.data(), Some(&Data::Binary(bytes.into())));

    let names: Vec<_> = (0..120).map(|at| format!("ce-ext{at}")).collect();
    let many: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), b"v".as_slice())).collect();
    assert_eq!(read_binary(&many, b"").unwrap().attributes().len(), 123);
    let long = vec![b'x'; 40 * 1024];
    assert_eq!(text(&read_binary(&[("ce-ext", &long)], b"").unwrap(), "ext").map(str::len), Some(40 * 1024));
}

#[test]
fn a_possible_bsn_is_remarked_on_ce_ctx_44() {
    let findings = profile::check(&event("\"subject\":\"999990342\""), Profile::CloudEvents);
    let finding = findings.iter().find(|finding| finding.rule == profile::POSSIBLE_BSN).unwrap();
    assert_eq!(finding.member, "subject");
    assert!(!format!("{finding:?}").contains("999990342"));
}

#[test]
fn errors_never_hold_data_ce_ctx_45() {
    let secret = "GEHEIM-123";
    for json in [
        with(&format!("\"data\":\"{secret}\",\"data_base64\":\"{secret}\"")),
        with(&format!("\"data_base64\":\"{secret}\"")),
        with(&format!("\"data\":{secret}")),
        with(&format!("\"ext\":{{\"a\":\"{secret}\"}}")),
        with(&format!("\"subject\":\"{secret}\\n\"")),
    ] {
        let rejection = read(&json).unwrap_err();
        assert!(!format!("{rejection} {rejection:?} {}", rejection.text_nl()).contains(secret), "{json}");
    }
}

#[test]
fn forwarding_changes_nothing_ce_ctx_47() {
    let json = with("\"source\":\"HTTPS://Example.COM/%41\",\"data\":{\"b\" : 1.10,\n\"a\":[1E400]}");
    let event = read(&json).unwrap();
    assert_eq!(write(&through_log(&event)), json);
    assert_eq!(reread_binary(&event).data(), event.data());
}

#[test]
fn mapped_time_is_aanmaakdatum_ce_ctx_48_49() {
    let event = mapped(&notification("{}"), &[]);
    assert_eq!(text(&event, "time"), Some("2025-01-01T12:00:00.123456+01:00"));
    assert_eq!(text(&event, "dataschema"), Some("https://gateway.nl/v1/schemas/notificatie"));
    assert!(legacy(&crate::support::published_as_notificatie(event), &[]).contains("12:00:00.123456+01:00"));
}

#[test]
fn strict_and_lenient_agree_on_valid_events() {
    let json = with("\"data\":1");
    assert_eq!(read(&json), read_strict(&json));
    assert!(binary::encode(&read(&json).unwrap()).is_ok());
}
