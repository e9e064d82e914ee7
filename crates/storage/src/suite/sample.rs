//! Small sample objects for tests: records, kanalen, subscriptions and so on.

use std::{num::NonZeroU32, time::Duration};

use bytes::Bytes;
use model::{
    AttributeName, Kanaal, KanaalName, Mark, Partition, PayloadSchema, Position, SchemaName, Subscription,
    SubscriptionId, Timestamp,
    applicatie::{Applicatie, Scope},
    approval::{Approval, ApprovalDecision, ApprovalState, Disclosure},
    consent::{Consent, Rate},
    outcome::{DeliveryKey, Outcome},
    profile::Rules,
    run::{Range, Run, RunId, RunSelection},
    schema::PayloadCheck,
    sealed::Sealed,
    selection::{NativeSelection, Selection},
    subscription::{CreateKey, Credential, Status},
};
use uuid::Uuid;

use crate::{
    journal::{DeadLetter, Page},
    log::Record,
};

/// A name of a kanaal.
///
/// # Panics
/// If it is not valid.
pub fn name(naam: &str) -> KanaalName {
    KanaalName::new(naam).expect("a name of at most 50 characters")
}

/// A record with this key, and `text` as value and `ce_id`.
pub fn record(key: &str, text: &str) -> Record {
    Record {
        key: Bytes::copy_from_slice(key.as_bytes()),
        headers: vec![
            (Bytes::from_static(b"ce_id"), Bytes::copy_from_slice(text.as_bytes())),
            (Bytes::from_static(b"content-type"), Bytes::from_static(b"application/json")),
        ],
        value: Some(Bytes::copy_from_slice(text.as_bytes())),
    }
}

/// A kanaal with this id and name.
pub fn kanaal(number: u128, naam: &str) -> Kanaal {
    Kanaal {
        id: Uuid::from_u128(number),
        naam: name(naam),
        documentatie_link: "https://example.com/doc".into(),
        filters: Kanaal::filterkenmerken(["bronorganisatie", "zaaktype.catalogus"].map(String::from)),
        type_routes: vec!["nl.overheid.zaken".into()],
        source: Some("urn:nld:oin:00000001823288444000:systeem:zaken".into()),
        retention_seconds: Some(86_400),
        owner: None,
        rules: Rules::default(),
        payloads: PayloadCheck::default(),
        clearance: None,
        approval: false,
        created: Timestamp::from_seconds(1_000),
    }
}

/// A subscription to these kanalen, without consent.
pub fn subscription(number: u128, kanalen: &[&str]) -> Subscription {
    Subscription {
        credential: Credential::Authorization(sealed()),
        headers: vec![("x-afdeling".into(), "burgerzaken".into())],
        max_in_flight: NonZeroU32::new(8),
        start: vec![(name("zaken"), Partition(0), Mark(7))],
        ..Subscription::new(
            SubscriptionId(Uuid::from_u128(number)),
            "open-zaak".into(),
            Selection::Native(NativeSelection {
                kanalen: kanalen.iter().map(|naam| name(naam)).collect(),
                ..NativeSelection::default()
            }),
            model::Sink::Webhook(format!("https://sink.example.com/{number}")),
            sealed(),
            Timestamp::from_seconds(1_000),
        )
    }
}

/// A kanaal whose owner approves its subscriptions.
pub fn closed_kanaal() -> Kanaal {
    Kanaal { owner: Some("open-zaak".into()), approval: true, ..kanaal(1, "zaken") }
}

/// A subscription with an approval in every state, created with an idempotency key.
pub fn approved_subscription() -> Subscription {
    let decision = |reason: Option<&str>| ApprovalDecision {
        by: "open-zaak".into(),
        at: Timestamp::from_seconds(1_200),
        reason: reason.map(Into::into),
    };
    let attributes = ["subject", "zaaktype"].map(|text| AttributeName::new(text).expect("a name"));
    let entry = |naam: &str, state, disclose| Approval { kanaal: name(naam), state, disclose };
    Subscription {
        approvals: vec![
            entry(
                "zaken",
                ApprovalState::Approved(decision(None)),
                Some(Disclosure { attributes: Some(attributes.into()), data: false }),
            ),
            entry("besluiten", ApprovalState::Rejected(decision(Some("geen grondslag"))), Some(Disclosure::ALL)),
            entry("documenten", ApprovalState::Awaiting, None),
        ],
        create_key: Some(CreateKey { key: "3f0c".into(), digest: "ab12".into() }),
        ..subscription(13, &[])
    }
}

/// A subscription that has expired.
pub fn expired() -> Subscription {
    let at = Timestamp::from_seconds(1_300);
    Subscription { status: Status::Expired { at }, expires: Some(at), ..subscription(14, &[]) }
}

/// A granted consent without a bound on the rate.
pub fn granted(at: Timestamp) -> Consent {
    Consent::Granted { origin: "gateway.example.com".into(), rate: Rate::Unlimited, at }
}

/// A sealed secret with meaningless content.
pub fn sealed() -> Sealed {
    Sealed { key_id: "k1".into(), ciphertext: vec![0, 1, 2, 255] }
}

/// An applicatie with every scope of publishers and subscribers.
pub fn applicatie(client_id: &str) -> Applicatie {
    Applicatie {
        client_id: client_id.into(),
        secrets: vec![sealed()],
        scopes: vec![Scope::Publiceren, Scope::Consumeren],
        source: None,
    }
}

/// A run that replays part of the kanaal `zaken`.
pub fn run(number: u128, subscription: SubscriptionId) -> Run {
    let range = Range { kanaal: name("zaken"), partition: Partition(0), from: Mark(3), until: Mark(9) };
    Run {
        id: RunId(Uuid::from_u128(number)),
        subscription,
        what: RunSelection::Replay(vec![range]),
        asked_by: "beheer".into(),
        created: Timestamp::from_seconds(2_000),
    }
}

/// A payload schema that accepts only objects with an `id`.
pub fn schema(naam: &str) -> PayloadSchema {
    PayloadSchema {
        name: SchemaName::new(naam).expect("a legal name"),
        uri: format!("https://gateway.example.com/v1/schemas/{naam}"),
        types: vec![format!("nl.overheid.zaken.{naam}-gemaakt"), format!("nl.overheid.zaken.{naam}-gewijzigd")],
        kanaal: Some(name("zaken")),
        description: "Wat er met een zaak gebeurde \u{e9}".into(),
        example: Some(r#"{"id":"1"}"#.into()),
        text: r#"{"type":"object","required":["id"]}"#.into(),
        owner: Some("open-zaak".into()),
        created: Timestamp::from_seconds(1_000),
    }
}

/// A page that holds all rows of a test.
pub(super) const PAGE: Page = Page { offset: 0, limit: 1_000 };

/// The id of a subscription.
pub(super) fn id(number: u128) -> SubscriptionId {
    SubscriptionId(Uuid::from_u128(number))
}

/// A fixed time plus `number` seconds.
pub(super) fn second(number: u64) -> Timestamp {
    Timestamp::from_seconds(1_000_000) + Duration::from_secs(number)
}

/// A delivery of the first partition of the kanaal `zaken`, outside a run.
pub(super) fn delivery(subscription: u128, position: u64) -> DeliveryKey {
    let (subscription, kanaal) = (id(subscription), name("zaken"));
    DeliveryKey { subscription, kanaal, partition: Partition(0), position: Position(position), run: None }
}

/// A dead letter of that delivery, with a time and attributes derived from its position.
pub(super) fn dead_letter(number: u128, subscription: u128, position: u64) -> DeadLetter {
    DeadLetter {
        id: Uuid::from_u128(number),
        delivery: delivery(subscription, position),
        event_id: format!("zaken-{position}"),
        event_source: "urn:nld:source".into(),
        event_kind: format!("type-{}", position % 2),
        record: record("key", "value"),
        outcome: Outcome::RetriesExhausted,
        reason: "six times 500".into(),
        last_code: position.is_multiple_of(2).then_some(500),
        attempts: 6,
        at: second(position),
    }
}
