//! Content modes and the coding of header values (CE-HTTP, GW-10, GW-11).

use model::Data;
use translator::{
    Strictness,
    cloudevents::{
        MediaTypeError, Mode,
        binary::{self, NotBinary},
        header_findings, mode, structured,
    },
};

use crate::support::{
    event, headers, read, read_binary, read_headers, reread_binary, subject_of, text, through_log, with, write,
    write_binary,
};

#[test]
fn both_modes_give_one_event_ce_http_01_02() {
    let time = "2018-04-05T17:31:00Z";
    let structured = event(&format!(
        "\"time\":\"{time}\",\"datacontenttype\":\"application/json\",\"data\":{{\"message\":\"Hello World!\"}}"
    ));
    let more: [(&str, &[u8]); 2] = [("ce-time", time.as_bytes()), ("content-type", b"application/json")];
    let binary = read_binary(&more, b"{\"message\":\"Hello World!\"}").unwrap();
    assert_eq!(structured, binary);
}

#[test]
fn the_content_type_decides_ce_http_04_05_06_36_37_40() {
    for (content_type, expected) in [
        ("application/cloudevents+json", Mode::Structured),
        ("Application/CloudEvents+JSON", Mode::Structured),
        ("application/cloudevents+json;charset=UTF-8", Mode::Structured),
        ("application/cloudevents+json; charset=\"UTF-8\"", Mode::Structured),
        ("application/cloudevents+json; charset=us-ascii", Mode::Structured),
        ("application/cloudevents+json; foo=bar", Mode::Structured),
        ("application/cloudevents-batch+json", Mode::Batch),
        ("APPLICATION/CLOUDEVENTS-BATCH+JSON; charset=utf-8", Mode::Batch),
        ("application/json", Mode::Binary),
        ("text/plain; x=application/cloudevents+json", Mode::Binary),
        ("", Mode::Binary),
    ] {
        assert_eq!(mode(Some(content_type)), Ok(expected), "{content_type}");
    }
    assert_eq!(mode(None), Ok(Mode::Binary));
    for bad in [
        "application/cloudevents",
        "application/cloudevents+avro",
        "application/cloudevents+xml",
        "application/cloudevents+jsonx",
        "application/cloudevents-batch",
        "application/cloudevents-batch+xml",
        "application/cloudevents+json; x",
        "Application/CloudEvents; charset=utf-8",
    ] {
        assert_eq!(mode(Some(bad)), Err(MediaTypeError::Format(bad.into())), "{bad}");
    }
    for bad in ["application/cloudevents+json; charset=iso-8859-1", "application/cloudevents-batch+json;charset=UTF-16"]
    {
        assert_eq!(mode(Some(bad)), Err(MediaTypeError::Charset(bad.into())), "{bad}");
    }
}

#[test]
fn binary_needs_all_four_headers_ce_http_07() {
    let json: Vec<(&str, &[u8])> = vec![("content-type", b"application/json")];
    let rejection = read_headers(json, b"{}", Strictness::Lenient).unwrap_err();
    assert_eq!((rejection.member.as_str(), rejection.rule()), ("specversion", "required"));
    for missing in ["ce-id", "ce-source", "ce-type", "ce-specversion"] {
        let kept = headers(&[]).into_iter().filter(|(name, _)| *name != missing).collect();
        let rejection = read_headers(kept, b"", Strictness::Lenient).unwrap_err();
        assert_eq!(rejection.place_text(), format!("header {missing}"));
    }
}

#[test]
fn content_type_is_datacontenttype_ce_http_08() {
    let event = read_binary(&[("Content-Type", b" application/json; charset=utf-8 ")], b"1").unwrap();
    assert_eq!(event.datacontenttype(), Some("application/json; charset=utf-8"));
    assert!(write(&event).contains("\"datacontenttype\":\"application/json; charset=utf-8\""));
}

#[test]
fn ce_datacontenttype_never_counts_ce_http_09_10() {
    let more: [(&str, &[u8]); 2] = [("ce-datacontenttype", b"text/xml"), ("content-type", b"text/plain")];
    let strict = read_headers(headers(&more), b"x", Strictness::Strict).unwrap_err();
    assert_eq!(strict.rule(), "ce-datacontenttype");
    let lenient = read_binary(&more, b"x").unwrap();
    assert_eq!(lenient.datacontenttype(), Some("text/plain"));
    let findings = header_findings::check(Mode::Binary, headers(&more), &lenient);
    assert_eq!(findings.iter().map(|finding| finding.rule).collect::<Vec<_>>(), ["ce-datacontenttype"]);
    assert!(write_binary(&lenient).0.iter().all(|(name, _)| name != "ce-datacontenttype"));
}

#[test]
fn the_body_is_the_data_ce_http_11() {
    let bytes = [0, 0xFF, b'"', 0x0A];
    let event = read_binary(&[("content-type", b"application/octet-stream")], &bytes).unwrap();
    assert_eq!(write_binary(&through_log(&event)).1, bytes.as_slice());
}

#[test]
fn every_attribute_is_a_header_ce_http_12_13_14_15() {
    let event = event(concat!(
        "\"subject\":\"s\",\"time\":\"2018-04-05T17:31:00Z\",\"dataschema\":\"urn:x:y\",\"partitionkey\":\"p\",",
        "\"traceparent\":\"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\",\"myext\":\"v\",\"n\":1,",
        "\"b\":true,\"datacontenttype\":\"application/json\",\"data\":1"
    ));
    let (headers, _) = write_binary(&event);
    let names: Vec<_> = headers.iter().map(|(name, _)| name.as_str()).collect();
    let expected = [
        "content-type",
        "ce-specversion",
        "ce-id",
        "ce-source",
        "ce-type",
        "ce-subject",
        "ce-time",
        "ce-dataschema",
        "ce-partitionkey",
        "ce-traceparent",
        "ce-myext",
        "ce-n",
        "ce-b",
    ];
    assert_eq!(names, expected);
    assert_eq!(text(&reread_binary(&event), "myext"), Some("v"));
}

#[test]
fn header_names_in_any_case_ce_http_16() {
    let mixed: Vec<(&str, &[u8])> =
        vec![("CE-ID", b"1"), ("Ce-Specversion", b"1.0"), ("cE-type", b"t"), ("ce-SOURCE", b"/s"), ("CE-MyExt", b"v")];
    let event = read_headers(mixed, b"", Strictness::Strict).unwrap();
    assert_eq!((event.id(), event.kind(), text(&event, "myext")), ("1", "t", Some("v")));
}

#[test]
fn header_values_are_percent_encoded_ce_http_17_18_19_20_21_22() {
    for (value, expected) in [
        ("Łódź", "%C5%81%C3%B3d%C5%BA"),
        ("Euro € 😀", "Euro%20%E2%82%AC%20%F0%9F%98%80"),
        ("a\"b", "a%22b"),
        ("100%", "100%25"),
        ("é", "%C3%A9"),
        ("a b", "a%20b"),
        ("Bergen%20%28L%29", "Bergen%2520%2528L%2529"),
        ("urn:nld:oin:1:systeem:A-B_c~!*()", "urn:nld:oin:1:systeem:A-B_c~!*()"),
        (r"back\slash", r"back\slash"),
    ] {
        let json = with(&format!("\"subject\":{},\"data\":1", serde_json::to_string(value).unwrap()));
        let event = read(&json).unwrap();
        let (headers, _) = write_binary(&event);
        let (_, header) = headers.iter().find(|(name, _)| name == "ce-subject").unwrap();
        assert_eq!(header, expected);
        assert!(headers.iter().skip(1).all(|(_, text)| text.bytes().all(|byte| (0x21..=0x7E).contains(&byte))));
        assert_eq!(reread_binary(&event).subject(), Some(value));
    }
}

fn both(value: &[u8]) -> String {
    let lenient = subject_of(value, Strictness::Lenient).expect("valid in both modes");
    assert_eq!(subject_of(value, Strictness::Strict).as_ref(), Ok(&lenient), "{value:?}");
    lenient
}

#[test]
fn quoted_values_ce_http_23() {
    assert_eq!(both(br#""a \"b\" c""#), "a \"b\" c");
    assert_eq!(both(br#""Euro%20x""#), "Euro x");
    assert_eq!(both(br#""a\\b""#), r"a\b");
    // Only a value that is one quoted string as a whole is unquoted.
    for literal in [r#""a" "b""#, r#"a "b" c"#, r#"""#, r#""a\""#, r#"say "x""#] {
        assert_eq!(both(literal.as_bytes()), literal);
    }
}

#[test]
fn percent_decoding_ce_http_24_25_26() {
    for (value, expected) in
        [("100%2525", "100%25"), ("%c3%a9", "é"), ("%C3%a9", "é"), ("%41%42", "AB"), ("a%20b", "a b"), ("%25", "%")]
    {
        assert_eq!(both(value.as_bytes()), expected);
    }
    assert_eq!(read_binary(&[("ce-id", b"%31")], b"").unwrap().id(), "1");
}

#[test]
fn invalid_utf_8_ce_http_27() {
    for bad in [b"%C0%A0".as_slice(), b"%FF", b"%ED%A0%80", b"%E2%82", b"%ED%A0%BD%ED%B8%80", b"\xC3%A9"] {
        for strictness in [Strictness::Lenient, Strictness::Strict] {
            let rejection = subject_of(bad, strictness).unwrap_err();
            assert_eq!((rejection.member.as_str(), rejection.rule()), ("subject", "not-utf-8"), "{bad:?}");
        }
    }
}

#[test]
fn lone_percent_signs_ce_http_28() {
    for literal in ["100%", "5%zz", "%", "%4", "a%+1b"] {
        assert_eq!(subject_of(literal.as_bytes(), Strictness::Lenient).as_deref(), Ok(literal));
        assert_eq!(subject_of(literal.as_bytes(), Strictness::Strict).unwrap_err().rule(), "percent-encoding");
    }
}

#[test]
fn raw_values_ce_http_29_gw_11() {
    for literal in ["é", "a é", "\"é\" x"] {
        assert_eq!(subject_of(literal.as_bytes(), Strictness::Lenient).as_deref(), Ok(literal));
        assert_eq!(subject_of(literal.as_bytes(), Strictness::Strict).unwrap_err().rule(), "header-not-ascii");
    }
    assert_eq!(subject_of(b"\"q\"", Strictness::Lenient).as_deref(), Ok("q"));
    assert_eq!(subject_of(b"a b", Strictness::Lenient).as_deref(), Ok("a b"));
    assert_eq!(subject_of("é %C3%A9".as_bytes(), Strictness::Lenient).as_deref(), Ok("é é"));
    assert_eq!(subject_of(b"\xE9", Strictness::Lenient).unwrap_err().rule(), "not-utf-8");
    let event = read_binary(&[("ce-subject", "a b é".as_bytes())], b"").unwrap();
    assert!(write(&through_log(&event)).contains("\"subject\":\"a b é\""));
}

#[test]
fn comments_and_space_ce_http_30_31() {
    assert_eq!(both(b"a(b)c"), "a(b)c");
    assert_eq!(both(b" \t abc  "), "abc");
    assert_eq!(read_binary(&[("ce-id", b"   abc  ")], b"").unwrap().id(), "abc");
}

#[test]
fn structured_bodies_are_complete_ce_http_32_33() {
    assert_eq!(structured::CONTENT_TYPE, "application/cloudevents+json");
    let event = event("\"subject\":\"s\",\"x\":\"y\",\"data\":1");
    assert_eq!(read(&write(&event)).unwrap(), event);
}

#[test]
fn header_copies_do_not_count_ce_http_34() {
    let event = event("\"id\":\"A\",\"subject\":\"a b\",\"n\":5");
    let copies: Vec<(&str, &[u8])> =
        vec![("ce-id", b"A"), ("ce-subject", b"a%20b"), ("ce-n", b"5"), ("ce-specversion", b"1.0"), ("x", b"y")];
    assert_eq!(header_findings::check(Mode::Structured, copies, &event), []);
    for (name, value) in
        [("ce-id", b"B".as_slice()), ("ce-other", b"x"), ("CE-SUBJECT", b"\xFF"), ("ce-specversion", b"0")]
    {
        let findings = header_findings::check(Mode::Structured, [(name, value)], &event);
        assert_eq!(findings.len(), 1, "{name}");
        assert_eq!((findings[0].rule, findings[0].strict), ("header-differs", false));
    }
}

#[test]
fn an_empty_body_is_no_data_ce_http_35() {
    let event = read_binary(&[], b"").unwrap();
    assert_eq!((event.data(), event.datacontenttype()), (None, None));
    let typed = read_binary(&[("content-type", b"application/json")], b"").unwrap();
    assert_eq!((typed.data(), typed.datacontenttype()), (None, Some("application/json")));
    // A body without a content type is a format that is not understood (415).
    assert_eq!(read_binary(&[], b"x").unwrap_err().rule(), "no-content-type");
}

#[test]
fn what_binary_cannot_carry_goes_structured_gw_10() {
    let why = |members: &str| binary::encode(&read(&with(members)).unwrap()).unwrap_err();
    for (members, expected) in [
        ("", NotBinary::NoPayload),
        ("\"datacontenttype\":\"application/json\"", NotBinary::NoPayload),
        ("\"datacontenttype\":\"text/plain\",\"data\":\"\"", NotBinary::NoPayload),
        ("\"data_base64\":\"YWFw\"", NotBinary::NoContentType),
        ("\"datacontenttype\":\"application/cloudevents+json\",\"data\":{}", NotBinary::CloudEvents),
        ("\"datacontenttype\":\"Application/CloudEvents\",\"data_base64\":\"YWFw\"", NotBinary::CloudEvents),
        ("\"datacontenttype\":\"application/cloudeventsx\",\"data_base64\":\"YWFw\"", NotBinary::CloudEvents),
        ("\"datacontenttype\":\"application/cloudevents-batch+avro\",\"data_base64\":\"YWFw\"", NotBinary::CloudEvents),
        ("\"datacontenttype\":\"text/xml; charset=iso-8859-1\",\"data\":\"é\"", NotBinary::Charset),
        ("\"datacontenttype\":\"application/json; charset=utf-16\",\"data\":\"é\"", NotBinary::Charset),
        ("\"datacontenttype\":\"text/xml\",\"data\":{}", NotBinary::Form),
        ("\"datacontenttype\":\"text/xml; x=\\\"é\\\"\",\"data\":\"x\"", NotBinary::ContentTypeText),
    ] {
        assert_eq!(why(members), expected, "{members}");
        let event = read(&with(members)).unwrap();
        assert_eq!(read(&write(&through_log(&event))).unwrap(), event, "{members}");
    }
    let latin_1 = read_binary(&[("content-type", b"text/xml; charset=iso-8859-1")], b"\xE9").unwrap();
    assert_eq!(write_binary(&latin_1).1, b"\xE9".as_slice());
    assert_eq!(latin_1.data(), Some(&Data::Binary(b"\xE9".as_slice().into())));
}

#[test]
fn attempts_are_byte_identical_gw_04_gw_06() {
    let event = event("\"subject\":\"a é\",\"n\":5,\"data\":{\"a\":1.10}");
    let stored = through_log(&event);
    assert_eq!((write(&event), write_binary(&event)), (write(&stored), write_binary(&stored)));
}
