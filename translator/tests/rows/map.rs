//! Notification to CloudEvent and back (MAP), and reading notifications.

use model::{
    AttributeName, Data, Value,
    event::{AcceptedEvent, PublishedAs},
    facts::Facts,
    profile::Finding,
    selection::Kenmerken,
};
use serde_json::{Value as Json, json};
use translator::{
    facts,
    notificatie::{self, GeneratedAttributes, Legacy, NoOn116Form, Untranslatable},
    record,
};

use crate::support::{
    MINTED, accepted, changed, event, header, kanaal, legacy, mapped, notification, published_as_notificatie, read,
    read_notification, text, through_log, with, write,
};

fn parse(text: &str) -> Json {
    serde_json::from_str(text).expect("JSON")
}

/// The event of a notification after a stay in the log.
fn stored(json: &str, filters: &[&str]) -> AcceptedEvent {
    let parts = record::encode(&published_as_notificatie(mapped(json, filters)));
    record::decode(&parts.headers, parts.value.as_ref()).expect("our own record")
}

fn with_findings(json: &str, filters: &[&str]) -> (model::Event, Vec<Finding>) {
    notificatie::to_event(&read_notification(json), &kanaal(filters), &MINTED).expect("a valid mapping")
}

#[test]
fn there_and_back_is_byte_equal_map_01_02() {
    let long = format!("{{\"lang\":\"{}\"}}", "é".repeat(1_000));
    for kenmerken in ["{}", r#"{"zaaktype.catalogus":"x","leeg":"","łódź":"\u00e9\n"}"#, long.as_str()] {
        let json = notification(kenmerken);
        assert_eq!(legacy(&stored(&json, &["zaaktype.catalogus"]), &[]), json);
    }
    let odd_but_standard = format!(" {}\n", notification("{ }").replace("\"kanaal\":", "\n\"kanaal\" : "));
    let accepted = published_as_notificatie(mapped(&odd_but_standard, &[]));
    assert_eq!(legacy(&accepted, &[]), odd_but_standard);
    let parts = record::encode(&accepted);
    assert_eq!(parts.value.as_deref(), Some(odd_but_standard.as_bytes()));
    assert_eq!(header(&parts, "content-type"), Some("application/json"));
    assert_eq!(header(&parts, "gw_born"), Some("notificatie"));
    write(&accepted.event);
}

#[test]
fn the_id_is_given_once_map_03() {
    let accepted = stored(&notification("{}"), &[]);
    assert_eq!((accepted.event.id(), accepted.published_as), (MINTED.id, PublishedAs::Notificatie));
    assert!(write(&accepted.event).contains(MINTED.id));
}

#[test]
fn source_map_04() {
    for (member, expected, remarks) in [
        ("\"zaken.maykin.nl\"", "zaken.maykin.nl", 0),
        ("\"urn:nld:oin:1:systeem:x\"", "urn:nld:oin:1:systeem:x", 0),
        ("", MINTED.source, 0),
        ("\"geen uri\"", MINTED.source, 1),
    ] {
        let (event, findings) = with_findings(&changed("source", member), &[]);
        assert_eq!((event.source(), findings.len()), (expected, remarks));
    }
}

#[test]
fn type_map_05_06() {
    assert_eq!(mapped(&notification("{}"), &[]).kind(), "nl.overheid.zaken.status.create");
    let generated = GeneratedAttributes { kind: Some("nl.overheid.zaken.zaakstatus-gewijzigd"), ..MINTED };
    let notificatie = read_notification(&notification("{}"));
    let (event, _) = notificatie::to_event(&notificatie, &kanaal(&[]), &generated).unwrap();
    assert_eq!(event.kind(), "nl.overheid.zaken.zaakstatus-gewijzigd");
    for (member, value, kind, extension) in [
        ("actie", "partial_update", "nl.overheid.zaken.status.partial_update", "actie"),
        ("resource", "Object Type", "nl.overheid.zaken.Object-Type.create", "resource"),
        ("resource", "a.b/ c!", "nl.overheid.zaken.a-b-c.create", "resource"),
        ("actie", "é", "nl.overheid.zaken.status.onbekend", "actie"),
    ] {
        let json = changed(member, &json!(value).to_string());
        let event = mapped(&json, &[]);
        assert_eq!((event.kind(), text(&event, extension)), (kind, Some(value)));
        assert!(model::profile::check(&event, model::profile::Profile::NlGov).iter().all(|finding| !finding.strict));
        assert_eq!(parse(&legacy(&published_as_notificatie(event), &[]))[member], value);
    }
}

#[test]
fn subject_map_07() {
    for (url, subject) in [
        ("https://h.nl/zrc/statussen/d7a22/721c9", Some("721c9")),
        ("https://h.nl/zrc/statussen/721c9/", Some("721c9")),
        ("https://h.nl/721c9?x=a/b#c/d", Some("721c9")),
        ("https://h.nl/%41", Some("%41")),
        ("https://h.nl/", None),
        ("https://h.nl", None),
        ("https://h.nl?a/b", None),
    ] {
        assert_eq!(mapped(&changed("resourceUrl", &json!(url).to_string()), &[]).subject(), subject, "{url}");
    }
}

#[test]
fn time_map_08() {
    for (member, time) in [
        ("2025-01-01T12:00:00.123456+01:00", "2025-01-01T12:00:00.123456+01:00"),
        ("2025-01-01T12:00:00", "2025-01-01T12:00:00Z"),
        ("2025-01-01", "2025-01-01T00:00:00Z"),
    ] {
        let event = mapped(&changed("aanmaakdatum", &json!(member).to_string()), &[]);
        assert_eq!(text(&event, "time"), Some(time));
    }
}

#[test]
fn dataref_map_09() {
    let json = changed("resourceUrl", "\"https://h.nl/a%20b\"");
    assert_eq!(text(&mapped(&json, &[]), "dataref"), Some("https://h.nl/a%20b"));
    let generated = GeneratedAttributes { dataref: false, ..MINTED };
    let (event, _) = notificatie::to_event(&read_notification(&json), &kanaal(&[]), &generated).unwrap();
    assert_eq!(event.attribute("dataref"), None);
    // A URL that is no URI (RFC 3986) stays in the payload only.
    let (event, findings) = with_findings(&changed("resourceUrl", "\"https://h.nl/é\""), &[]);
    assert_eq!((event.attribute("dataref"), findings[0].member.as_str()), (None, "dataref"));
}

#[test]
fn extensions_map_10_11() {
    let kenmerken = r#"{"zaaktype.catalogus":"c","vertrouwelijkheidaanduiding":"openbaar","object_type":"o","BSN":"b","ander":"x"}"#;
    let filters = ["zaaktype.catalogus", "vertrouwelijkheidaanduiding", "objectType", "bsn", "afwezig"];
    let event = mapped(&notification(kenmerken), &filters);
    for (name, value) in [
        ("kanaal", Some("zaken")),
        ("resource", Some("status")),
        ("actie", Some("create")),
        ("hoofdobject", Some("https://zaken.nl/zrc/api/v1/zaken/d7a22")),
        ("zaaktypecatalogus", Some("c")),
        ("vertrouwelijkheidaanduiding", Some("openbaar")),
        ("objecttype", Some("o")),
        ("bsn", Some("b")),
        ("ander", None),
        ("afwezig", None),
    ] {
        assert_eq!(text(&event, name), value, "{name}");
    }
}

#[test]
fn clashing_filters_get_aliases_map_12() {
    let event = mapped(&notification(r#"{"id":"k","data":"d","resource":"r"}"#), &["id", "data", "resource"]);
    let values = ["kenmerkid", "kenmerkdata", "kenmerkresource", "id", "resource"].map(|name| text(&event, name));
    assert_eq!(values, [Some("k"), Some("d"), Some("r"), Some(MINTED.id), Some("status")]);
}

#[test]
fn illegal_values_stay_in_the_payload_map_13() {
    let kenmerken = r#"{"regels":"a\nb","vreemd":"\uffff","leeg":"","partitionkey":""}"#;
    let json = notification(kenmerken);
    let (event, findings) = with_findings(&json, &["regels", "vreemd", "leeg", "partitionkey"]);
    let members: Vec<_> = findings.iter().map(|finding| (finding.rule, finding.member.as_str())).collect();
    let rule = "not-an-attribute";
    assert_eq!(members, [(rule, "regels"), (rule, "vreemd"), (rule, "partitionkey")]);
    assert_eq!(event.attribute("leeg"), Some(&Value::Text("".into())));
    assert_eq!(event.data(), Some(&Data::Json(json.into())));
}

#[test]
fn key_and_dataschema_map_14_15() {
    let parts = record::encode(&stored(&notification("{}"), &[]));
    assert_eq!(parts.key, "https://zaken.nl/zrc/api/v1/zaken/d7a22");
    assert_eq!(header(&parts, "ce_dataschema"), Some(MINTED.dataschema));
    assert_eq!(header(&parts, "ce_partitionkey"), None);
}

#[test]
fn open_notificaties_form_map_16() {
    let json = notification(r#"{"bron":"x","Zaak_Type":"y"}"#);
    let body = notificatie::on116(&stored(&json, &["bron"])).unwrap();
    let expected = json!({
        "id": MINTED.id,
        "source": MINTED.source,
        "specversion": "1.0",
        "type": "nl.overheid.zaken.status.create",
        "datacontenttype": "application/json",
        "subject": "721c9",
        "time": "2025-01-01T11:00:00Z",
        "data": {"bron": "x", "Zaak_Type": "y", "hoofdObject": "https://zaken.nl/zrc/api/v1/zaken/d7a22"},
    });
    assert_eq!(parse(std::str::from_utf8(&body).unwrap()), expected);
    crate::support::assert_matches_schema(&body);
    let spaced = published_as_notificatie(mapped(&changed("resource", "\"Object Type\""), &[]));
    let body = notificatie::on116(&spaced).unwrap();
    assert_eq!(parse(std::str::from_utf8(&body).unwrap())["type"], "nl.overheid.zaken.Object Type.create");
    let cloudevent = event("\"x\":\"y\"");
    assert_eq!(notificatie::on116(&accepted(cloudevent.clone())).unwrap(), write(&cloudevent));
}

#[test]
fn open_notificaties_form_loses_nothing_silently_map_17() {
    let clash = stored(&notification(r#"{"hoofdObject":"x"}"#), &[]);
    assert_eq!(notificatie::on116(&clash), Err(NoOn116Form::HoofdObject));
    assert_eq!(notificatie::on116(&published_as_notificatie(event("\"data\":1"))), Err(NoOn116Form::Payload));
}

/// The seven members of a CloudEvent for a legacy subscriber.
fn translated(members: &str, filters: &[&str]) -> Json {
    let json: Json = parse(&legacy(&accepted(read(&with(members)).expect(members)), filters));
    let names: Vec<_> = json.as_object().expect("an object").keys().cloned().collect();
    let mut expected = ["kanaal", "hoofdObject", "resource", "resourceUrl", "actie", "aanmaakdatum", "kenmerken"];
    expected.sort_unstable();
    assert_eq!(names, expected);
    // What we make must be what we would take.
    read_notification(&json.to_string());
    json
}

#[test]
fn cloudevent_to_legacy_map_18() {
    let least = translated("\"id\":\"a/b é\"", &["bron"]);
    let url = "https://gateway.nl/v1/events/a%2Fb%20%C3%A9";
    let expected = json!({
        "kanaal": "zaken", "hoofdObject": url, "resource": "t", "resourceUrl": url, "actie": "x",
        "aanmaakdatum": "2023-11-14T22:13:20Z", "kenmerken": {},
    });
    assert_eq!(least, expected);

    let most = translated(
        concat!(
            r#""type":"nl.overheid.zaken.zaak-gemuteerd","time":"2025-01-01T12:00:00.5+01:00","#,
            r#""dataref":"https://z.nl/zaken/1","resource":"zaak","actie":"update","bron":"ext","#,
            r#""data":{"hoofdObject":"https://z.nl/zaken/9","zaaktype.catalogus":"c","bron":"data","n":1.10,"o":{}}"#
        ),
        &["bron", "zaaktype.catalogus", "n", "o", "afwezig"],
    );
    let expected = json!({
        "kanaal": "zaken", "hoofdObject": "https://z.nl/zaken/9", "resource": "zaak",
        "resourceUrl": "https://z.nl/zaken/1", "actie": "update", "aanmaakdatum": "2025-01-01T12:00:00.5+01:00",
        "kenmerken": {"bron": "ext", "zaaktype.catalogus": "c", "n": "1.10"},
    });
    assert_eq!(most, expected);

    let cases = [
        ("\"dataref\":\"/relatief\",\"subject\":\"https://z.nl/1\"", "resourceUrl", "https://z.nl/1"),
        ("\"dataref\":\"/relatief\",\"source\":\"http://z.nl/2\"", "resourceUrl", "http://z.nl/2"),
        ("\"hoofdobject\":\"https://z.nl/h\"", "hoofdObject", "https://z.nl/h"),
        ("\"type\":\"foo\"", "resource", "foo"),
        ("\"type\":\"foo\"", "actie", "foo"),
        ("\"type\":\"...\"", "actie", "onbekend"),
        ("\"type\":\"a.b.\"", "actie", "b"),
        ("\"type\":\"a.b. \"", "actie", "b"),
        ("\"type\":\" \"", "resource", "onbekend"),
    ];
    for (members, member, expected) in cases {
        assert_eq!(translated(members, &[])[member], expected, "{members}");
    }
    let long = translated(&format!("\"type\":\"nl.{}.x\",\"actie\":\"{}\"", "é".repeat(200), "y".repeat(101)), &[]);
    assert_eq!((long["resource"].as_str().unwrap().chars().count(), &long["actie"]), (100, &json!("x")));
}

#[test]
fn what_has_no_legacy_form_says_so() {
    let kanaal = kanaal(&[]);
    let context = Legacy { kanaal: &kanaal.naam, filters: &kanaal.filters, gateway: "https://gateway.nl" };
    let foreign = AcceptedEvent { received: None, ..accepted(event("")) };
    assert_eq!(notificatie::render(&foreign, &context), Err(Untranslatable::NoMoment));
    let long = accepted(event(&format!("\"id\":\"{}\"", "x".repeat(3_000))));
    assert_eq!(notificatie::render(&long, &context), Err(Untranslatable::NoUrl));
    let broken = published_as_notificatie(event("\"data\":{}"));
    assert_eq!(notificatie::render(&broken, &context), Err(Untranslatable::Payload));
}

#[test]
fn legacy_subscribers_get_plain_json_map_20() {
    assert_eq!(notificatie::CONTENT_TYPE, "application/json");
}

#[test]
fn null_members_of_publishers_map_21_22() {
    let event = read(&with("\"subject\":null,\"dataref\":null,\"data\":null")).unwrap();
    assert_eq!((event.subject(), event.attribute("dataref")), (None, None));
    assert!(write(&through_log(&event)).ends_with("\"data\":null}"));
    let json = with(r#""dataref":"/zaken/1","sequence":"1","traceparent":"00-x","data":{}"#);
    assert_eq!(write(&through_log(&read(&json).unwrap())), json);
}

#[test]
fn filters_compare_normalised_keys_map_23_24() {
    let json = notification(r#"{"objectType":"o","bron":"X","BSN":"1","n":"5"}"#);
    let notificatie = stored(&json, &[]);
    let name = kanaal(&[]).naam;
    let matches = |accepted: &AcceptedEvent, key: &str, value: &str| {
        let members = facts::members(accepted);
        let facts =
            Facts { kanaal: &name, event: &accepted.event, published_as: accepted.published_as, members: &members };
        Kenmerken::new([(key, value)]).matches(&facts)
    };
    for (key, value, expected) in [
        ("bron", "X", true),
        ("bron", "Y", false),
        ("bron", "*", true),
        ("afwezig", "X", true),
        ("object_type", "o", true),
        ("object_type", "p", false),
        ("bsn", "1", true),
    ] {
        assert_eq!(matches(&notificatie, key, value), expected, "{key}={value}");
    }
    let escaped = stored(&notification(r#"{"br\u006fn":"X"}"#).replace("kenmerken", r"kenmerk\u0065n"), &[]);
    assert!(matches(&escaped, "bron", "X") && !matches(&escaped, "bron", "Y"));

    let cloudevent =
        accepted(event(r#""data":{"a_b":"x","n":1.10,"b":true,"o":{},"l":[],"z":null,"s":"\u00e9"},"e":"ext""#));
    let members: Vec<_> =
        facts::members(&cloudevent).into_iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
    let expected = [("ab", "x"), ("n", "1.10"), ("b", "true"), ("s", "é")];
    assert_eq!(members, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
    for none in ["", "\"data\":[1]", "\"data\":\"x\"", "\"data\":null", "\"data_base64\":\"e30=\""] {
        assert_eq!(facts::members(&accepted(event(none))), [], "{none}");
    }
}

#[test]
fn lenient_input_is_normalised_for_subscribers_map_27() {
    let snake = notification(r#"{"a":1,"b":"x"}"#)
        .replace("hoofdObject", "hoofd_object")
        .replace("resourceUrl", "resource_url")
        .replace("\"kanaal\":", "\"onbekend\":{\"x_y\":1.10},\"kanaal\":");
    let accepted = stored(&snake, &[]);
    assert_eq!(accepted.event.data(), Some(&Data::Json(snake.into())));
    assert_eq!(legacy(&accepted, &[]), notification(r#"{"a":"1","b":"x"}"#));
    for (member, value, in_legacy, expected) in [
        ("kenmerken", "", "kenmerken", json!({})),
        ("kenmerken", "null", "kenmerken", json!({})),
        ("kenmerken", "{\"n\":1.5}", "kenmerken", json!({"n": "1.5"})),
        ("actie", "\" create \"", "actie", json!("create")),
        ("resource", "7", "resource", json!("7")),
        ("aanmaakdatum", "\"2025-01-01 12:00\"", "aanmaakdatum", json!("2025-01-01T12:00:00Z")),
    ] {
        let accepted = stored(&changed(member, value), &[]);
        assert_eq!(parse(&legacy(&accepted, &[]))[in_legacy], expected, "{member}={value}");
    }
}

#[test]
fn g14_legacy_subscribers_get_keys_in_camel_case_and_no_unknown_members_map_24() {
    let posted = notification(r#"{"object_type":"T","BSN":"1","a.b_c":"3","zaaktype":"z"}"#)
        .replace("\"kanaal\":", "\"on_bekend\":{\"x_y\":1.10},\"kanaal\":");
    let accepted = stored(&posted, &["object_type"]);
    let expected = notification(r#"{"objectType":"T","bsn":"1","a.bC":"3","zaaktype":"z"}"#);
    assert_eq!(legacy(&accepted, &[]), expected);
    // What is stored, the answer and CloudEvents keep the keys as posted.
    assert_eq!(accepted.event.data(), Some(&Data::Json(posted.clone().into())));
    let echo = notificatie::echo(&read_notification(&posted));
    for body in [&echo, &notificatie::on116(&accepted).expect("no clash")] {
        assert!(String::from_utf8_lossy(body).contains(r#""object_type":"T","BSN":"1","a.b_c":"3""#));
    }
    assert!(write(&accepted.event).contains(&posted));

    let unknown = notification("{}").replace("\"kanaal\":", "\"extra\":1,\"kanaal\":");
    assert_eq!(legacy(&stored(&unknown, &[]), &[]), notification("{}"));
}

#[test]
fn g14_of_keys_that_become_equal_the_last_counts() {
    let accepted = stored(&notification(r#"{"object_type":"1","a":"x","objectType":"2"}"#), &[]);
    assert_eq!(legacy(&accepted, &[]), notification(r#"{"a":"x","objectType":"2"}"#));
}

#[test]
fn g14_kenmerken_of_a_cloudevent_are_in_camel_case_too() {
    let json = translated(r#""data":{"object_type":"T","BSN":"1"}"#, &["object_type", "BSN"]);
    assert_eq!(json["kenmerken"], json!({"objectType": "T", "bsn": "1"}));
}

#[test]
fn a_bad_configuration_is_an_error() {
    let notificatie = read_notification(&notification("{}"));
    for (generated, member) in [
        (GeneratedAttributes { source: "a b", ..MINTED }, "source"),
        (GeneratedAttributes { dataschema: "/relatief", ..MINTED }, "dataschema"),
        (GeneratedAttributes { id: "", ..MINTED }, "id"),
        (GeneratedAttributes { kind: Some(""), ..MINTED }, "type"),
    ] {
        let error = notificatie::to_event(&notificatie, &kanaal(&[]), &generated).unwrap_err();
        assert_eq!(error.member, member);
    }
    assert!(AttributeName::new("kanaal").is_ok());
}
