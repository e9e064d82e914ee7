//! The JSON event format (CE-JSON).

use model::{Data, Value};
use translator::{
    Strictness,
    cloudevents::{binary::NotBinary, structured},
};

use crate::support::{
    accepted, event, header, headers, json_data, read, read_binary, read_headers, read_strict, refused, text,
    through_log, with, write, write_binary,
};

#[test]
fn extensions_are_members_ce_json_01() {
    assert_eq!(refused(&with("\"extensions\":{\"a\":\"b\"}")), ("extensions".into(), "attribute-type"));
}

#[test]
fn types_map_to_json_types_ce_json_02_03() {
    let typed = event("\"n\":5,\"b\":true,\"s\":\"5\",\"m\":-1");
    assert!(write(&through_log(&typed)).contains("\"n\":5,\"b\":true,\"s\":\"5\",\"m\":-1"));
    for bad in ["1.0", "1e2", "-1.5", "1E2"] {
        assert_eq!(refused(&with(&format!("\"n\":{bad}"))).1, "attribute-type");
    }
}

#[test]
fn null_is_absent_ce_json_04_05_06() {
    let event = event("\"geheimnummer\":null,\"subject\":null,\"time\":null");
    assert_eq!(event.attributes().len(), 3);
    let parts = translator::record::encode(&accepted(event.clone()));
    for name in ["geheimnummer", "subject", "time"] {
        assert_eq!(header(&parts, &format!("ce_{name}")), None);
        assert!(!write(&event).contains(name));
    }
    assert_eq!(refused(&with("\"id\":null")), ("id".into(), "required"));
    assert_eq!(refused(&with("\"specversion\":null")), ("specversion".into(), "required"));
}

#[test]
fn media_type_ce_json_07() {
    assert_eq!(structured::CONTENT_TYPE, "application/cloudevents+json");
}

#[test]
fn all_attributes_become_members_ce_json_08() {
    let members = concat!(
        "\"datacontenttype\":\"application/json\",\"dataschema\":\"urn:x:y\",\"subject\":\"s\",",
        "\"time\":\"2018-04-05T17:31:00Z\",\"a\":\"1\",\"b\":2,\"c\":true,\"d\":\"\",\"e\":\"é\""
    );
    let written: serde_json::Value = serde_json::from_str(&write(&through_log(&event(members)))).unwrap();
    let sent: serde_json::Value = serde_json::from_str(&with(members)).unwrap();
    assert_eq!(written, sent);
    assert_eq!(written.as_object().unwrap().len(), 13);
}

#[test]
fn binary_data_is_base64_ce_json_09_10() {
    let png = read_binary(&[("content-type", b"image/png")], &[0x89, 0, 0xFF]).unwrap();
    assert!(write(&through_log(&png)).ends_with("\"datacontenttype\":\"image/png\",\"data_base64\":\"iQD/\"}"));

    let untyped = event("\"data_base64\":\"eyAieHl6IjogMTIzIH0=\"");
    assert_eq!(header(&translator::record::encode(&accepted(untyped.clone())), "content-type"), None);
    let written = write(&through_log(&untyped));
    assert!(!written.contains("datacontenttype") && written.ends_with("\"data_base64\":\"eyAieHl6IjogMTIzIH0=\"}"));
}

#[test]
fn json_types_ce_json_11_12() {
    for content_type in ["application/vnd.x+json; v=1", "text/json", "application/JSON", "application/json"] {
        let event = read_binary(&[("content-type", content_type.as_bytes())], b"{\"a\":1}").unwrap();
        assert!(write(&event).ends_with("\"data\":{\"a\":1}}"), "{content_type}");
    }
}

#[test]
fn textual_data_is_a_string_ce_json_13() {
    let xml = read_binary(&[("content-type", b"text/xml; charset=utf-8")], "<é>\n\"".as_bytes()).unwrap();
    assert!(write(&xml).ends_with("\"data\":\"<é>\\n\\\"\"}"));
    for (content_type, body) in [("text/xml; charset=iso-8859-1", b"\xE9"), ("text/xml", b"\xE9")] {
        let event = read_binary(&[("content-type", content_type.as_bytes())], body).unwrap();
        assert_eq!(event.data(), Some(&Data::Binary(b"\xE9".as_slice().into())));
        assert!(write(&event).ends_with("\"data_base64\":\"6Q==\"}"));
    }
}

#[test]
fn broken_json_payload_ce_json_14() {
    let broken: [(&str, &[u8]); 1] = [("content-type", b"application/json")];
    let strict = read_headers(headers(&broken), b"{broken", Strictness::Strict).unwrap_err();
    assert_eq!((strict.member.as_str(), strict.rule()), ("data", "data-not-json"));
    let lenient = read_binary(&broken, b"{broken").unwrap();
    assert!(
        write(&through_log(&lenient))
            .ends_with("\"datacontenttype\":\"application/json\",\"data_base64\":\"e2Jyb2tlbg==\"}")
    );
}

#[test]
fn both_payload_members_ce_json_15_27() {
    assert_eq!(refused(&with("\"data\":1,\"data_base64\":\"YWFw\"")), ("data_base64".into(), "data-and-data-base64"));
    assert_eq!(refused(&with("\"data_base64\":\"YWFw\",\"data\":\"\"")).1, "data-and-data-base64");
    assert_eq!(event("").data(), None);
    assert_eq!(json_data(&event("\"data\":{\"a\":1},\"data_base64\":null")), "{\"a\":1}");
    assert_eq!(event("\"data_base64\":null").data(), None);
}

#[test]
fn null_data_is_a_payload_ce_json_16() {
    let null = event("\"data\":null");
    let parts = translator::record::encode(&accepted(null.clone()));
    assert_eq!(parts.value.as_deref(), Some(b"null".as_slice()));
    assert!(write(&through_log(&null)).ends_with("\"data\":null}"));
    assert_eq!(translator::record::encode(&accepted(event(""))).value, None);
}

#[test]
fn base64_is_decoded_ce_json_17_18_19() {
    let thrift =
        "\"datacontenttype\":\"application/vnd.apache.thrift.binary\",\"data_base64\":\"YWFwIG5vb3QgbWllcw==\"";
    assert_eq!(write_binary(&event(thrift)).1, "aap noot mies");

    let untyped = event("\"data_base64\":\"eyJ4eXoiOjEyM30=\"");
    assert_eq!(untyped.data(), Some(&Data::Binary("{\"xyz\":123}".into())));
    assert_eq!(translator::cloudevents::binary::encode(&untyped), Err(NotBinary::NoContentType));
    assert!(write(&through_log(&untyped)).ends_with("\"data_base64\":\"eyJ4eXoiOjEyM30=\"}"));

    for bad in ["\"%%%\"", "\"YWFw=\"", "\"YWF\"", "\"YWFwIG5vb3Q\"", "\"YW Fw\"", "\"_-8=\"", "5", "{}", "true"] {
        assert_eq!(refused(&with(&format!("\"data_base64\":{bad}"))), ("data_base64".into(), "not-base64"), "{bad}");
    }
    assert_eq!(event(r#""data_base64":"YWF\u0077""#).data(), Some(&Data::Binary("aap".into())));
}

#[test]
fn json_strings_stay_strings_ce_json_20_23() {
    for content_type in ["\"datacontenttype\":\"application/json\",", ""] {
        let event = event(&format!(r#"{content_type}"data":"{{\"a\":1}}""#));
        assert_eq!(json_data(&through_log(&event)), r#""{\"a\":1}""#);
        let (headers, body) = write_binary(&event);
        assert_eq!((headers[0].1.as_str(), body), ("application/json", r#""{\"a\":1}""#.into()));
    }
    let parts = translator::record::encode(&accepted(event("\"data\":\"I am a string\"")));
    assert_eq!(parts.value.as_deref(), Some(b"\"I am a string\"".as_slice()));
    assert_eq!(header(&parts, "content-type"), Some("application/json"));
}

#[test]
fn text_of_other_types_ce_json_21_22() {
    let xml = event(r#""datacontenttype":"text/xml","data":"<a b=\"\u00e9\"/>""#);
    let (headers, body) = write_binary(&through_log(&xml));
    assert_eq!((headers[0].1.as_str(), body), ("text/xml", "<a b=\"é\"/>".into()));

    let object = with("\"datacontenttype\":\"text/xml\",\"data\":{\"a\":1}");
    let strict = read_strict(&object).unwrap_err();
    assert_eq!((strict.member.as_str(), strict.rule()), ("data", "data-not-text"));
    let lenient = read(&object).unwrap();
    assert_eq!(write(&through_log(&lenient)), object);
    assert_eq!(translator::cloudevents::binary::encode(&lenient), Err(NotBinary::Form));
    assert_eq!(refused(&with(r#""datacontenttype":"text/xml","data":"\uD800""#)).1, "unpaired-surrogate");
}

#[test]
fn number_text_is_kept_ce_json_24() {
    for data in ["1.5", "12345678901234567890", "1E400", "{\"a\":1.10}", "-0", "-0.0", "{\"b\":1,\"a\":1,\"a\":2}"] {
        let event = event(&format!("\"data\":{data}"));
        assert!(write(&through_log(&event)).ends_with(&format!("\"data\":{data}}}")), "{data}");
    }
}

#[test]
fn only_utf_8_json_objects_ce_json_25() {
    let valid = with("\"data\":[1,2]");
    for end in 0..valid.len() {
        assert_eq!(refused(&valid[..end]).1, "not-json", "{}", &valid[..end]);
    }
    for bad in [with("\"data\":[1,]"), valid.replace('}', ",}"), format!("\u{feff}{valid}"), format!("{valid}x")] {
        assert_eq!(refused(&bad).1, "not-json", "{bad}");
    }
    let limits = translator::Limits::default();
    let utf_16: Vec<u8> = valid.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [b"{\"id\":\"\xFF\"}".to_vec(), utf_16] {
        let rejection = structured::decode(&bytes.into(), Strictness::Lenient, &limits).unwrap_err();
        assert_eq!(rejection.rule(), "not-json");
    }
    for other in [format!("[{valid}]"), "null".into(), "\"x\"".into(), "1".into()] {
        assert_eq!(refused(&other), ("body".into(), "not-an-object"));
    }
    assert!(read(&format!(" \r\n\t{valid}\n")).is_ok());
}

#[test]
fn emitted_events_match_the_schema_ce_json_26() {
    // `write` holds every event it writes in these tests against the schema; here the forms side by side.
    for members in [
        "",
        "\"data\":null",
        "\"data\":{\"a\":[1]}",
        "\"datacontenttype\":\"text/plain\",\"data\":\"x\"",
        "\"data_base64\":\"YWFw\"",
        "\"subject\":\"é\",\"time\":\"2018-04-05T17:31:00.123+02:00\",\"dataschema\":\"urn:x:y\",\"n\":1,\"b\":false",
    ] {
        write(&event(members));
    }
}

#[test]
fn attributes_keep_their_order_and_values() {
    let json = with("\"z\":\"\",\"a\":\"/\\\\\",\"m\":7");
    assert_eq!(write(&through_log(&read(&json).unwrap())), json);
    assert_eq!(read(&json).unwrap().attribute("m"), Some(&Value::Integer(7)));
    assert_eq!(text(&read(&json).unwrap(), "a"), Some("/\\"));
}
