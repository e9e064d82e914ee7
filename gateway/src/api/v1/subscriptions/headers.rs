//! `protocolsettings`: the headers that every delivery carries besides the gateway's own (CE-SUB-16, CE-SUB-17).
//! Names that the gateway, the binding or HTTP itself sets are refused.

use http::{HeaderName, HeaderValue};

use crate::api::v1::members::Members;

/// Most headers of one subscription.
const MAX_HEADERS: usize = 32;
/// Longest value, in bytes.
const MAX_VALUE: usize = 4_096;
/// Names that are never the owner's, besides the prefixes below.
const RESERVED: [&str; 13] = [
    "authorization",
    "cache-control",
    "connection",
    "date",
    "expect",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "x-request-id",
];
const RESERVED_PREFIXES: [&str; 4] = ["ce-", "content-", "proxy-", "webhook-"];

/// Reads `protocolsettings` and returns its headers.
pub fn read(top: &Members<'_>) -> Vec<(String, String)> {
    let Some(settings) = top.object("protocolsettings") else { return Vec::new() };
    settings.only(&["method", "headers"]);
    settings.word("method", &[("POST", ())]);
    let Some(headers) = settings.object("headers") else { return Vec::new() };
    if headers.iter().nth(MAX_HEADERS).is_some() {
        settings.fault("headers", format!("has more than {MAX_HEADERS} members"));
    }
    let mut read: Vec<(String, String)> = Vec::new();
    for (name, _) in headers.iter() {
        let lower = name.to_ascii_lowercase();
        if HeaderName::from_bytes(name.as_bytes()).is_err() {
            headers.fault(name, "is not a header name");
        } else if RESERVED.contains(&lower.as_str()) || RESERVED_PREFIXES.iter().any(|start| lower.starts_with(start)) {
            headers.fault(name, "is set by the gateway and cannot be given");
        } else if read.iter().any(|(other, _)| other.eq_ignore_ascii_case(name)) {
            headers.fault(name, "is given twice in different case");
        }
        let Some(value) = headers.free_text(name) else { continue };
        if value.len() > MAX_VALUE || HeaderValue::from_str(value).is_err() {
            headers.fault(name, format!("must be a header value of at most {MAX_VALUE} visible characters"));
        }
        read.push((name.clone(), value.to_owned()));
    }
    read
}
