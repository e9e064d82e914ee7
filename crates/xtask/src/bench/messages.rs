//! The messages that are measured with: about 500 bytes each, in the shapes a publisher may post. No sending here.

use axum::body::Bytes;
use hyper::Request;
use hyper::http::request::Builder;

/// The kanaal all measured events go to, and the type of the events a subscription selects.
pub const KANAAL: &str = "bench";
pub const TYPE: &str = "nl.overheid.bench.gemeten";
/// Size of a structured message, and of what a binary or legacy one carries in all.
pub const BYTES: usize = 500;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    Structured,
    Binary,
    Notificatie,
}

impl Shape {
    pub const ALL: [Self; 3] = [Self::Structured, Self::Binary, Self::Notificatie];

    pub fn name(self) -> &'static str {
        match self {
            Self::Structured => "structured",
            Self::Binary => "binary",
            Self::Notificatie => "notificatie",
        }
    }

    /// The path at which the gateway accepts this shape.
    pub fn path(self) -> &'static str {
        match self {
            Self::Structured | Self::Binary => "/v1/events",
            Self::Notificatie => "/api/v1/notificaties",
        }
    }

    /// A request with this message; the id is unique, else the second one would be a duplicate.
    pub fn request(self, url: &str, event_type: &str, id: &str) -> (Builder, Bytes) {
        let request = Request::post(url);
        match self {
            Self::Structured => {
                let start = format!(
                    "{{\"specversion\":\"1.0\",\"id\":\"{id}\",\"source\":\"{SOURCE}\",\"type\":\"{event_type}\",\
                     \"time\":\"{TIME}\",\"subject\":\"{SUBJECT}\",\"datacontenttype\":\"application/json\",\"data\":"
                );
                let body = format!("{start}{}}}", filler(BYTES.saturating_sub(start.len() + 1)));
                (request.header("content-type", "application/cloudevents+json"), body.into())
            }
            Self::Binary => {
                let request = request
                    .header("content-type", "application/json")
                    .header("ce-specversion", "1.0")
                    .header("ce-id", id)
                    .header("ce-source", SOURCE)
                    .header("ce-type", event_type)
                    .header("ce-time", TIME)
                    .header("ce-subject", SUBJECT);
                let attributes = id.len() + SOURCE.len() + event_type.len() + TIME.len() + SUBJECT.len() + 60;
                (request, filler(BYTES.saturating_sub(attributes)).into())
            }
            Self::Notificatie => {
                let start = format!(
                    "{{\"kanaal\":\"{KANAAL}\",\"hoofdObject\":\"https://zaken.example/api/v1/zaken/{SUBJECT}\",\
                     \"resource\":\"zaak\",\"resourceUrl\":\"https://zaken.example/api/v1/zaken/{SUBJECT}?bericht={id}\",\
                     \"actie\":\"create\",\"aanmaakdatum\":\"{TIME}\",\"kenmerken\":{{\"bron\":\""
                );
                let body = format!("{start}{}\"}}}}", "x".repeat(BYTES.saturating_sub(start.len() + 3)));
                (request.header("content-type", "application/json"), body.into())
            }
        }
    }
}

const SOURCE: &str = "urn:nld:oin:00000001823288444000:systeem:bench";
const SUBJECT: &str = "3b7e9c62-0d0c-4b8a-9d62-6a1f0c0f6d11";
const TIME: &str = "2026-01-01T12:00:00Z";

/// A JSON object of exactly so many bytes, from 17 on.
fn filler(bytes: usize) -> String {
    format!("{{\"opvulling\":\"{}\"}}", "x".repeat(bytes.saturating_sub(16)))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn messages_have_their_size_and_parse() {
        for shape in Shape::ALL {
            let (request, body) = shape.request("http://127.0.0.1:1/", TYPE, "a-1");
            assert!(serde_json::from_slice::<Value>(&body).is_ok(), "{shape:?}: {body:?}");
            let request = request.body(()).expect("a request");
            if shape == Shape::Binary {
                assert_eq!(request.headers()["ce-id"], "a-1");
            } else {
                assert_eq!(body.len(), BYTES, "{shape:?}");
            }
        }
    }
}
