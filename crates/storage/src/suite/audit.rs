//! Cases of the port AuditLog.

use std::time::Duration;

use model::{
    Actor, Interface, Origin, Timestamp,
    applicatie::{Applicatie, Scope},
    audit::{Action, Entry, Object, ObjectKind, Source, Subject, Verdict},
    credential::Credential,
    decide::Command,
    revocation::Revoked,
    sealed::Sealed,
};
use uuid::Uuid;

use super::{
    Harness, Store,
    control::{commands, commands_of_approval, commands_of_version_2},
    reopen,
    sample::{kanaal, name, subscription},
};
use crate::audit::{AuditLog, Before, Line, Report, StoredLine, Verifier};

/// Makes a test for each case; takes an expression that returns a harness.
#[macro_export]
macro_rules! audit_suite {
    ($harness:expr) => {
        $crate::suite_tests!(
            audit,
            $harness,
            every_decision_has_one_entry,
            the_use_of_a_form_has_no_entry,
            an_entry_has_actor_origin_action_object_and_result,
            entries_without_a_command_are_appended_in_order,
            lines_are_read_from_either_end,
            lines_before_a_moment_are_found,
            chains_hold_after_reopening,
            concurrent_writers_leave_whole_chains,
            secrets_are_not_in_it,
        );
    };
}

/// The whole trail, oldest first, read in small steps.
async fn all(log: &dyn AuditLog) -> Vec<Line> {
    let (mut lines, mut from) = (Vec::<Line>::new(), 0);
    loop {
        let more = log.oldest(from, 7).await.expect("lines");
        if more.lines.is_empty() {
            return lines;
        }
        from = more.next;
        lines.extend(more.lines);
    }
}

async fn report(log: &dyn AuditLog) -> Report {
    let mut verifier = Verifier::new(log.trimming(), None);
    for line in all(log).await {
        verifier.next(&line);
    }
    verifier.finish()
}

fn actor() -> Actor {
    let origin = Origin {
        address: "192.0.2.1".parse().ok(),
        interface: Interface::Native,
        request: Some(Uuid::from_u128(7)),
        trace: Some(8),
    };
    Actor::applicatie("zaken", [Scope::Publiceren]).with_origin(origin)
}

fn refused(number: usize, at: Timestamp) -> Entry {
    let source = Source { subject: Subject::unverified(format!("client-{number}")), ..Source::new(&actor(), "node") };
    let what = (Action::TokenRefuse, Object::new(ObjectKind::Route, "POST /v1/events"));
    Entry::new(at, source, what, Verdict::Refused("signature".into()))
}

async fn append(store: &Store, numbers: std::ops::Range<usize>, at: Timestamp) {
    let entries = numbers.map(|number| refused(number, at)).collect();
    store.audit.append(entries).await.expect("appended");
}

/// Each decision, accepted or rejected, has exactly one entry, in the order of decisions.
pub async fn every_decision_has_one_entry(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let mut expected = Vec::new();
    for command in commands().into_iter().chain(commands_of_version_2()).chain(commands_of_approval()) {
        let (action, object) = model::audit::described(&command).expect("it has an entry");
        let observed = actor().with_recorded(model::Recorded::observed());
        let decision = store.control.submit(&observed, command).await.expect("a decision");
        assert!(observed.recorded.get());
        let result = if decision.is_ok() { "accepted" } else { "rejected" };
        expected.push((action.label().to_owned(), object.id, result.to_owned(), decision.err().map(|r| r.to_string())));
    }
    let lines = all(&*store.audit).await.into_iter().map(|line| line.record);
    let found: Vec<_> = lines.map(|record| (record.action, record.object_id, record.result, record.reason)).collect();
    assert_eq!(found, expected);
    harness.close(store).await;
}

/// The use of a form has no entry: what the form asks for has one.
pub async fn the_use_of_a_form_has_no_entry(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let at = Timestamp::from_seconds;
    let what = Revoked::Form(Uuid::from_u128(1));
    let used = Command::UseOnce { what, at: at(1), until: at(2) };
    assert!(store.control.submit(&actor(), used.clone()).await.expect("a decision").is_ok());
    assert!(store.control.submit(&actor(), used).await.expect("a decision").is_err());
    drop(store.control.submit(&actor(), Command::CreateKanaal(kanaal(1, "zaken"))).await.expect("a decision"));
    let lines = all(&*store.audit).await;
    let actions: Vec<_> = lines.iter().map(|line| line.record.action.as_str()).collect();
    assert_eq!(actions, ["kanaal.create"]);
    harness.close(store).await;
}

/// The six members of BIO2 8.15.01, and what identifies the request.
pub async fn an_entry_has_actor_origin_action_object_and_result(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let before = harness.now();
    let decision = store.control.submit(&actor(), Command::CreateKanaal(kanaal(1, "zaken"))).await;
    decision.expect("a decision").expect("accepted");
    let lines = all(&*store.audit).await;
    let [line] = lines.as_slice() else { panic!("{lines:?}") };
    let record = &line.record;
    assert_eq!((record.actor_kind.as_str(), record.actor_id.as_str()), ("applicatie", "zaken"));
    assert_eq!(record.scopes, ["notificaties.publiceren"]);
    assert_eq!((record.address.as_deref(), record.interface.as_str()), (Some("192.0.2.1"), "native"));
    assert_eq!(record.node, store.audit.node());
    assert_eq!((record.action.as_str(), record.result.as_str()), ("kanaal.create", "accepted"));
    assert_eq!((record.object_kind.as_str(), record.object_id.as_str()), ("kanaal", "zaken"));
    assert_eq!(record.request.as_deref(), Some(Uuid::from_u128(7).to_string().as_str()));
    assert_eq!(record.trace.as_deref(), Some("00000000000000000000000000000008"));
    assert!(record.at >= before && record.at <= harness.now());
    assert!(!record.changes.is_empty());
    harness.close(store).await;
}

/// Entries that belong to no command are durable when `append` returns, in the order given, between those of decisions.
pub async fn entries_without_a_command_are_appended_in_order(harness: &mut dyn Harness) {
    let store = harness.open().await;
    append(&store, 0..3, harness.now()).await;
    drop(store.control.submit(&actor(), Command::CreateKanaal(kanaal(1, "zaken"))).await.expect("a decision"));
    append(&store, 3..4, harness.now()).await;
    let store = reopen(harness, store).await;
    let ids: Vec<_> = all(&*store.audit).await.into_iter().map(|line| line.record.actor_id).collect();
    assert_eq!(ids, ["client-0", "client-1", "client-2", "zaken", "client-3"]);
    assert_eq!(report(&*store.audit).await.problems, []);
    harness.close(store).await;
}

/// Lines are read newest first before a place, and oldest first from a place on; pages meet.
pub async fn lines_are_read_from_either_end(harness: &mut dyn Harness) {
    let store = harness.open().await;
    assert_eq!(store.audit.newest(Before::default(), 10).await.expect("lines"), []);
    assert_eq!(store.audit.oldest(0, 10).await.expect("lines").lines, []);
    append(&store, 0..25, harness.now()).await;
    let forward = all(&*store.audit).await;
    assert_eq!(forward.len(), 25);
    let (mut backward, mut before) = (Vec::new(), Before::default());
    loop {
        let lines = store.audit.newest(before, 10).await.expect("lines");
        let stored = store.audit.newest_stored(before, 10).await.expect("lines");
        assert_eq!(stored.into_iter().map(StoredLine::read).collect::<Vec<_>>(), lines);
        before.place = lines.last().map(|line| line.place);
        let is_last = lines.len() < 10;
        backward.extend(lines);
        if is_last {
            break;
        }
    }
    backward.reverse();
    assert_eq!(backward, forward);
    assert!(forward.is_sorted_by_key(|line| line.place));
    harness.close(store).await;
}

/// Reading from before a moment returns the lines before it, and perhaps some later ones.
pub async fn lines_before_a_moment_are_found(harness: &mut dyn Harness) {
    let store = harness.open().await;
    append(&store, 0..3, harness.now()).await;
    harness.advance(Duration::from_secs(2)).await;
    let moment = harness.now();
    append(&store, 3..5, harness.now()).await;
    let before = |time| Before { place: None, time: Some(time) };
    let lines = store.audit.newest(before(moment), 100).await.expect("lines");
    let early = lines.iter().filter(|line| line.record.at < moment).count();
    assert_eq!(early, 3);
    let lines = store.audit.newest(before(moment + Duration::from_hours(1)), 100).await.expect("lines");
    assert_eq!(lines.len(), 5);
    let lines = store.audit.newest(before(moment - Duration::from_hours(1)), 100).await.expect("lines");
    assert!(lines.iter().all(|line| line.record.at <= moment), "{lines:?}");
    harness.close(store).await;
}

/// Closing and opening the store leaves chains without problems.
pub async fn chains_hold_after_reopening(harness: &mut dyn Harness) {
    let mut store = harness.open().await;
    for number in 0..3 {
        append(&store, number..number + 1, harness.now()).await;
        let command = Command::CreateKanaal(kanaal(number as u128, &format!("kanaal-{number}")));
        store.control.submit(&actor(), command).await.expect("a decision").expect("accepted");
        store = reopen(harness, store).await;
    }
    let report = report(&*store.audit).await;
    assert_eq!((report.lines, report.unchained, report.problems), (6, 0, vec![]));
    harness.close(store).await;
}

/// Decisions and entries of many writers at a time lose no line and break no chain.
pub async fn concurrent_writers_leave_whole_chains(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let now = harness.now();
    let writers = (0..40).map(|number| {
        let store = store.clone();
        tokio::spawn(async move {
            if number % 2 == 0 {
                append(&store, number..number + 1, now).await;
            } else {
                let command = Command::CreateKanaal(kanaal(number as u128, &format!("kanaal-{number}")));
                store.control.submit(&actor(), command).await.expect("a decision").expect("accepted");
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.expect("a writer");
    }
    let report = report(&*store.audit).await;
    assert_eq!((report.lines, report.problems), (40, vec![]));
    harness.close(store).await;
}

/// Neither secrets, nor header values, nor queries of sinks are in a line, in any form of a command.
pub async fn secrets_are_not_in_it(harness: &mut dyn Harness) {
    const MARKER: &str = "planted-marker";
    let store = harness.open().await;
    let sealed = || Sealed { key_id: MARKER.into(), ciphertext: MARKER.into() };
    let mut wanted = subscription(5, &["zaken"]);
    wanted.sink = model::Sink::Webhook(format!("https://u:{MARKER}@sink.example/hook?token={MARKER}#{MARKER}"));
    wanted.headers = vec![("X-Key".into(), MARKER.into())];
    wanted.credential = Credential::Authorization(sealed());
    wanted.callback_secret = sealed();
    let applicatie = Applicatie { client_id: "zaken".into(), secrets: vec![sealed()], scopes: vec![], source: None };
    let mut changed = wanted.clone();
    changed.headers = vec![("X-Key".into(), format!("{MARKER}-2").as_str().into())];
    let renewed = Command::SetCredential {
        id: wanted.id,
        seen: Box::new(wanted.credential.clone()),
        to: Box::new(Credential::QueryToken(sealed())),
        at: Timestamp::from_seconds(9_000),
    };
    let seen = wanted.changed;
    for command in [
        Command::CreateKanaal(kanaal(1, "zaken")),
        Command::DeclareApplicatie(applicatie),
        Command::CreateSubscription(Box::new(wanted.clone())),
        Command::CreateSubscription(Box::new(wanted.clone())),
        Command::ChangeSubscription { to: Box::new(changed), seen },
        renewed,
        Command::DeleteSubscription(wanted.id),
        Command::DeleteKanaal(name("zaken")),
    ] {
        drop(store.control.submit(&actor(), command).await.expect("a decision"));
    }
    let lines = all(&*store.audit).await;
    assert_eq!(lines.len(), 8);
    for line in lines {
        assert!(!line.text.contains(MARKER), "{}", line.text);
    }
    harness.close(store).await;
}
