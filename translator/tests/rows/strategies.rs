//! Random events and notifications for the properties.

use bytes::Bytes;
use model::{Data, Event, Value, event::check_attribute};
use proptest::{collection::vec, option, prelude::*, string::string_regex};

use crate::support::attribute;

/// Any text that an attribute may hold, not empty.
pub fn attribute_text() -> impl Strategy<Value = String> {
    vec(prop_oneof![6 => any::<char>(), 1 => Just(' '), 1 => Just('.')], 1..24)
        .prop_map(|characters| {
            let text: String = characters.into_iter().filter(|c| Value::text(&c.to_string()).is_ok()).collect();
            if text.is_empty() { "-".to_owned() } else { text }
        })
        .boxed()
}

fn regex(pattern: &str) -> impl Strategy<Value = String> + use<> {
    string_regex(pattern).expect("a valid pattern")
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<bool>().prop_map(Value::Boolean),
        any::<i32>().prop_map(Value::Integer),
        attribute_text().prop_map(|text| Value::Text(text.into())),
        Just(Value::Text("".into())),
    ]
}

/// JSON text with odd but legal numbers, escapes and white space.
pub fn json() -> impl Strategy<Value = String> {
    let string = || {
        vec(prop_oneof![any::<char>(), Just('"'), Just('\\'), Just('\n')], 0..12)
            .prop_map(|text| serde_json::to_string(&text.into_iter().collect::<String>()).expect("text is JSON"))
    };
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("\"\\uD83D\\uDE00\\/\"".to_owned()),
        regex("-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,9})?([eE][+-]?[0-9]{1,3})?"),
        string(),
    ];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        let pair = (string(), inner.clone()).prop_map(|(key, value)| format!("{key} :{value}"));
        prop_oneof![
            vec(inner, 0..4).prop_map(|items| format!("[{}]", items.join(",\n"))),
            vec(pair, 0..4).prop_map(|pairs| format!("{{ {}\t}}", pairs.join(","))),
        ]
    })
}

/// A content type and a payload that belong together, as the readers make them.
fn payload() -> impl Strategy<Value = (Option<String>, Option<Data>)> {
    let json_type = option::of(prop_oneof![
        Just("application/json".to_owned()),
        Just("application/vnd.x+json; v=\"1\"".to_owned()),
        Just("Text/JSON;charset=UTF-8".to_owned()),
    ]);
    let other_type = prop_oneof![
        Just("text/plain".to_owned()),
        Just("application/octet-stream".to_owned()),
        Just("text/xml; charset=iso-8859-1".to_owned()),
        Just("application/cloudevents+json".to_owned()),
        Just("application/cloudevents+avro".to_owned()),
        Just(" application/cloudeventsx; charset=utf-16".to_owned()),
    ];
    let any_type = option::of(prop_oneof![other_type.clone(), Just("application/json".to_owned())]);
    prop_oneof![
        any_type.clone().prop_map(|content_type| (content_type, None)),
        (json_type, json()).prop_map(|(content_type, json)| (content_type, Some(Data::Json(json.into())))),
        (other_type.clone().prop_filter("no JSON", |text| !text.ends_with("json")), ".{0,20}")
            .prop_map(|(content_type, text)| (Some(content_type), Some(Data::Text(Bytes::from(text))))),
        (other_type.prop_filter("no JSON", |text| !text.ends_with("json")), json())
            .prop_filter("a string would be text", |(_, json)| !json.starts_with('"'))
            .prop_map(|(content_type, json)| (Some(content_type), Some(Data::Json(json.into())))),
        (any_type, vec(any::<u8>(), 0..40))
            .prop_map(|(content_type, bytes)| (content_type, Some(Data::Binary(bytes.into())))),
    ]
}

/// Any event the readers can make.
pub fn event() -> impl Strategy<Value = Event> {
    let extensions = vec((regex("[a-z0-9]{1,24}"), value()), 0..6);
    let optional = (
        option::of(attribute_text()),
        option::of(regex(
            "20[0-9]{2}-(0[1-9]|1[0-2])-[0-2][1-8]T[01][0-9]:[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?(Z|[+-]0[0-9]:30)",
        )),
        option::of(regex("https://[a-z]{1,9}\\.nl/[a-z0-9/]{0,12}")),
    );
    let required =
        (attribute_text(), regex("(urn:nld:oin:[0-9]{20}:x|/[a-z0-9]{0,8}|https://x\\.nl/(%41)?)"), attribute_text());
    (required, optional, extensions, payload(), any::<u8>()).prop_filter_map(
        "a URI-reference",
        |((id, source, kind), (subject, time, dataschema), extensions, (content_type, data), rotate)| {
            let mut attributes = vec![];
            for (name, text) in [
                ("id", Some(id)),
                ("source", Some(source)),
                ("type", Some(kind)),
                ("subject", subject),
                ("time", time),
                ("dataschema", dataschema),
                ("datacontenttype", content_type),
            ] {
                attributes.extend(text.map(|text| attribute(name, Value::Text(text.into()))));
            }
            for (name, value) in extensions {
                let is_new = attributes.iter().all(|(own, _)| own.as_str() != name);
                if is_new && name != "data" && name != "specversion" && check_attribute(&name, &value).is_ok() {
                    attributes.push(attribute(&name, value));
                }
            }
            let middle = usize::from(rotate) % attributes.len();
            attributes.rotate_left(middle);
            Event::new(attributes, data).ok()
        },
    )
}

/// A notification as JSON text; sometimes with an unknown member.
pub fn notification() -> impl Strategy<Value = String> {
    let text = || {
        vec(any::<char>().prop_filter("no null", |c| *c != '\0'), 1..12)
            .prop_map(|text| format!("x{}x", text.into_iter().collect::<String>()))
    };
    let pair = (prop_oneof![regex("[a-zA-Z_.]{1,12}"), text()], prop_oneof![text(), Just(String::new())]);
    let url = || regex("https?://(localhost|a\\.nl)(:[0-9]{2,4})?(/[a-z0-9%]{0,8}){0,4}/?");
    let moment =
        regex("20[0-9]{2}-(0[1-9]|1[0-2])-[0-2][1-8]T[01][0-9]:[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?(Z|[+-]0[0-9]:30)");
    (text(), text(), text(), url(), url(), moment, vec(pair, 0..6), option::of(json()), option::of(text())).prop_map(
        |(kanaal, resource, actie, hoofd_object, resource_url, moment, kenmerken, extra, source)| {
            let quote = |text: &str| serde_json::to_string(text).expect("text is JSON");
            let mut pairs: Vec<(String, String)> = vec![];
            for (key, value) in kenmerken {
                if pairs.iter().all(|(own, _)| *own != key) {
                    pairs.push((key, value));
                }
            }
            let kenmerken: Vec<_> =
                pairs.iter().map(|(key, value)| format!("{}:{}", quote(key), quote(value))).collect();
            let extra = extra.map(|json| format!("\"extra\":{json},")).unwrap_or_default();
            let source = source.map(|text| format!("\"source\":{},", quote(&text))).unwrap_or_default();
            format!(
                concat!(
                    "{{\"kanaal\":{}, {}\"hoofdObject\":{},\"resource\":{},{}\"resourceUrl\":{},",
                    "\"actie\":{},\n\"aanmaakdatum\":{},\"kenmerken\":{{{}}}}}"
                ),
                quote(&kanaal),
                source,
                quote(&hoofd_object),
                quote(&resource),
                extra,
                quote(&resource_url),
                quote(&actie),
                quote(&moment),
                kenmerken.join(",")
            )
        },
    )
}
