//! One request: the message in the subscription's format, and the port that sends it. Every attempt of one event is the
//! same request, but for a credential that was renewed (GW-06, CE-WH-05, CE-WH-06).

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, Uri};
use model::{Kanaal, Subscription, subscription::Format, subscription::Rendering};

use crate::{
    answer::Reply,
    item::Item,
    render::{self, Message},
};

/// A request to a sink; the method is always POST (CE-WH-02).
#[derive(Clone)]
pub struct Outgoing {
    /// The sink's URL, with its query and, if so configured, the token.
    pub url: Uri,
    /// All headers but `Host` and `Content-Length`.
    pub headers: HeaderMap,
    /// The body, never empty.
    pub body: Bytes,
    /// Name of the TLS profile that the subscription asks for.
    pub tls: Option<Arc<str>>,
}

/// Sends requests to sinks.
#[async_trait]
pub trait Sender: Send + Sync {
    /// Sends one request and gives the answer, or why there is none; within a bounded time.
    async fn send(&self, outgoing: Outgoing) -> Reply;
}

/// The message for these events in the subscription's format, with what the owners of their kanalen let out, or why there
/// is none. More than one event is a batch.
pub(crate) fn message(
    spec: &Subscription,
    items: &[Arc<Item>],
    structured: bool,
    kanaal: Option<&Kanaal>,
    gateway: &str,
) -> Result<Message, String> {
    let reduced: Vec<Arc<Item>>;
    let mut items = items;
    if items.iter().any(|item| spec.disclosure(&item.kanaal).is_some()) {
        let reduce = |item: &Arc<Item>| match spec.disclosure(&item.kanaal) {
            Some(disclosure) => Arc::new(item.reduced(disclosure)),
            None => Arc::clone(item),
        };
        reduced = items.iter().map(reduce).collect();
        items = &reduced;
    }
    let first = items.first().ok_or("there is nothing to send")?;
    if spec.format == Format::Legacy && spec.disclosure(&first.kanaal).is_some_and(|disclosure| !disclosure.data) {
        return Err("the owner of the kanaal does not let data leave, which is all there is to a notification".into());
    }
    Ok(match spec.format {
        _ if structured => render::structured(first, Rendering::Canonical),
        Format::Structured(rendering) => render::structured(first, rendering),
        Format::Binary => render::binary(first),
        Format::Legacy => render::legacy(first, kanaal, gateway).map_err(|error| error.to_string())?,
        Format::Batch { .. } => render::batch(items.iter().map(AsRef::as_ref)),
    })
}

#[cfg(test)]
mod tests {
    use std::{num::NonZeroU32, time::Duration};

    use model::{
        AttributeName, Timestamp,
        approval::{Approval, ApprovalState, Disclosure, Judgement},
    };

    use super::*;
    use crate::{item::tests::item_with, machine::tests::subscription};

    fn restricted(format: Format, data: bool) -> Subscription {
        let judgement = Judgement { by: "o".into(), at: Timestamp::default(), reason: None };
        let attributes = Some(vec![AttributeName::new("zaaktype").unwrap()]);
        let approval = Approval {
            kanaal: model::KanaalName::new("zaken").unwrap(),
            state: ApprovalState::Approved(judgement),
            disclose: Some(Disclosure { attributes, data }),
        };
        Subscription { format, approvals: vec![approval], ..subscription(1) }
    }

    fn sent(spec: &Subscription) -> Result<String, String> {
        let attributes = [
            ("id", "1"),
            ("source", "/s"),
            ("type", "t"),
            ("subject", "geheim"),
            ("zaaktype", "z"),
            ("kanaal", "zaken"),
        ];
        let items: Vec<Arc<Item>> =
            (0..2).map(|at| Arc::new(item_with(at, &attributes, r#"{"ook":"geheim"}"#))).collect();
        let most = if matches!(spec.format, Format::Batch { .. }) { 2 } else { 1 };
        let message = message(spec, &items[..most], false, None, "gw")?;
        let headers: Vec<String> =
            message.headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
        Ok(format!("{}\n\n{}", headers.join("\n"), String::from_utf8(message.body.to_vec()).unwrap()))
    }

    #[test]
    fn what_the_owner_of_a_kanaal_keeps_leaves_in_no_format() {
        let batch = Format::Batch { max_events: NonZeroU32::MIN, linger: Duration::ZERO };
        let formats =
            [Format::Structured(Rendering::Canonical), Format::Structured(Rendering::On116), Format::Binary, batch];
        for format in formats {
            assert!(sent(&Subscription { approvals: vec![], ..restricted(format, true) }).unwrap().contains("geheim"));
            let without = sent(&restricted(format, false)).unwrap();
            assert!(!without.contains("geheim") && without.contains("zaaktype"), "{format:?}: {without}");
            let with = sent(&restricted(format, true)).unwrap();
            assert_eq!(with.matches("geheim").count(), if format == batch { 2 } else { 1 }, "{format:?}: {with}");
        }
        let refused = sent(&restricted(Format::Legacy, false)).unwrap_err();
        assert!(refused.contains("data"), "{refused}");
    }
}
