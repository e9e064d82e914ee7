//! Records as they were written once stay readable: one folder per version, one file per kind of event.

use std::{fs, path::PathBuf};

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde_json::Value as Json;
use translator::{cloudevents::structured, record};

fn bytes(json: &Json) -> Bytes {
    match json {
        Json::String(text) => Bytes::copy_from_slice(text.as_bytes()),
        other => STANDARD.decode(other["base64"].as_str().expect("text or base64")).expect("base64").into(),
    }
}

fn samples(version: &str) -> Vec<(String, Json)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/stored").join(version);
    let mut samples: Vec<_> = fs::read_dir(folder)
        .expect("the folder of samples")
        .map(|entry| {
            let path = entry.expect("a readable folder").path();
            let text = fs::read_to_string(&path).expect("a readable sample");
            (path.display().to_string(), serde_json::from_str(&text).expect("a sample in JSON"))
        })
        .collect();
    samples.sort_by(|one, other| one.0.cmp(&other.0));
    samples
}

fn headers(sample: &Json) -> Vec<(Bytes, Bytes)> {
    let pairs = sample["headers"].as_array().expect("a list of pairs");
    pairs.iter().map(|pair| (bytes(&pair[0]), bytes(&pair[1]))).collect()
}

#[test]
fn version_1_is_read() {
    let samples = samples("v1");
    assert!(samples.len() >= 8, "samples may be added, never taken away");
    for (name, sample) in samples {
        let value = Some(&sample["value"]).filter(|value| !value.is_null()).map(bytes);
        let accepted = record::decode(&headers(&sample), value.as_ref()).expect(&name);
        assert_eq!(
            structured::encode(&accepted.event),
            sample["event"].as_str().expect("the event as JSON text"),
            "{name}"
        );
        assert_eq!(format!("{:?}", accepted.published_as), sample["born"], "{name}");
        assert_eq!(accepted.received.map(model::Timestamp::as_micros), sample["received"].as_i64(), "{name}");
        assert_eq!(accepted.publisher.as_deref(), sample["publisher"].as_str(), "{name}");
    }
}

#[test]
fn today_writes_version_1() {
    for (name, sample) in samples("v1") {
        if name.contains("foreign") {
            continue;
        }
        let value = Some(&sample["value"]).filter(|value| !value.is_null()).map(bytes);
        let accepted = record::decode(&headers(&sample), value.as_ref()).expect(&name);
        let parts = record::encode(&accepted);
        assert_eq!((parts.headers, parts.value), (headers(&sample), value), "{name}");
        assert_eq!(parts.key, bytes(&sample["key"]), "{name}");
    }
}
