//! Sequences of commands and the resulting registry.

use std::num::NonZeroU32;

use uuid::Uuid;

use super::*;
use crate::{
    PayloadSchema, SchemaName, Sink, Timestamp,
    approval::{Approval, ApprovalDecision, ApprovalState, Disclosure},
    clock::{Random, SeededRandom},
    consent::Rate,
    credential::Credential,
    run::{Run, RunId, RunSelection},
    schema::MAX_SCHEMAS,
    sealed::Sealed,
    selection::NativeSelection,
    subscription::CreateKey,
};

fn naam(text: &str) -> KanaalName {
    KanaalName::new(text).unwrap()
}

fn kanaal(text: &str, id: u128) -> Kanaal {
    Kanaal::new(Uuid::from_u128(id), naam(text), Timestamp::from_seconds(1))
}

fn subscription(id: u128, kanalen: &[&str]) -> Subscription {
    Subscription {
        max_in_flight: NonZeroU32::new(4),
        ..Subscription::new(
            SubscriptionId(Uuid::from_u128(id)),
            "client".into(),
            Selection::Native(NativeSelection {
                kanalen: kanalen.iter().map(|text| naam(text)).collect(),
                ..NativeSelection::default()
            }),
            Sink::Webhook("https://sink.example/".into()),
            Sealed { key_id: "k".into(), ciphertext: vec![] },
            Timestamp::from_seconds(1),
        )
    }
}

/// Decides on a command and applies its changes, as an adapter does.
fn submit(registry: &mut Registry, command: Command) -> Result<usize, Rejection> {
    let changes = decide(registry, command)?;
    for change in &changes {
        registry.apply(change);
    }
    Ok(changes.len())
}

fn with_subscription() -> (Registry, SubscriptionId) {
    let mut registry = Registry::default();
    submit(&mut registry, Command::CreateKanaal(kanaal("zaken", 1))).unwrap();
    let subscription = subscription(7, &["zaken"]);
    let id = subscription.id;
    submit(&mut registry, Command::CreateSubscription(Box::new(subscription))).unwrap();
    (registry, id)
}

fn granted() -> Consent {
    Consent::Granted { origin: "gw".into(), rate: Rate::Unlimited, at: Timestamp::from_seconds(2) }
}

#[test]
fn a_name_is_given_once() {
    let mut registry = Registry::default();
    assert_eq!(submit(&mut registry, Command::CreateKanaal(kanaal("zaken", 1))), Ok(1));
    let second = submit(&mut registry, Command::CreateKanaal(kanaal("zaken", 2)));
    assert_eq!(second, Err(Rejection::KanaalExists(naam("zaken"))));
}

#[test]
fn a_kanaal_keeps_its_id() {
    let mut registry = Registry::default();
    submit(&mut registry, Command::CreateKanaal(kanaal("zaken", 1))).unwrap();
    assert!(submit(&mut registry, Command::ChangeKanaal(kanaal("zaken", 2))).is_err());
    assert_eq!(submit(&mut registry, Command::ChangeKanaal(kanaal("zaken", 1))), Ok(1));
}

#[test]
fn a_kanaal_in_use_stays() {
    let (mut registry, id) = with_subscription();
    let kept = submit(&mut registry, Command::DeleteKanaal(naam("zaken")));
    assert_eq!(kept, Err(Rejection::KanaalInUse { naam: naam("zaken"), by: id }));
    submit(&mut registry, Command::DeleteSubscription(id)).unwrap();
    assert_eq!(submit(&mut registry, Command::DeleteKanaal(naam("zaken"))), Ok(1));
}

#[test]
fn a_subscription_needs_its_kanalen() {
    let mut registry = Registry::default();
    let refused = submit(&mut registry, Command::CreateSubscription(Box::new(subscription(7, &["x"]))));
    assert_eq!(refused, Err(Rejection::UnknownKanaal(naam("x"))));
}

#[test]
fn a_change_from_an_old_state_conflicts() {
    let (mut registry, id) = with_subscription();
    let mut to = Subscription::clone(registry.subscription(id).unwrap());
    to.changed = Timestamp::from_seconds(9);
    let change = |seen| Command::ChangeSubscription { to: Box::new(to.clone()), seen: Timestamp::from_seconds(seen) };
    assert_eq!(submit(&mut registry, change(1)), Ok(1));
    assert_eq!(submit(&mut registry, change(1)), Err(Rejection::Conflict(id)));
}

#[test]
fn a_change_keeps_consent_unless_the_sink_changes_ce_whv_27() {
    let (mut registry, id) = with_subscription();
    let read = Subscription::clone(registry.subscription(id).unwrap());
    submit(&mut registry, Command::SetConsent { id, generation: 1, consent: granted() }).unwrap();
    submit(&mut registry, Command::SetStatus { id, status: Status::Paused }).unwrap();
    let change = |sink: &str| Command::ChangeSubscription {
        to: Box::new(Subscription { sink: Sink::Webhook(sink.into()), max_in_flight: None, ..read.clone() }),
        seen: read.changed,
    };
    submit(&mut registry, change(read.sink.key())).unwrap();
    let now = Arc::clone(registry.subscription(id).unwrap());
    assert_eq!((now.generation, &now.consent, &now.status), (1, &granted(), &Status::Paused));
    assert_eq!(now.max_in_flight, None);
    submit(&mut registry, change("https://other.example/")).unwrap();
    let now = registry.subscription(id).unwrap();
    assert_eq!((now.generation, &now.consent), (2, &read.consent));
}

#[test]
fn a_credential_is_renewed_once_and_not_put_back_by_a_change_made_from_before() {
    let (mut registry, id) = with_subscription();
    let read = Subscription::clone(registry.subscription(id).unwrap());
    let sealed = |key: &str| Sealed { key_id: key.into(), ciphertext: vec![] };
    let renew = |key: &str| Command::SetCredential {
        id,
        seen: Box::new(read.credential.clone()),
        to: Box::new(Credential::Authorization(sealed(key))),
        at: Timestamp::from_seconds(0),
    };
    assert_eq!(submit(&mut registry, renew("a")), Ok(1));
    assert_eq!(submit(&mut registry, renew("b")), Err(Rejection::Conflict(id)));
    let change = Command::ChangeSubscription { to: Box::new(read.clone()), seen: read.changed };
    assert_eq!(submit(&mut registry, change), Err(Rejection::Conflict(id)));
    let now = registry.subscription(id).unwrap();
    assert_eq!(now.credential, Credential::Authorization(sealed("a")));
    assert_eq!(now.generation, read.generation, "the sink is not asked again");
}

#[test]
fn a_response_does_not_undo_a_callback_that_another_node_received_ce_whv_21() {
    let (mut registry, id) = with_subscription();
    let (at, later) = (Timestamp::from_seconds(3), Timestamp::from_seconds(4));
    let step = |consent: Consent| Command::SetConsent { id, generation: 1, consent };
    let validating = |attempts| Consent::Validating { attempts, not_before: at, last: None };
    submit(&mut registry, step(granted())).unwrap();
    for late in [
        Consent::PendingCallback { until: at, last: None },
        Consent::Refused { reason: "no".into(), at },
        validating(1),
    ] {
        assert_eq!(submit(&mut registry, step(late)), Err(Rejection::OutOfDate(id)));
        assert_eq!(registry.subscription(id).unwrap().consent, granted());
    }
    assert_eq!(submit(&mut registry, step(validating(0))), Ok(1), "consent is requested again after some time");
    assert_eq!(submit(&mut registry, step(Consent::PendingCallback { until: at, last: None })), Ok(1));
    assert_eq!(submit(&mut registry, step(validating(1))), Err(Rejection::OutOfDate(id)));
    assert_eq!(submit(&mut registry, step(Consent::Refused { reason: "no".into(), at: later })), Ok(1));
    assert_eq!(submit(&mut registry, step(granted())), Err(Rejection::OutOfDate(id)), "only the owner can ask again");
}

#[test]
fn consent_of_an_earlier_generation_is_not_applied_ce_whv_27() {
    let (mut registry, id) = with_subscription();
    submit(&mut registry, Command::Revalidate { id, at: Timestamp::from_seconds(3) }).unwrap();
    let old = Command::SetConsent { id, generation: 1, consent: granted() };
    assert_eq!(submit(&mut registry, old), Err(Rejection::OutOfDate(id)));
    let current = Command::SetConsent { id, generation: 2, consent: granted() };
    assert_eq!(submit(&mut registry, current.clone()), Ok(1));
    assert_eq!(submit(&mut registry, current), Ok(0), "the same outcome again changes nothing");
    assert!(registry.subscription(id).unwrap().may_send());
}

#[test]
fn gone_needs_a_new_handshake_ce_wh_15() {
    let (mut registry, id) = with_subscription();
    let gone = Command::SetStatus { id, status: Status::Gone { at: Timestamp::from_seconds(4) } };
    submit(&mut registry, gone).unwrap();
    let resumed = submit(&mut registry, Command::SetStatus { id, status: Status::Active });
    assert_eq!(resumed, Err(Rejection::Gone(id)));
    submit(&mut registry, Command::Revalidate { id, at: Timestamp::from_seconds(5) }).unwrap();
    let now = registry.subscription(id).unwrap();
    assert_eq!((&now.status, now.may_send()), (&Status::Active, false));
}

#[test]
fn what_has_expired_ends_until_it_is_put_off() {
    let (mut registry, id) = with_subscription();
    let expired = |at| Command::SetStatus { id, status: Status::Expired { at: Timestamp::from_seconds(at) } };
    assert_eq!(submit(&mut registry, expired(5)), Ok(0), "it never expires");
    let change = |registry: &Registry, expires: Option<i64>, changed: i64| {
        let now = Subscription::clone(registry.subscription(id).unwrap());
        let (expires, seen) = (expires.map(Timestamp::from_seconds), now.changed);
        let to = Subscription { expires, changed: Timestamp::from_seconds(changed), ..now };
        Command::ChangeSubscription { to: Box::new(to), seen }
    };
    let bounded = change(&registry, Some(10), 2);
    submit(&mut registry, bounded).unwrap();
    assert_eq!(submit(&mut registry, expired(9)), Ok(0), "not yet");
    assert_eq!(submit(&mut registry, expired(10)), Ok(1));
    assert_eq!(submit(&mut registry, expired(11)), Ok(0), "it has");
    for status in [Status::Active, Status::Paused] {
        let woken = submit(&mut registry, Command::SetStatus { id, status });
        assert_eq!(woken, Err(Rejection::Expired(id)));
    }
    let too_short = change(&registry, Some(10), 12);
    submit(&mut registry, too_short).unwrap();
    assert!(matches!(registry.subscription(id).unwrap().status, Status::Expired { .. }));
    let put_off = change(&registry, Some(100), 13);
    // A later end makes it active again, and stores where it starts: a client that read it before it ended did not set that.
    let mut read_before = put_off.clone();
    if let Command::ChangeSubscription { to, .. } = &mut read_before {
        to.status = Status::Active;
    }
    assert_eq!(submit(&mut registry, read_before), Err(Rejection::Conflict(id)));
    submit(&mut registry, put_off).unwrap();
    assert_eq!(registry.subscription(id).unwrap().status, Status::Active);
}

#[test]
fn a_key_makes_one_subscription_of_each_owner() {
    let (mut registry, _) = with_subscription();
    let with_key = |id: u128, owner: &str| {
        let create_key = Some(CreateKey { key: "k".into(), digest: "d".into() });
        Command::CreateSubscription(Box::new(Subscription {
            owner: owner.into(),
            create_key,
            ..subscription(id, &["zaken"])
        }))
    };
    assert_eq!(submit(&mut registry, with_key(20, "a")), Ok(1));
    let first = SubscriptionId(Uuid::from_u128(20));
    assert_eq!(submit(&mut registry, with_key(21, "a")), Err(Rejection::CreateKeyTaken(first)));
    assert_eq!(submit(&mut registry, with_key(22, "b")), Ok(1));
    submit(&mut registry, Command::DeleteSubscription(first)).unwrap();
    assert_eq!(submit(&mut registry, with_key(23, "a")), Ok(1));
}

/// The index of keys follows changes of a subscription, and a registry that is folded again has the same.
#[test]
fn h17_a_key_is_found_after_changes_of_its_subscription() {
    let (mut registry, _) = with_subscription();
    let create_key = Some(CreateKey { key: "k".into(), digest: "d".into() });
    let with_key = Subscription { owner: "a".into(), create_key, ..subscription(20, &["zaken"]) };
    submit(&mut registry, Command::CreateSubscription(Box::new(with_key))).unwrap();
    let id = SubscriptionId(Uuid::from_u128(20));
    submit(&mut registry, Command::SetStatus { id, status: Status::Paused }).unwrap();
    let found = registry.subscription_created_with("a", "k").expect("the subscription");
    assert_eq!((found.id, &found.status), (id, &Status::Paused));
    assert!(
        registry.subscription_created_with("b", "k").is_none()
            && registry.subscription_created_with("a", "l").is_none()
    );
    let mut folded = Registry::default();
    registry.to_changes().iter().for_each(|change| folded.apply(change));
    assert_eq!(folded, registry);
    submit(&mut registry, Command::DeleteSubscription(id)).unwrap();
    assert!(registry.subscription_created_with("a", "k").is_none());
}

fn approved(registry: &Registry, id: SubscriptionId, naam: &str, disclose: Option<Disclosure>) -> Command {
    let decision = ApprovalDecision { by: "owner".into(), at: Timestamp::from_seconds(3), reason: None };
    let approval = Approval { kanaal: self::naam(naam), state: ApprovalState::Approved(decision), disclose };
    Command::DecideApproval { id, seen: registry.subscription(id).unwrap().changed, approval }
}

#[test]
fn a_kanaal_that_asks_for_approval_holds_who_names_it() {
    let (mut registry, id) = with_subscription();
    submit(&mut registry, Command::SetConsent { id, generation: 1, consent: granted() }).unwrap();
    submit(&mut registry, Command::CreateSubscription(Box::new(subscription(8, &[])))).unwrap();
    let all = SubscriptionId(Uuid::from_u128(8));
    let closed = Kanaal { approval: true, ..kanaal("zaken", 1) };
    assert_eq!(submit(&mut registry, Command::ChangeKanaal(closed.clone())), Ok(3), "the kanaal and both users");
    let may = |registry: &Registry| registry.subscription(id).unwrap().may_send();
    assert!(!may(&registry));
    assert!(registry.subscription(all).unwrap().held_by().is_none(), "it names no kanaal");
    assert!(!registry.subscription(all).unwrap().is_admitted(&naam("zaken")));
    assert!(registry.subscription(all).unwrap().is_admitted(&naam("other")));

    let only = Disclosure { attributes: Some(vec![]), data: false };
    let yes = approved(&registry, id, "zaken", Some(only.clone()));
    assert_eq!(submit(&mut registry, yes), Ok(1));
    assert!(may(&registry));
    assert_eq!(registry.subscription(id).unwrap().disclosure(&naam("zaken")), Some(&only));

    // A change of other members keeps the approval; another sink is a new request.
    let now = Subscription::clone(registry.subscription(id).unwrap());
    let change = |to: Subscription| Command::ChangeSubscription { seen: now.changed, to: Box::new(to) };
    submit(&mut registry, change(Subscription { max_in_flight: None, approvals: vec![], ..now.clone() })).unwrap();
    assert!(may(&registry));
    submit(&mut registry, change(Subscription { sink: Sink::Webhook("https://other.example/".into()), ..now.clone() }))
        .unwrap();
    let entry = registry.subscription(id).unwrap().approval(&naam("zaken")).unwrap().clone();
    assert_eq!((entry.state, entry.disclose), (ApprovalState::Awaiting, Some(only)));

    // A subscription that waits for no approval is released.
    assert_eq!(
        submit(&mut registry, Command::ChangeKanaal(kanaal("zaken", 1))),
        Ok(2),
        "one subscription without another approval"
    );
    assert!(registry.subscription(all).unwrap().approvals.is_empty());
    assert_eq!(submit(&mut registry, Command::ChangeKanaal(closed)), Ok(2));
}

#[test]
fn a_decision_is_of_what_was_seen() {
    let (mut registry, id) = with_subscription();
    let mut late = approved(&registry, id, "zaken", None);
    if let Command::DecideApproval { seen, .. } = &mut late {
        *seen = Timestamp::from_seconds(77);
    }
    assert_eq!(submit(&mut registry, late), Err(Rejection::Conflict(id)));
    let unknown = approved(&registry, id, "x", None);
    assert_eq!(submit(&mut registry, unknown), Err(Rejection::UnknownKanaal(naam("x"))));
    submit(&mut registry, Command::CreateKanaal(kanaal("x", 5))).unwrap();
    let elsewhere = approved(&registry, id, "x", None);
    assert_eq!(submit(&mut registry, elsewhere), Err(Rejection::NotCovered { id, naam: naam("x") }));
}

#[test]
fn a_kanaal_of_the_same_name_inherits_no_approval() {
    let mut registry = Registry::default();
    submit(&mut registry, Command::CreateKanaal(kanaal("zaken", 1))).unwrap();
    submit(&mut registry, Command::CreateSubscription(Box::new(subscription(8, &[])))).unwrap();
    let all = SubscriptionId(Uuid::from_u128(8));
    let yes = approved(&registry, all, "zaken", None);
    submit(&mut registry, yes).unwrap();
    assert_eq!(submit(&mut registry, Command::DeleteKanaal(naam("zaken"))), Ok(2));
    submit(&mut registry, Command::CreateKanaal(Kanaal { approval: true, ..kanaal("zaken", 2) })).unwrap();
    assert!(!registry.subscription(all).unwrap().is_admitted(&naam("zaken")));
}

#[test]
fn runs_end_with_their_subscription() {
    let (mut registry, id) = with_subscription();
    let run = Run {
        id: RunId(SeededRandom::new(1).uuid()),
        subscription: id,
        what: RunSelection::Replay(vec![]),
        asked_by: "client".into(),
        created: Timestamp::from_seconds(1),
    };
    submit(&mut registry, Command::StartRun(run.clone())).unwrap();
    submit(&mut registry, Command::DeleteSubscription(id)).unwrap();
    assert_eq!(registry.runs().count(), 0);
    assert_eq!(submit(&mut registry, Command::EndRun(run.id)), Err(Rejection::UnknownRun(run.id)));
    assert_eq!(submit(&mut registry, Command::StartRun(run)), Err(Rejection::UnknownSubscription(id)));
}

fn schema(name: &str, uri: &str, types: &[&str], owner: Option<&str>) -> Box<PayloadSchema> {
    Box::new(PayloadSchema {
        name: SchemaName::new(name).unwrap(),
        uri: uri.into(),
        types: types.iter().map(|kind| (*kind).to_owned()).collect(),
        kanaal: None,
        description: String::new(),
        example: None,
        text: "true".into(),
        owner: owner.map(str::to_owned),
        created: Timestamp::from_seconds(1),
    })
}

#[test]
fn a_name_a_dataschema_and_a_type_have_one_schema() {
    let mut registry = Registry::default();
    let register = |name, uri, types: &[&str]| Command::RegisterSchema(schema(name, uri, types, Some("a")));
    assert_eq!(submit(&mut registry, register("one", "urn:x:1", &["nl.a", "nl.b"])), Ok(1));
    let by = SchemaName::new("one").unwrap();
    for (command, rejection) in [
        (register("one", "urn:x:2", &[]), Rejection::SchemaExists(by.clone())),
        (register("two", "urn:x:1", &[]), Rejection::SchemaTaken { what: "urn:x:1".into(), by: by.clone() }),
        (register("two", "urn:x:2", &["nl.b"]), Rejection::SchemaTaken { what: "nl.b".into(), by: by.clone() }),
        (Command::DeclareSchema(schema("one", "urn:x:1", &[], None)), Rejection::SchemaExists(by.clone())),
        (
            Command::DeleteSchema(SchemaName::new("two").unwrap()),
            Rejection::UnknownSchema(SchemaName::new("two").unwrap()),
        ),
    ] {
        assert_eq!(submit(&mut registry, command), Err(rejection));
    }
    assert_eq!(registry.schema_of_type("nl.b").unwrap().name, by);
    assert_eq!(submit(&mut registry, Command::DeleteSchema(by)), Ok(1));
    assert_eq!(registry, Registry::default(), "nothing of it is left");
}

#[test]
fn a_declared_schema_is_replaced_whole() {
    let mut registry = Registry::default();
    for types in [&["nl.a"][..], &["nl.b"]] {
        submit(&mut registry, Command::DeclareSchema(schema("one", "urn:x:1", types, None))).unwrap();
    }
    assert!(registry.schema_of_type("nl.a").is_none());
    assert_eq!(registry.types().map(|(kind, _)| kind).collect::<Vec<_>>(), ["nl.b"]);
}

#[test]
fn schemas_are_bounded() {
    let mut registry = Registry::default();
    let register =
        |at: usize| Command::RegisterSchema(schema(&format!("s{at}"), &format!("urn:x:{at}"), &[], Some("a")));
    for at in 0..MAX_SCHEMAS {
        submit(&mut registry, register(at)).unwrap();
    }
    assert_eq!(submit(&mut registry, register(MAX_SCHEMAS)), Err(Rejection::TooManySchemas));
}

#[test]
fn an_older_declaration_is_refused() {
    let mut registry = Registry::default();
    submit(&mut registry, Command::Declare { revision: 5 }).unwrap();
    let older = submit(&mut registry, Command::Declare { revision: 4 });
    assert_eq!(older, Err(Rejection::OlderRevision { declared: 5, given: 4 }));
    assert_eq!(submit(&mut registry, Command::Declare { revision: 5 }), Ok(1));
}

#[test]
fn folding_the_state_again_gives_the_same_state() {
    let (mut registry, _) = with_subscription();
    submit(&mut registry, Command::Declare { revision: 5 }).unwrap();
    submit(&mut registry, Command::RegisterSchema(schema("s", "urn:x", &["nl.a"], None))).unwrap();
    let mut again = Registry::default();
    for change in registry.to_changes().iter().chain(&registry.to_changes()) {
        again.apply(change);
    }
    assert_eq!(again, registry);
}
