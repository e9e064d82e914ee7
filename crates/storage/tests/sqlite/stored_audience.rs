//! A whole `audience.db` of version 1, as an SQL dump, can still be opened and has the expected content; a file written today
//! has the same content.
//!
//! A new version gets a dump of its own, made from a file that [`fill`] filled, without the rows of `generation`.

use model::{
    Timestamp,
    addressee::{
        Addressee, Basis, Confirmation, Digest, EventReference, Evidence, FilterText, Frequency, Outcome, State,
    },
    mailing::{Failure, MailingId, Resend, SendingState},
};
use rusqlite::Connection;
use storage::{
    Audience, Mailings,
    audience::{EvidencePage, Put, Version},
    mailings::StoredReplacement,
    suite::{
        audience::{addressee, digest, of_every_kind},
        sample,
    },
};

use crate::audience::{FILE, open};

const FILTER: &str = "{\"dialect\":\"exact\",\"value\":\"é\"}";

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

fn evidence() -> Vec<Evidence> {
    let event = |id: &str| EventReference { kanaal: sample::name("weg"), source: "urn:nld:x".into(), id: id.into() };
    let first = Evidence {
        event: event("event-1"),
        digest: digest(1),
        addressee: Some(addressee(1, "weg").id),
        accepted: at(10),
        tried: Some((2, at(12))),
        outcome: Some((Outcome::Delivered, at(13))),
        read: Some(at(14)),
    };
    let second = Evidence {
        event: event("event-2"),
        addressee: None,
        accepted: at(20),
        tried: None,
        outcome: None,
        read: None,
        ..first.clone()
    };
    let outcomes = Outcome::ALL.into_iter().zip(3..);
    let others = outcomes.map(|(outcome, number)| Evidence {
        event: event(&format!("event-{number}")),
        accepted: at(30),
        outcome: Some((outcome, at(31))),
        ..second.clone()
    });
    [first, second.clone()].into_iter().chain(others).collect()
}

/// Everything there is, once.
async fn fill(audience: &dyn Audience) {
    let filter = audience.filter_id(FilterText::new(FILTER.into()).expect("a filter")).await.expect("an id");
    let with_filter = Addressee { filter: Some(filter), ..addressee(1, "weg") };
    let all = of_every_kind().into_iter().chain([with_filter, addressee(2, "weg")]);
    audience.put(all.map(Put::new).collect()).await.expect("stored");
    audience.record(evidence()).await.expect("recorded");
    audience.erase(digest(2), at(1_800_000_000)).await.expect("erased");
}

/// Everything is there, each addressee as `as_stored` gives it.
async fn check(audience: &dyn Audience, as_stored: impl Fn(Addressee) -> Addressee) {
    for expected in of_every_kind().into_iter().map(as_stored) {
        let stored = audience.get(expected.id).await.expect("read").expect("an addressee");
        assert_eq!((stored.addressee, stored.version), (expected, Version(1)));
    }
    let filters = audience.filters(&sample::name("weg"), false).await.expect("filters");
    assert_eq!(filters.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>(), [FILTER]);
    let with_filter = audience.get(addressee(1, "weg").id).await.expect("read").expect("an addressee");
    assert_eq!(with_filter.addressee.filter, Some(filters[0].0));
    let erased = audience.get(addressee(2, "weg").id).await.expect("read").expect("an addressee");
    assert_eq!((erased.addressee.address, erased.version), (None, Version(2)));
    let page = EvidencePage { offset: 0, limit: 100 };
    assert_eq!(audience.evidence(digest(1), page).await.expect("evidence"), evidence());
    let counts = audience.counts(None).await.expect("counts");
    assert_eq!(counts.iter().map(|count| count.addressees).sum::<u64>(), of_every_kind().len() as u64 + 2);
}

#[tokio::test]
async fn todays_audience_has_what_was_stored() {
    let dir = tempfile::tempdir().expect("a directory");
    let audience = open(dir.path());
    fill(&*audience).await;
    drop(audience);
    check(&*open(dir.path()), |stored| stored).await;
}

#[tokio::test]
async fn an_audience_of_version_1_still_opens() {
    let dir = tempfile::tempdir().expect("a directory");
    let connection = Connection::open(dir.path().join(FILE)).expect("a file");
    connection.execute_batch(include_str!("../stored/v1/audience.sql")).expect("the dump is read");
    drop(connection);
    let audience = open(dir.path());
    // There was no choice of how often mails come, and no moment at which a source verified the address.
    let as_stored = |stored: Addressee| {
        let state = match stored.state {
            State::Confirmed { confirmation, change, bounces } => {
                let by = match confirmation.by {
                    Basis::Source { name, .. } => Basis::Source { name, verified: None },
                    other => other,
                };
                State::Confirmed { confirmation: Confirmation { by, ..confirmation }, change, bounces }
            }
            other => other,
        };
        Addressee { frequency: Frequency::AtOnce, state, ..stored }
    };
    check(&*audience, as_stored).await;
    let new = Put::new(addressee(3, "nieuw"));
    audience.put(vec![new]).await.expect("stored");
    assert!(audience.get(addressee(3, "nieuw").id).await.expect("read").is_some());
}

/// Everything there is, with the frequency of mails and the moment at which a source verified an address.
#[tokio::test]
async fn an_audience_with_verified_addresses_still_opens_ch_54() {
    let dir = tempfile::tempdir().expect("a directory");
    let connection = Connection::open(dir.path().join(FILE)).expect("a file");
    connection.execute_batch(include_str!("../stored/v9/audience.sql")).expect("the dump is read");
    drop(connection);
    check(&*open(dir.path()), |stored| stored).await;
}

/// The rows of mailings that sent an event again, and of the evidence of that.
#[tokio::test]
async fn resends_of_before_are_still_read_ch_94() {
    let dir = tempfile::tempdir().expect("a directory");
    drop(open(dir.path()));
    let connection = Connection::open(dir.path().join(FILE)).expect("a file");
    connection.execute_batch(include_str!("../stored/v8/resend.sql")).expect("the rows are read");
    drop(connection);
    let audience = open(dir.path());
    let weg = sample::name("weg");
    let resend = |failures: &[Failure]| Some(Resend { of: MailingId(1), failures: failures.iter().copied().collect() });
    let open = audience.open(&weg, None, 10).await.expect("read");
    let found: Vec<_> = open.iter().map(|one| (one.id, one.start.resend.clone())).collect();
    assert_eq!(found, [(MailingId(3), resend(&Failure::ALL))]);
    let ended = audience.ended(None, 10).await.expect("read");
    let found: Vec<_> = ended.iter().map(|one| (one.id, one.start.resend.clone())).collect();
    assert_eq!(found, [(MailingId(2), resend(&[Failure::Temporary])), (MailingId(1), None)]);
    for start in open.iter().map(|one| &one.start).chain(ended.iter().map(|one| &one.start)) {
        assert_eq!((&start.event.kanaal, &*start.event.source, &*start.event.id), (&weg, "urn:nld:x", "event-1"));
    }
    let page = EvidencePage { offset: 0, limit: 10 };
    let evidence = audience.evidence(digest(1), page).await.expect("evidence");
    let outcomes: Vec<_> = evidence.iter().map(|one| one.outcome).collect();
    assert_eq!(outcomes, [Some((Outcome::TemporaryFailure, at(13))), Some((Outcome::Sent, at(23)))]);
}

/// The rows of a kanaal in its second trial, and of one that is paused.
#[tokio::test]
async fn pauses_and_trials_of_before_are_still_read_ch_132() {
    let dir = tempfile::tempdir().expect("a directory");
    drop(open(dir.path()));
    let connection = Connection::open(dir.path().join(FILE)).expect("a file");
    connection.execute_batch(include_str!("../stored/v8/sending.sql")).expect("the rows are read");
    drop(connection);
    let audience = open(dir.path());
    let weg = audience.sending(&sample::name("weg")).await.expect("read");
    assert_eq!((weg.state, weg.since, weg.addresses()), (SendingState::Trial, at(30), Some(2)));
    let list = |seconds| weg.list_of(at(seconds)).map(|list| list.iter().map(|one| one.0[0]).collect::<Vec<_>>());
    assert_eq!([5, 10, 20, 30].map(list), [None, Some(vec![1]), None, Some(vec![2, 3])]);
    let afval = audience.sending(&sample::name("afval")).await.expect("read");
    assert_eq!((afval.state, afval.since, afval.trials.len()), (SendingState::Paused, at(40), 0));
    // An address that is erased is on no list any more.
    audience.erase(Digest([2; 32]), at(50)).await.expect("erased");
    let weg = audience.sending(&sample::name("weg")).await.expect("read");
    assert_eq!(weg.addresses(), Some(1));
}

/// The row of an event that replaces another one, and is not published yet.
#[tokio::test]
async fn replacements_of_before_are_still_read_ch_98() {
    let dir = tempfile::tempdir().expect("a directory");
    drop(open(dir.path()));
    let connection = Connection::open(dir.path().join(FILE)).expect("a file");
    connection.execute_batch(include_str!("../stored/v8/replacement.sql")).expect("the rows are read");
    drop(connection);
    let audience = open(dir.path());
    let found = audience.next_replacement(None).await.expect("read");
    let expected = StoredReplacement { number: 3, kanaal: sample::name("weg"), record: sample::sealed() };
    assert_eq!(found, Some(expected));
    assert_eq!(audience.next_replacement(Some(3)).await.expect("read"), None);
}
