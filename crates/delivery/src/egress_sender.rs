//! The sender of production: requests go out through `egress`.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, SystemTime},
};

use async_trait::async_trait;
use compact_str::CompactString;
use egress::{Egress, Limits, Request};
use http::Method;
use model::Clock;

use crate::{
    answer::Reply,
    post::{Outgoing, Sender},
};

/// Longest start of a response body that is kept, in bytes.
const EXCERPT: usize = 512;

/// Sends through `egress`.
pub struct EgressSender {
    egress: Arc<Egress>,
    limits: Limits,
    clock: Arc<dyn Clock>,
    profiles: HashMap<String, Arc<str>>,
}

impl EgressSender {
    /// A sender with these bounds. `profiles` names a TLS profile per destination (`host` or `host:port`, as in the
    /// URL) for those that need a client certificate
    /// and whose subscription names none.
    pub fn new(
        egress: Arc<Egress>,
        limits: Limits,
        clock: Arc<dyn Clock>,
        profiles: HashMap<String, Arc<str>>,
    ) -> Self {
        Self { egress, limits, clock, profiles }
    }
}

#[async_trait]
impl Sender for EgressSender {
    async fn send(&self, outgoing: Outgoing) -> Reply {
        let Outgoing { url, headers, body, tls } = outgoing;
        let tls = tls.or_else(|| match url.authority() {
            Some(authority) if !self.profiles.is_empty() => self.profiles.get(authority.as_str()).cloned(),
            _ => None,
        });
        let request = Request { method: Method::POST, url, headers, body, tls };
        match self.egress.send(request, self.limits).await {
            Ok(response) => {
                let now = Duration::from_micros(u64::try_from(self.clock.now().as_micros()).unwrap_or_default());
                Reply::Status {
                    status: response.status.as_u16(),
                    retry_after: egress::retry_after(&response.headers, SystemTime::UNIX_EPOCH + now),
                    excerpt: excerpt(&response.body),
                }
            }
            Err(error) => Reply::Failed(error.to_string()),
        }
    }
}

/// The start of a body as one line of text (CE-WH-24).
fn excerpt(body: &[u8]) -> CompactString {
    let start = &body[..body.len().min(EXCERPT)];
    let text = String::from_utf8_lossy(start);
    let text = text.trim_end_matches(char::REPLACEMENT_CHARACTER);
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excerpts_are_bounded_lines_ce_wh_24() {
        assert_eq!(excerpt(b""), "");
        assert_eq!(excerpt(b"not\nnow"), "not now");
        assert_eq!(excerpt(&[b'x'; 2_000]).len(), EXCERPT);
        assert_eq!(excerpt("x".repeat(511).as_bytes()).len(), 511);
        let cut = format!("{}é", "x".repeat(511));
        assert_eq!(excerpt(cut.as_bytes()).len(), 511);
        assert!(excerpt(&[0xFF, b'a']).ends_with('a'));
    }
}
