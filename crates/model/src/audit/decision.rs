//! The entry about the decision on a command.

use super::{
    Action, Entry, MAX_TOUCHED, MemberChange, Object, ObjectKind, Source, Verdict,
    command::revoked,
    members::{self, changes_of},
};
use crate::{Registry, Timestamp, decide::Rejection, registry::Change, revocation::Revoked};

impl Entry {
    /// The entry about a decision. `registry` is the state that the decision was made on.
    pub fn of_decision(
        registry: &Registry,
        at: Timestamp,
        source: Source,
        (action, object): (Action, Object),
        decision: Result<&[Change], &Rejection>,
    ) -> Self {
        let changes = match decision {
            Err(rejection) => {
                return Self::new(at, source, (action, object), Verdict::Rejected(rejection.to_string()));
            }
            Ok(changes) => changes,
        };
        let mut entry = Self::new(at, source, (action, object), Verdict::Accepted);
        // What was used before and is forgotten now has nothing to do with the command.
        let forgotten = |change: &&Change| matches!(change, Change::RevocationForgotten(Revoked::Form(_)));
        for change in changes.iter().filter(|change| !forgotten(change)) {
            let (changed, members) = difference(registry, change);
            if changed == entry.object {
                entry.changes = members;
            } else if entry.touched.len() < MAX_TOUCHED {
                entry.touched.push(changed);
            }
        }
        entry
    }
}

/// The object of a change, and its members that differ.
fn difference(registry: &Registry, change: &Change) -> (Object, Vec<MemberChange>) {
    match change {
        Change::Kanaal(to) => {
            let before = registry.kanaal(to.naam.as_str());
            let members = changes_of(&members::KANAAL, before.map(|kanaal| &**kanaal), Some(to));
            (Object::new(ObjectKind::Kanaal, to.naam.as_str()), members)
        }
        Change::KanaalDeleted(naam) => {
            let before = registry.kanaal(naam.as_str());
            let members = changes_of(&members::KANAAL, before.map(|kanaal| &**kanaal), None);
            (Object::new(ObjectKind::Kanaal, naam.as_str()), members)
        }
        Change::Subscription(to) => {
            let before = registry.subscription(to.id);
            let members = changes_of(&members::SUBSCRIPTION, before.map(|subscription| &**subscription), Some(to));
            (Object::new(ObjectKind::Subscription, to.id.to_string()), members)
        }
        Change::SubscriptionDeleted(id) => {
            let before = registry.subscription(*id);
            let members = changes_of(&members::SUBSCRIPTION, before.map(|subscription| &**subscription), None);
            (Object::new(ObjectKind::Subscription, id.to_string()), members)
        }
        Change::Applicatie(to) => {
            let before = registry.applicatie(&to.client_id);
            let members = changes_of(&members::APPLICATIE, before.map(|applicatie| &**applicatie), Some(to));
            (Object::new(ObjectKind::Applicatie, to.client_id.as_str()), members)
        }
        Change::ApplicatieDeleted(client_id) => {
            let before = registry.applicatie(client_id);
            let members = changes_of(&members::APPLICATIE, before.map(|applicatie| &**applicatie), None);
            (Object::new(ObjectKind::Applicatie, client_id.as_str()), members)
        }
        Change::Run(to) => {
            let before = registry.run(to.id);
            let members = changes_of(&members::RUN, before.map(|run| &**run), Some(to));
            (Object::new(ObjectKind::Run, to.id.to_string()), members)
        }
        Change::RunEnded(id) => {
            let members = changes_of(&members::RUN, registry.run(*id).map(|run| &**run), None);
            (Object::new(ObjectKind::Run, id.to_string()), members)
        }
        Change::Schema(to) => {
            let before = registry.schema(to.name.as_str());
            let members = changes_of(&members::SCHEMA, before.map(|schema| &**schema), Some(to));
            (Object::new(ObjectKind::Schema, to.name.as_str()), members)
        }
        Change::SchemaDeleted(name) => {
            let before = registry.schema(name.as_str());
            let members = changes_of(&members::SCHEMA, before.map(|schema| &**schema), None);
            (Object::new(ObjectKind::Schema, name.as_str()), members)
        }
        Change::Revocation(to) => (revoked(&to.what), Vec::new()),
        Change::RevocationForgotten(what) => (revoked(what), Vec::new()),
        Change::Declared { revision } => (Object::new(ObjectKind::Configuration, revision.to_string()), Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use uuid::Uuid;

    use super::*;
    use crate::{
        Actor, Kanaal, KanaalName, Sink, Subscription, SubscriptionId,
        audit::described,
        credential::Credential,
        decide::{Command, decide},
        sealed::Sealed,
        selection::{NativeSelection, Selection},
    };

    fn name(text: &str) -> KanaalName {
        KanaalName::new(text).unwrap()
    }

    fn entry(registry: &mut Registry, command: Command) -> Entry {
        let what = described(&command).expect("it has an entry");
        let decision = decide(registry, command);
        let source = Source::new(&Actor::applicatie("zaken", []), "node-1");
        let borrowed = decision.as_ref().map(Vec::as_slice);
        let entry = Entry::of_decision(registry, Timestamp::from_seconds(5), source, what, borrowed);
        decision.iter().flatten().for_each(|change| registry.apply(change));
        entry
    }

    fn subscription(number: u128) -> Subscription {
        let selection = NativeSelection { kanalen: vec![name("zaken")], ..NativeSelection::default() };
        let sealed = Sealed { key_id: "k".into(), ciphertext: b"callback-marker".to_vec() };
        let sink = Sink::Webhook("https://user:pass-marker@sink.example/hook?token=query-marker#f".into());
        let id = SubscriptionId(Uuid::from_u128(number));
        Subscription::new(id, "zaken".into(), Selection::Native(selection), sink, sealed, Timestamp::default())
    }

    #[test]
    fn what_changed_is_shown_before_and_after() {
        let mut registry = Registry::default();
        let kanaal = Kanaal::new(Uuid::nil(), name("zaken"), Timestamp::default());
        let made = entry(&mut registry, Command::CreateKanaal(kanaal.clone()));
        assert_eq!(
            (made.action, made.object.id.as_str(), &made.verdict),
            (Action::KanaalCreate, "zaken", &Verdict::Accepted)
        );
        let again = entry(&mut registry, Command::CreateKanaal(kanaal.clone()));
        assert!(matches!(&again.verdict, Verdict::Rejected(reason) if reason.contains("zaken")), "{again:?}");
        assert!(again.changes.is_empty());
        let longer = Kanaal { retention_seconds: Some(86_400), ..kanaal };
        let changed = entry(&mut registry, Command::ChangeKanaal(longer));
        let [change] = changed.changes.as_slice() else { panic!("{changed:?}") };
        assert_eq!(
            (change.member, &change.before, change.after.as_deref()),
            ("retention_seconds", &None, Some("86400"))
        );
    }

    #[test]
    fn secrets_are_named_and_not_shown() {
        let mut registry = Registry::default();
        entry(&mut registry, Command::CreateKanaal(Kanaal::new(Uuid::nil(), name("zaken"), Timestamp::default())));
        let made = entry(&mut registry, Command::CreateSubscription(Box::new(subscription(1))));
        let sink = made.changes.iter().find(|change| change.member == "sink").unwrap();
        assert_eq!(sink.after.as_deref(), Some("https://sink.example/hook?…"));
        let secret = Sealed { key_id: "k".into(), ciphertext: b"credential-marker".to_vec() };
        let to = Subscription {
            credential: Credential::Authorization(secret),
            headers: vec![("X-Key".into(), "header-marker".into())],
            ..subscription(1)
        };
        let seen = to.changed;
        let changed = entry(&mut registry, Command::ChangeSubscription { to: Box::new(to), seen });
        let names: Vec<_> = changed.changes.iter().map(|change| (change.member, change.hidden)).collect();
        assert_eq!(names, [("credential", false), ("headers", false)]);
        assert_eq!(changed.changes[0].after.as_deref(), Some("authorization"));
        assert_eq!(changed.changes[1].after.as_deref(), Some("X-Key"));
        let deleted = entry(&mut registry, Command::DeleteSubscription(subscription(1).id));
        for text in [format!("{made:?}"), format!("{changed:?}"), format!("{deleted:?}")] {
            assert!(!text.contains("marker"), "{text}");
        }
    }

    #[test]
    fn another_secret_of_the_same_kind_shows_as_a_hidden_change() {
        let mut registry = Registry::default();
        let sealed = |text: &str| Sealed { key_id: "k".into(), ciphertext: text.into() };
        let with = |text: &str| crate::applicatie::Applicatie {
            client_id: "zaken".into(),
            secrets: vec![sealed(text)],
            scopes: vec![],
            source: None,
        };
        entry(&mut registry, Command::DeclareApplicatie(with("one-marker")));
        let changed = entry(&mut registry, Command::DeclareApplicatie(with("two-marker")));
        let [change] = changed.changes.as_slice() else { panic!("{changed:?}") };
        assert_eq!((change.member, change.hidden, &change.before, &change.after), ("secrets", true, &None, &None));
    }

    #[test]
    fn objects_that_change_along_are_listed() {
        let mut registry = Registry::default();
        entry(&mut registry, Command::CreateKanaal(Kanaal::new(Uuid::nil(), name("zaken"), Timestamp::default())));
        entry(&mut registry, Command::CreateSubscription(Box::new(subscription(1))));
        let run = crate::run::Run {
            id: crate::RunId(Uuid::from_u128(9)),
            subscription: subscription(1).id,
            what: crate::run::RunSelection::Replay(vec![]),
            asked_by: "zaken".into(),
            created: Timestamp::default(),
        };
        registry.apply(&Change::Run(Arc::new(run)));
        let deleted = entry(&mut registry, Command::DeleteSubscription(subscription(1).id));
        assert_eq!(deleted.object.kind, ObjectKind::Subscription);
        assert_eq!(deleted.touched, [Object::new(ObjectKind::Run, Uuid::from_u128(9).to_string())]);
    }
}
