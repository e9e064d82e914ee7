//! Things to store: records, kanalen, subscriptions and the like, made small.

use std::num::NonZeroU32;

use bytes::Bytes;
use model::{
    AttributeName, Kanaal, KanaalName, Mark, Partition, PayloadSchema, SchemaName, Subscription, SubscriptionId,
    Timestamp,
    applicatie::{Applicatie, Scope},
    approval::{Approval, ApprovalState, Disclosure, Judgement},
    consent::{Consent, Rate, Validation},
    profile::Rules,
    run::{Range, Run, RunId, RunSelection},
    schema::PayloadCheck,
    sealed::Sealed,
    selection::{NativeSelection, Selection},
    subscription::{CreateKey, Credential, Format, Order, Rendering, RetryPolicy, Status},
};
use uuid::Uuid;

use crate::log::Record;

/// The name of a kanaal.
pub fn name(naam: &str) -> KanaalName {
    KanaalName::new(naam).expect("a name of at most 50 characters")
}

/// A record whose value is `text`.
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

/// A kanaal.
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

/// A subscription to these kanalen that nothing was granted to yet.
pub fn subscription(number: u128, kanalen: &[&str]) -> Subscription {
    Subscription {
        id: SubscriptionId(Uuid::from_u128(number)),
        owner: "open-zaak".into(),
        selection: Selection::Native(NativeSelection {
            kanalen: kanalen.iter().map(|naam| name(naam)).collect(),
            ..NativeSelection::default()
        }),
        sink: format!("https://sink.example.com/{number}"),
        credential: Credential::Authorization(sealed()),
        tls: None,
        headers: vec![("x-afdeling".into(), "burgerzaken".into())],
        format: Format::Structured(Rendering::Canonical),
        order: Order::None,
        retry: RetryPolicy::default(),
        max_in_flight: NonZeroU32::new(8),
        requested_rate: None,
        validation: Validation::Handshake,
        consent: Consent::fresh(Timestamp::from_seconds(1_000)),
        generation: 1,
        callback_secret: sealed(),
        status: Status::Active,
        start: vec![(name("zaken"), Partition(0), Mark(7))],
        expires: None,
        approvals: vec![],
        create_key: None,
        created: Timestamp::from_seconds(1_000),
        changed: Timestamp::from_seconds(1_000),
    }
}

/// A kanaal whose owner approves its subscriptions.
pub fn closed_kanaal() -> Kanaal {
    Kanaal { owner: Some("open-zaak".into()), approval: true, ..kanaal(1, "zaken") }
}

/// A subscription in every state of approval, made with a key.
pub fn approved_subscription() -> Subscription {
    let judgement = |reason: Option<&str>| Judgement {
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
                ApprovalState::Approved(judgement(None)),
                Some(Disclosure { attributes: Some(attributes.into()), data: false }),
            ),
            entry("besluiten", ApprovalState::Rejected(judgement(Some("geen grondslag"))), Some(Disclosure::ALL)),
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

/// A granted consent.
pub fn granted(at: Timestamp) -> Consent {
    Consent::Granted { origin: "gateway.example.com".into(), rate: Rate::Unlimited, at }
}

/// Something that looks like a sealed secret.
pub fn sealed() -> Sealed {
    Sealed { key_id: "k1".into(), ciphertext: vec![0, 1, 2, 255] }
}

/// An applicatie.
pub fn applicatie(client_id: &str) -> Applicatie {
    Applicatie {
        client_id: client_id.into(),
        secrets: vec![sealed()],
        scopes: vec![Scope::Publiceren, Scope::Consumeren],
        source: None,
    }
}

/// A run that replays part of a kanaal.
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

/// A payload schema that nothing fits but objects with an `id`.
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
