//! The decision function of control: state and command in, changes or a rejection out.
//!
//! Both adapters of the port `Control` call it, so they decide alike. It is pure: ids, moments and
//! positions come inside the command. Rights are checked before, by the gateway.

mod approvals;

use std::{sync::Arc, time::Duration};

use crate::{
    Kanaal, KanaalName, PayloadSchema, Registry, SchemaName, Subscription, SubscriptionId, Timestamp,
    applicatie::Applicatie,
    approval::Approval,
    consent::Consent,
    credential::Credential,
    registry::Change,
    run::{Run, RunId},
    schema::MAX_SCHEMAS,
    selection::Selection,
    subscription::Status,
};

/// A change that somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Make a kanaal; its name must be free.
    CreateKanaal(Kanaal),
    /// Replace what can change of a kanaal; the one with that name must exist and keep its id.
    ChangeKanaal(Kanaal),
    /// Delete a kanaal that no subscription names.
    DeleteKanaal(KanaalName),
    /// Make a subscription; the kanalen it names must exist.
    CreateSubscription(Box<Subscription>),
    /// Replace a subscription, if it is still as `seen` (the `changed` moment its changer read). Another
    /// sink or validation makes a new generation, with the consent and status given; else the present ones stay.
    ChangeSubscription {
        /// The new state.
        to: Box<Subscription>,
        /// When the state that the changer read was made.
        seen: Timestamp,
    },
    /// Delete a subscription.
    DeleteSubscription(SubscriptionId),
    /// Record the outcome of a consent step; ignored for another generation than the current one.
    SetConsent {
        /// Whose.
        id: SubscriptionId,
        /// The generation that the step belongs to.
        generation: u64,
        /// The outcome.
        consent: Consent,
    },
    /// Ask the sink again: consent starts over, and a gone or suspended subscription is active again.
    Revalidate {
        /// Whose.
        id: SubscriptionId,
        /// When.
        at: Timestamp,
    },
    /// Pause, resume, suspend or end a subscription.
    SetStatus {
        /// Whose.
        id: SubscriptionId,
        /// The new status.
        status: Status,
    },
    /// Replace the credential of a subscription, if it is still the one that was `seen`.
    SetCredential {
        /// Whose.
        id: SubscriptionId,
        /// The credential that it replaces.
        seen: Box<Credential>,
        /// The new one.
        to: Box<Credential>,
        /// When.
        at: Timestamp,
    },
    /// Record what the owner of a kanaal decided about a subscription, if it is still as `seen`.
    Judge {
        /// Whose.
        id: SubscriptionId,
        /// When the state that was judged was made.
        seen: Timestamp,
        /// The decision.
        approval: Approval,
    },
    /// Declare an applicatie, or replace it.
    DeclareApplicatie(Applicatie),
    /// Withdraw an applicatie.
    DeleteApplicatie(String),
    /// Start a run.
    StartRun(Run),
    /// End a run.
    EndRun(RunId),
    /// Register a payload schema; its name, its `dataschema` and its types must be free.
    RegisterSchema(Box<PayloadSchema>),
    /// Declare a payload schema, or replace the declared one of that name.
    DeclareSchema(Box<PayloadSchema>),
    /// Withdraw a payload schema.
    DeleteSchema(SchemaName),
    /// Take note that configuration of this revision was declared.
    Declare {
        /// The revision.
        revision: u64,
    },
}

/// Why a command was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// A kanaal with this name exists.
    #[error("a kanaal named {0} exists")]
    KanaalExists(KanaalName),
    /// There is no such kanaal.
    #[error("there is no kanaal named {0}")]
    UnknownKanaal(KanaalName),
    /// The kanaal is named by this subscription.
    #[error("kanaal {naam} is used by subscription {by}")]
    KanaalInUse {
        /// The kanaal.
        naam: KanaalName,
        /// One of its users.
        by: SubscriptionId,
    },
    /// A subscription with this id exists.
    #[error("subscription {0} exists")]
    SubscriptionExists(SubscriptionId),
    /// There is no such subscription.
    #[error("there is no subscription {0}")]
    UnknownSubscription(SubscriptionId),
    /// Somebody else changed it since it was read.
    #[error("subscription {0} was changed by somebody else")]
    Conflict(SubscriptionId),
    /// The step belongs to an earlier sink or origin.
    #[error("the consent step of subscription {0} is out of date")]
    OutOfDate(SubscriptionId),
    /// The status cannot change that way (a subscription that is gone needs a new handshake).
    #[error("subscription {0} is gone: its sink must consent again first")]
    Gone(SubscriptionId),
    /// It expired; a later `expires` revives it.
    #[error("subscription {0} has expired: give it a later moment in expires first")]
    Expired(SubscriptionId),
    /// The same client made this subscription with the same key.
    #[error("subscription {0} was made with this key")]
    CreateKeyTaken(SubscriptionId),
    /// The subscription does not ask for events of this kanaal.
    #[error("subscription {id} asks for nothing of kanaal {naam}")]
    NotCovered {
        /// Whose.
        id: SubscriptionId,
        /// The kanaal.
        naam: KanaalName,
    },
    /// There is no such run.
    #[error("there is no run {0}")]
    UnknownRun(RunId),
    /// A payload schema with this name exists.
    #[error("a schema named {0} exists")]
    SchemaExists(SchemaName),
    /// Another payload schema is registered for this `dataschema` or this type.
    #[error("the schema {by} is registered for {what}")]
    SchemaTaken {
        /// The `dataschema` or the type.
        what: String,
        /// The schema that has it.
        by: SchemaName,
    },
    /// There are as many payload schemas as there may be.
    #[error("there may be {MAX_SCHEMAS} schemas; delete one first")]
    TooManySchemas,
    /// There is no such payload schema.
    #[error("there is no schema named {0}")]
    UnknownSchema(SchemaName),
    /// Configuration of a newer revision was declared.
    #[error("configuration revision {declared} was declared before; {given} is older")]
    OlderRevision {
        /// The newest one.
        declared: u64,
        /// The one given.
        given: u64,
    },
}

/// Decides a command: the changes it makes, or why it makes none.
pub fn decide(registry: &Registry, command: Command) -> Result<Vec<Change>, Rejection> {
    match command {
        Command::CreateKanaal(kanaal) => match registry.kanaal(kanaal.naam.as_str()) {
            Some(_) => Err(Rejection::KanaalExists(kanaal.naam)),
            None => Ok(kanaal_set(registry, kanaal)),
        },
        Command::ChangeKanaal(kanaal) => match registry.kanaal(kanaal.naam.as_str()) {
            Some(now) if now.id == kanaal.id => Ok(kanaal_set(registry, kanaal)),
            _ => Err(Rejection::UnknownKanaal(kanaal.naam)),
        },
        Command::DeleteKanaal(naam) => delete_kanaal(registry, naam),
        Command::CreateSubscription(subscription) => create_subscription(registry, *subscription),
        Command::ChangeSubscription { to, seen } => {
            let now = known(registry, to.id)?;
            if now.changed != seen {
                return Err(Rejection::Conflict(to.id));
            }
            kanalen_exist(registry, &to.selection)?;
            let mut to = *to;
            if to.sink == now.sink && to.validation == now.validation {
                // A handshake, a pause or a 410 may have come between reading and changing.
                to.generation = now.generation;
                to.consent = now.consent.clone();
                to.status = now.status.clone();
            } else {
                to.generation = now.generation + 1;
            }
            if matches!(to.status, Status::Expired { .. }) && to.expires.is_none_or(|moment| moment > to.changed) {
                to.status = Status::Active;
            }
            approvals::changes(registry, now, &mut to);
            Ok(vec![Change::Subscription(Arc::new(to))])
        }
        Command::DeleteSubscription(id) => {
            known(registry, id)?;
            let runs = registry.runs().filter(|run| run.subscription == id).map(|run| Change::RunEnded(run.id));
            Ok(runs.chain([Change::SubscriptionDeleted(id)]).collect())
        }
        Command::SetConsent { id, generation, consent } => {
            let now = known(registry, id)?;
            if now.generation != generation {
                return Err(Rejection::OutOfDate(id));
            }
            Ok(changed(now, |subscription| subscription.consent = consent))
        }
        Command::Revalidate { id, at } => Ok(changed(known(registry, id)?, |subscription| {
            subscription.consent = Consent::fresh(at);
            subscription.generation += 1;
            if matches!(subscription.status, Status::Gone { .. } | Status::Suspended { .. }) {
                subscription.status = Status::Active;
            }
        })),
        Command::SetStatus { id, status } => {
            let now = known(registry, id)?;
            match (&now.status, &status) {
                (Status::Gone { .. }, Status::Active | Status::Paused | Status::Suspended { .. }) => {
                    Err(Rejection::Gone(id))
                }
                (Status::Expired { .. }, Status::Active | Status::Paused) => Err(Rejection::Expired(id)),
                // What came too late to be news.
                (Status::Expired { .. }, Status::Suspended { .. } | Status::Expired { .. })
                | (Status::Gone { .. }, Status::Expired { .. }) => Ok(vec![]),
                // Its owner may have put it off meanwhile.
                (_, Status::Expired { at }) if now.expires.is_none_or(|moment| moment > *at) => Ok(vec![]),
                _ => Ok(changed(now, |subscription| subscription.status = status)),
            }
        }
        Command::SetCredential { id, seen, to, at } => {
            let now = known(registry, id)?;
            if now.credential != *seen {
                return Err(Rejection::Conflict(id));
            }
            Ok(changed(now, |subscription| {
                subscription.credential = *to;
                // Who read the subscription before must not put the old credential back.
                subscription.changed = at.max(subscription.changed + Duration::from_micros(1));
            }))
        }
        Command::Judge { id, seen, approval } => approvals::judge(registry, id, seen, approval),
        Command::DeclareApplicatie(applicatie) => Ok(vec![Change::Applicatie(Arc::new(applicatie))]),
        Command::DeleteApplicatie(client_id) => Ok(vec![Change::ApplicatieDeleted(client_id)]),
        Command::StartRun(run) => {
            known(registry, run.subscription)?;
            Ok(vec![Change::Run(Arc::new(run))])
        }
        Command::EndRun(id) => match registry.run(id) {
            Some(_) => Ok(vec![Change::RunEnded(id)]),
            None => Err(Rejection::UnknownRun(id)),
        },
        Command::RegisterSchema(schema) => match registry.schema(schema.name.as_str()) {
            Some(_) => Err(Rejection::SchemaExists(schema.name)),
            None => keep_schema(registry, *schema),
        },
        Command::DeclareSchema(schema) => match registry.schema(schema.name.as_str()) {
            Some(present) if present.owner.is_some() => Err(Rejection::SchemaExists(schema.name)),
            _ => keep_schema(registry, *schema),
        },
        Command::DeleteSchema(name) => match registry.schema(name.as_str()) {
            Some(_) => Ok(vec![Change::SchemaDeleted(name)]),
            None => Err(Rejection::UnknownSchema(name)),
        },
        Command::Declare { revision } if revision < registry.revision() => {
            Err(Rejection::OlderRevision { declared: registry.revision(), given: revision })
        }
        Command::Declare { revision } => Ok(vec![Change::Declared { revision }]),
    }
}

fn delete_kanaal(registry: &Registry, naam: KanaalName) -> Result<Vec<Change>, Rejection> {
    if registry.kanaal(naam.as_str()).is_none() {
        return Err(Rejection::UnknownKanaal(naam));
    }
    if let Some(user) = registry.subscriptions().find(|subscription| subscription.selection.names(&naam)) {
        return Err(Rejection::KanaalInUse { naam, by: user.id });
    }
    let mut changes = approvals::forget_kanaal(registry, &naam);
    changes.push(Change::KanaalDeleted(naam));
    Ok(changes)
}

fn keep_schema(registry: &Registry, schema: PayloadSchema) -> Result<Vec<Change>, Rejection> {
    let by_uri = registry.schema_of_uri(&schema.uri).map(|other| (&schema.uri, other));
    let by_type = schema.types.iter().filter_map(|kind| Some((kind, registry.schema_of_type(kind)?)));
    if let Some((what, other)) = by_uri.into_iter().chain(by_type).find(|(_, other)| other.name != schema.name) {
        return Err(Rejection::SchemaTaken { what: what.clone(), by: other.name.clone() });
    }
    if registry.schema(schema.name.as_str()).is_none() && registry.schemas().len() >= MAX_SCHEMAS {
        return Err(Rejection::TooManySchemas);
    }
    Ok(vec![Change::Schema(Arc::new(schema))])
}

fn kanaal_set(registry: &Registry, kanaal: Kanaal) -> Vec<Change> {
    let held = approvals::of_kanaal(registry, &kanaal);
    [Change::Kanaal(Arc::new(kanaal))].into_iter().chain(held).collect()
}

fn create_subscription(registry: &Registry, mut subscription: Subscription) -> Result<Vec<Change>, Rejection> {
    if registry.subscription(subscription.id).is_some() {
        return Err(Rejection::SubscriptionExists(subscription.id));
    }
    if let Some(key) = &subscription.create_key
        && let Some(made) = registry.made_with(&subscription.owner, &key.key)
    {
        return Err(Rejection::CreateKeyTaken(made.id));
    }
    kanalen_exist(registry, &subscription.selection)?;
    approvals::made(registry, &mut subscription);
    Ok(vec![Change::Subscription(Arc::new(subscription))])
}

fn kanalen_exist(registry: &Registry, selection: &Selection) -> Result<(), Rejection> {
    let named: Vec<&KanaalName> = match selection {
        Selection::Native(native) => native.kanalen.iter().collect(),
        Selection::Abonnement(abonnement) => abonnement.kanalen.iter().map(|entry| &entry.naam).collect(),
    };
    match named.into_iter().find(|naam| registry.kanaal(naam.as_str()).is_none()) {
        Some(unknown) => Err(Rejection::UnknownKanaal(unknown.clone())),
        None => Ok(()),
    }
}

fn known(registry: &Registry, id: SubscriptionId) -> Result<&Arc<Subscription>, Rejection> {
    registry.subscription(id).ok_or(Rejection::UnknownSubscription(id))
}

fn changed(now: &Arc<Subscription>, change: impl FnOnce(&mut Subscription)) -> Vec<Change> {
    let mut next = Subscription::clone(now);
    change(&mut next);
    if next == **now { vec![] } else { vec![Change::Subscription(Arc::new(next))] }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use uuid::Uuid;

    use super::*;
    use crate::{
        approval::{ApprovalState, Disclosure, Judgement},
        clock::{Random, SeededRandom},
        consent::{Rate, Validation},
        run::RunSelection,
        sealed::Sealed,
        selection::NativeSelection,
        subscription::{CreateKey, Format, Order, Rendering, RetryPolicy},
    };

    fn naam(text: &str) -> KanaalName {
        KanaalName::new(text).unwrap()
    }

    fn kanaal(text: &str, id: u128) -> Kanaal {
        Kanaal::new(Uuid::from_u128(id), naam(text), Timestamp::from_seconds(1))
    }

    fn subscription(id: u128, kanalen: &[&str]) -> Subscription {
        Subscription {
            id: SubscriptionId(Uuid::from_u128(id)),
            owner: "client".into(),
            selection: Selection::Native(NativeSelection {
                kanalen: kanalen.iter().map(|text| naam(text)).collect(),
                ..NativeSelection::default()
            }),
            sink: "https://sink.example/".into(),
            credential: Credential::None,
            tls: None,
            headers: vec![],
            format: Format::Structured(Rendering::Canonical),
            order: Order::None,
            retry: RetryPolicy::default(),
            max_in_flight: NonZeroU32::new(4),
            requested_rate: None,
            validation: Validation::Handshake,
            consent: Consent::fresh(Timestamp::from_seconds(1)),
            generation: 1,
            callback_secret: Sealed { key_id: "k".into(), ciphertext: vec![] },
            status: Status::Active,
            start: vec![],
            expires: None,
            approvals: vec![],
            create_key: None,
            created: Timestamp::from_seconds(1),
            changed: Timestamp::from_seconds(1),
        }
    }

    /// Decides and folds, as an adapter does.
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
        let change =
            |seen| Command::ChangeSubscription { to: Box::new(to.clone()), seen: Timestamp::from_seconds(seen) };
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
            to: Box::new(Subscription { sink: sink.into(), max_in_flight: None, ..read.clone() }),
            seen: read.changed,
        };
        submit(&mut registry, change(&read.sink)).unwrap();
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

    fn approved(registry: &Registry, id: SubscriptionId, naam: &str, disclose: Option<Disclosure>) -> Command {
        let judgement = Judgement { by: "owner".into(), at: Timestamp::from_seconds(3), reason: None };
        let approval = Approval { kanaal: self::naam(naam), state: ApprovalState::Approved(judgement), disclose };
        Command::Judge { id, seen: registry.subscription(id).unwrap().changed, approval }
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

        // A change that asks for nothing else keeps it; another sink is another request.
        let now = Subscription::clone(registry.subscription(id).unwrap());
        let change = |to: Subscription| Command::ChangeSubscription { seen: now.changed, to: Box::new(to) };
        submit(&mut registry, change(Subscription { max_in_flight: None, approvals: vec![], ..now.clone() })).unwrap();
        assert!(may(&registry));
        submit(&mut registry, change(Subscription { sink: "https://other.example/".into(), ..now.clone() })).unwrap();
        let entry = registry.subscription(id).unwrap().approval(&naam("zaken")).unwrap().clone();
        assert_eq!((entry.state, entry.disclose), (ApprovalState::Awaiting, Some(only)));

        // What waits for nothing any more is let go.
        assert_eq!(
            submit(&mut registry, Command::ChangeKanaal(kanaal("zaken", 1))),
            Ok(2),
            "the one that bears nothing"
        );
        assert!(registry.subscription(all).unwrap().approvals.is_empty());
        assert_eq!(submit(&mut registry, Command::ChangeKanaal(closed)), Ok(2));
    }

    #[test]
    fn a_judgement_is_of_what_was_seen() {
        let (mut registry, id) = with_subscription();
        let mut late = approved(&registry, id, "zaken", None);
        if let Command::Judge { seen, .. } = &mut late {
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
}
