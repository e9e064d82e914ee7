//! An independent implementation reads what we write, and reads the same, on the subset that it gets right.

use cloudevents::{AttributesReader, Data as SdkData, Event as SdkEvent};
use serde_json::json;
use translator::cloudevents::structured;

use crate::support::{event, read, with};

fn sdk(members: &str) -> SdkEvent {
    serde_json::from_slice(&structured::encode(&event(members))).expect("the SDK reads what we write")
}

#[test]
fn attributes_are_the_same() {
    let read = sdk(concat!(
        "\"id\":\"Łódź 😀\",\"subject\":\"a\\\"b\\\\\",\"time\":\"2018-04-05T17:31:00Z\",",
        "\"dataschema\":\"urn:x:y\",\"n\":-5,\"b\":true,\"s\":\"é\""
    ));
    assert_eq!((read.id(), read.source().as_str(), read.ty()), ("Łódź 😀", "/s", "nl.t.x"));
    assert_eq!((read.subject(), read.dataschema().map(ToString::to_string)), (Some("a\"b\\"), Some("urn:x:y".into())));
    assert_eq!(read.time().map(ToString::to_string), Some("2018-04-05 17:31:00 UTC".into()));
    let extension = |name: &str| read.extension(name).map(ToString::to_string);
    let found = (extension("n"), extension("b"), extension("s"));
    assert_eq!(found, (Some("-5".into()), Some("true".into()), Some("é".into())));
    assert_eq!(read.iter_extensions().count(), 3);
}

#[test]
fn payloads_are_the_same() {
    assert_eq!(sdk("").data(), None);
    let json = sdk("\"datacontenttype\":\"application/json\",\"data\":{\"a\":[1,\"\\u00e9\"]}");
    assert_eq!(json.data(), Some(&SdkData::Json(json!({"a": [1, "é"]}))));
    let text = sdk("\"datacontenttype\":\"text/xml\",\"data\":\"<a b=\\\"é\\\"/>\"");
    assert_eq!(text.data(), Some(&SdkData::String("<a b=\"é\"/>".into())));
    let binary = sdk("\"datacontenttype\":\"image/png\",\"data_base64\":\"AP8=\"");
    assert_eq!(binary.data(), Some(&SdkData::Binary(vec![0, 255])));
}

#[test]
fn we_read_what_it_writes() {
    for members in [
        "",
        "\"subject\":\"s\",\"time\":\"2018-04-05T17:31:00Z\",\"x\":\"y\"",
        "\"datacontenttype\":\"application/json\",\"data\":{\"a\":1}",
        "\"datacontenttype\":\"text/xml\",\"data\":\"<a/>\"",
        "\"datacontenttype\":\"image/png\",\"data_base64\":\"AP8=\"",
    ] {
        let written = serde_json::to_string(&sdk(members)).expect("the SDK writes JSON");
        let (ours, original) = (read(&written).unwrap(), event(members));
        assert_eq!(ours.data(), original.data(), "{members}");
        assert_eq!(ours.attributes().len(), original.attributes().len());
        for (name, value) in original.attributes() {
            assert_eq!(ours.attribute(name.as_str()), Some(value), "{name}");
        }
    }
}

#[test]
fn it_refuses_what_we_refuse() {
    for members in ["\"id\":null", "\"data_base64\":\"%%%\"", "\"data\":1,\"data_base64\":\"YWFw\"", "\"time\":\"x\""] {
        let json = with(members);
        assert!(read(&json).is_err() && serde_json::from_str::<SdkEvent>(&json).is_err(), "{json}");
    }
}
