//! `Idempotency-Key`: a key chosen by the client; repeating a create request with it creates one subscription. It is
//! stored with the subscription, and deleted with it.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderName};
use model::subscription::CreateKey;
use ring::digest::{SHA256, digest};
use serde_json::{Map, Value};

use web::problem::{Fault, Problem};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Longest key, in characters.
const MAX_KEY: usize = 255;

/// The key of a request that asks for `object`; `None` when it brings none.
pub fn read(headers: &HeaderMap, object: &Map<String, Value>) -> Result<Option<CreateKey>, Problem> {
    let mut lines = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(line) = lines.next() else { return Ok(None) };
    let key = line.to_str().unwrap_or_default();
    let visible = key.bytes().all(|byte| byte.is_ascii_graphic());
    if key.is_empty() || key.len() > MAX_KEY || !visible || lines.next().is_some() {
        let rule = format!("must be given once, with 1 to {MAX_KEY} visible ASCII characters");
        return Err(Problem::invalid(vec![Fault::new("Idempotency-Key", rule)]));
    }
    Ok(Some(CreateKey { key: key.to_owned(), digest: fingerprint(object) }))
}

/// Tells requests apart; secrets do not go into it, so that it gives nothing away.
fn fingerprint(object: &Map<String, Value>) -> String {
    let mut told: Map<String, Value> = object
        .iter()
        .filter(|(name, _)| *name != "sinkcredential")
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let headers = told.get_mut("protocolsettings").and_then(|settings| settings.get_mut("headers"));
    if let Some(Value::Object(headers)) = headers {
        headers.values_mut().for_each(|value| *value = Value::Null);
    }
    STANDARD.encode(digest(&SHA256, Value::Object(told).to_string().as_bytes()))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use serde_json::json;

    use super::*;

    fn key(lines: &[&str], body: &Value) -> Result<Option<CreateKey>, Problem> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(IDEMPOTENCY_KEY, HeaderValue::from_str(line).unwrap());
        }
        read(&headers, body.as_object().unwrap())
    }

    #[test]
    fn keys_are_bounded_and_given_once() {
        let body = json!({"sink": "x"});
        assert_eq!(key(&[], &body).unwrap(), None);
        assert_eq!(key(&["3f0c-11"], &body).unwrap().unwrap().key, "3f0c-11");
        for lines in [&[""][..], &["a b"], &["a", "b"], &[&"x".repeat(256)]] {
            assert_eq!(key(lines, &body).unwrap_err().errors[0].member, "Idempotency-Key", "{lines:?}");
        }
    }

    #[test]
    fn the_fingerprint_is_of_what_is_asked_for_but_no_secret() {
        let of = |body: Value| fingerprint(body.as_object().unwrap());
        let one = of(json!({"sink": "x", "types": ["a"], "sinkcredential": {"secret": "1"}}));
        assert_eq!(one, of(json!({"types": ["a"], "sink": "x", "sinkcredential": {"secret": "2"}})));
        let with = |name: &str, value: &str| of(json!({"sink": "x", "protocolsettings": {"headers": {name: value}}}));
        assert_eq!(with("X-Key", "1"), with("X-Key", "2"), "e2: nor do values of headers");
        assert_ne!(with("X-Key", "1"), with("X-Other", "1"));
        assert_ne!(one, of(json!({"sink": "x", "types": ["b"]})));
    }
}
