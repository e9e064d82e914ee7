//! Sends to webhooks: the implementation of the engine's port.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use async_trait::async_trait;
use compact_str::CompactString;
use delivery::{Channel, DecodedEvent, Reply, Sender};
use egress::{Egress, Limits, Owner, SendError, SharedRequest};
use http::{HeaderValue, Method, StatusCode};
use model::{Clock, Random, Subscription, subscription::Format};
use storage::control::SharedRegistry;

use crate::{credentials::Credentials, fsc, message::message, status, target::Target, via};

/// Longest start of a response body that is kept, in bytes.
const EXCERPT: usize = 512;

/// The parts that [`Webhooks`] is built from.
pub struct Parts {
    /// The HTTP client for all requests.
    pub egress: Arc<Egress>,
    /// The bounds on the time and size of one request.
    pub limits: Limits,
    /// Opens the credentials of subscriptions.
    pub credentials: Arc<dyn Credentials>,
    /// Kanalen, for the filters of notifications.
    pub registry: SharedRegistry,
    /// The clock for tokens and `Retry-After`.
    pub clock: Arc<dyn Clock>,
    /// Randomness for transaction ids of FSC.
    pub random: Arc<dyn Random>,
    /// The id of this installation, which it adds to the header `Gateway-Via`.
    pub installation: Arc<str>,
    /// The public base URL of the gateway, without a slash at its end; it is in renderings as a notification (MAP-18).
    pub gateway_url: Arc<str>,
}

/// The channel for sinks of kind webhook.
pub struct Webhooks {
    parts: Arc<Parts>,
    /// The value of `Gateway-Via` for events that passed no other gateway.
    via: Option<HeaderValue>,
}

impl Webhooks {
    /// The channel over these parts.
    pub fn new(parts: Parts) -> Self {
        Self { via: via::own(&parts.installation), parts: Arc::new(parts) }
    }
}

impl Channel for Webhooks {
    fn sender(&self, subscription: Arc<Subscription>) -> Arc<dyn Sender> {
        let target = Target::new(subscription, self.via.clone());
        Arc::new(WebhookSender { parts: Arc::clone(&self.parts), target })
    }
}

/// Sends to one subscription; a changed subscription gets another sender.
struct WebhookSender {
    parts: Arc<Parts>,
    target: Target,
}

#[async_trait]
impl Sender for WebhookSender {
    async fn send(&self, events: &[Arc<DecodedEvent>], fallback: bool) -> Reply {
        let Self { parts, target } = self;
        let kanaal = match events.first() {
            Some(event) if target.spec.format == Format::Legacy => {
                parts.registry.read().kanaal(event.kanaal.as_str()).cloned()
            }
            _ => None,
        };
        let message = match message(&target.spec, events, fallback, kanaal.as_deref(), &parts.gateway_url) {
            Ok(message) => message,
            Err(reason) => return Reply::untranslatable(reason),
        };
        let template = match target.prepare(parts.credentials.as_ref(), parts.clock.as_ref()).await {
            Ok(template) => template,
            Err(reply) => return reply,
        };
        let mut headers = template.headers(message.headers, via::of(events, &parts.installation));
        let own = target.spec.fsc.as_ref();
        let transaction = own.map(|_| fsc::transaction_id(parts.clock.now(), parts.random.as_ref()));
        if let (Some(fsc), Some(id)) = (own, transaction)
            && let Err(reason) = fsc::add_headers(headers.to_mut(), fsc, id)
        {
            return Reply::failed(reason);
        }
        let url = &template.url;
        let by_destination = match &template.tls {
            Some(_) => None,
            None => parts.egress.profile_for(url, Owner::Applicatie(&target.spec.owner)),
        };
        let tls = template.tls.as_deref().or(by_destination.as_deref());
        let request = SharedRequest { method: Method::POST, url, headers: &headers, body: message.body, tls };
        let reply = match parts.egress.send_shared(request, parts.limits).await {
            Ok(response) => {
                if response.status == StatusCode::UNAUTHORIZED {
                    target.credential_refused(&template);
                }
                let now = Duration::from_micros(u64::try_from(parts.clock.now().as_micros()).unwrap_or_default());
                let wait = egress::retry_after(&response.headers, SystemTime::UNIX_EPOCH + now);
                let status = response.status.as_u16();
                Reply::answered(status::class(status, wait), status, excerpt(&response.body))
            }
            Err(error) => reply_without_answer(&error),
        };
        Reply { fsc_transaction: transaction, ..reply }
    }
}

/// The reply without an answer.
fn reply_without_answer(error: &SendError) -> Reply {
    match error {
        SendError::Own(_) => gateway_failure(error.to_string()),
        _ => Reply::failed(error.to_string()),
    }
}

/// The reply when we lack a resource: no outage of the sink, and no retry is consumed.
pub(crate) fn gateway_failure(reason: String) -> Reply {
    Reply::gateway_failed(reason)
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
    use delivery::{Cause, Class};

    use super::*;

    #[test]
    fn b6_our_own_trouble_is_no_outage_of_the_sink() {
        let own = reply_without_answer(&SendError::Own(egress::Shortage::Descriptors));
        assert_eq!(own.class, Class::Failed(Cause::Gateway));
        assert!(own.reason().contains("the gateway itself"), "{}", own.reason());
        assert_eq!(reply_without_answer(&SendError::Connect("x".into())).class, Class::Failed(Cause::Connection));
    }

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
