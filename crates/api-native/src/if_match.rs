//! `ETag` and `If-Match` (RFC 9110 sections 8.8.3 and 13.1.1) of a subscription. The tag of a version is its moment of
//! change, in microseconds since 1970, hexadecimal.

use http::{HeaderMap, header};
use management::Precondition;
use model::Timestamp;

/// The `ETag` of a version.
pub fn etag(version: Timestamp) -> String {
    format!("\"{:x}\"", version.as_micros())
}

/// What the `If-Match` fields of a request expect. A tag of another form names no version.
pub fn precondition(headers: &HeaderMap) -> Precondition {
    let mut fields = headers.get_all(header::IF_MATCH).iter().peekable();
    if fields.peek().is_none() {
        return Precondition::None;
    }
    let tags = fields.filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(',')).map(str::trim);
    let mut versions = Vec::new();
    for tag in tags {
        if tag == "*" {
            return Precondition::Any;
        }
        versions.extend(version(tag));
    }
    Precondition::Versions(versions)
}

/// The moment of change that an `ETag` names.
fn version(tag: &str) -> Option<Timestamp> {
    let digits = tag.strip_prefix('"')?.strip_suffix('"')?;
    let version = Timestamp::from_micros(i64::from_str_radix(digits, 16).ok()?);
    (etag(version) == tag).then_some(version)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn if_match_names_versions() {
        let at = Timestamp::from_micros(0x1f);
        for (fields, expected) in [
            (&[][..], Precondition::None),
            (&["*"], Precondition::Any),
            (&["\"1f\""], Precondition::Versions(vec![at])),
            (&["\"x\", \"1f\"", "\"20\""], Precondition::Versions(vec![at, Timestamp::from_micros(0x20)])),
            (&["W/\"1f\", \"1F\", \"01f\", 1f, \"+1f\", \"\""], Precondition::Versions(vec![])),
        ] {
            let mut headers = HeaderMap::new();
            for field in fields {
                headers.append(header::IF_MATCH, HeaderValue::from_static(field));
            }
            assert_eq!(precondition(&headers), expected, "{fields:?}");
        }
    }
}
