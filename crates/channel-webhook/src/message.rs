//! The body and headers of one request: events in the subscription's format. All attempts of one event send the same
//! request; only the credential may differ (GW-06, CE-WH-05, CE-WH-06).

use std::sync::Arc;

use delivery::DecodedEvent;
use model::{Kanaal, Subscription, subscription::Format, subscription::Rendering};

use crate::render::{self, Message};

/// The message for these events in the subscription's format, or why there is none. More than one event is a batch. The
/// events contain only what the owners of their kanalen disclose.
pub(crate) fn message(
    spec: &Subscription,
    events: &[Arc<DecodedEvent>],
    fallback: bool,
    kanaal: Option<&Kanaal>,
    gateway: &str,
) -> Result<Message, String> {
    let first = events.first().ok_or("there is nothing to send")?;
    if spec.format == Format::Legacy && spec.disclosure(&first.kanaal).is_some_and(|disclosure| !disclosure.data) {
        return Err("the owner of the kanaal does not let data leave, which is all there is to a notification".into());
    }
    Ok(match spec.format {
        _ if fallback => render::structured(first, Rendering::Canonical),
        Format::Structured(rendering) => render::structured(first, rendering),
        Format::Binary => render::binary(first),
        Format::Legacy => render::legacy(first, kanaal, gateway).map_err(|error| error.to_string())?,
        Format::Batch { .. } => render::batch(events.iter().map(AsRef::as_ref)),
    })
}

#[cfg(test)]
mod tests {
    use std::{num::NonZeroU32, time::Duration};

    use model::{
        AttributeName, Timestamp,
        approval::{Approval, ApprovalDecision, ApprovalState, Disclosure},
    };

    use super::*;
    use crate::sample::{event, subscription};

    fn restricted(format: Format, data: bool) -> Subscription {
        let decision = ApprovalDecision { by: "o".into(), at: Timestamp::default(), reason: None };
        let attributes = Some(vec![AttributeName::new("zaaktype").unwrap()]);
        let approval = Approval {
            kanaal: model::KanaalName::new("zaken").unwrap(),
            state: ApprovalState::Approved(decision),
            disclose: Some(Disclosure { attributes, data }),
        };
        Subscription { format, approvals: vec![approval], ..subscription() }
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
        let event = |at| Arc::new(event(at, &attributes, r#"{"ook":"geheim"}"#)).disclosed_to(spec);
        let events: Vec<_> = (0..2).map(event).collect();
        let most = if matches!(spec.format, Format::Batch { .. }) { 2 } else { 1 };
        let message = message(spec, &events[..most], false, None, "gw")?;
        let headers = format!("{:?}", message.headers);
        Ok(format!("{headers}\n\n{}", String::from_utf8(message.body.to_vec()).unwrap()))
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
