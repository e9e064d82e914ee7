//! Those to whom an event did not get through, and the evidence of sending it again (CH-94).

use std::collections::{BTreeMap, BTreeSet};

use model::{
    addressee::{ActId, Basis, Channel, Confirmation, EndReason, EventReference, Evidence, LeftBy, Outcome, State},
    mailing::{Failure, MailingId},
};
use uuid::Uuid;

use super::{
    AudienceHarness, reopen,
    sample::{addressee, at, change, digest, ended, get, id, put_new},
};
use crate::{
    Audience,
    audience::{EvidencePage, FailedWalk, Purge},
    suite::sample::name,
};

const PAGE: EvidencePage = EvidencePage { offset: 0, limit: 1_000 };

fn event(number: u64) -> EventReference {
    EventReference { kanaal: name("weg"), source: "urn:nld:s".into(), id: format!("event-{number}") }
}

fn evidence(to: u128, outcome: Outcome) -> Evidence {
    Evidence {
        event: event(1),
        digest: digest(to),
        addressee: Some(id(to)),
        accepted: at(1),
        tried: Some((1, at(2))),
        outcome: Some((outcome, at(3))),
        read: None,
    }
}

fn walk(failures: &[Failure], before: Option<u64>, limit: u32) -> FailedWalk {
    FailedWalk {
        event: event(1),
        channel: Channel::Email,
        failures: failures.iter().copied().collect(),
        before: before.map(MailingId),
        with_left: false,
        after: None,
        limit,
    }
}

/// The numbers of the addressees of a walk, sorted, and the sizes of its chunks.
async fn walked(audience: &dyn Audience, mut walk: FailedWalk) -> (Vec<u128>, Vec<usize>) {
    let (mut found, mut sizes, mut last) = (Vec::new(), Vec::new(), None);
    loop {
        let chunk = audience.failed(walk.clone()).await.expect("a chunk");
        sizes.push(chunk.addressees.len());
        for stored in chunk.addressees {
            assert!(last < Some(stored.addressee.digest), "in the order of digests, each once");
            last = Some(stored.addressee.digest);
            found.push((0..100).find(|number| id(*number) == stored.addressee.id).expect("one of them"));
        }
        walk.after = chunk.next;
        if walk.after.is_none() {
            found.sort_unstable();
            return (found, sizes);
        }
    }
}

async fn counted(audience: &dyn Audience, mut walk: FailedWalk) -> BTreeMap<Failure, u64> {
    let mut all = BTreeMap::new();
    loop {
        let part = audience.failed_counts(walk.clone()).await.expect("counts");
        for (failure, count) in part.addressees {
            *all.entry(failure).or_default() += count;
        }
        walk.after = part.next;
        if walk.after.is_none() {
            return all;
        }
    }
}

/// Only who failed so, is confirmed, and has the address that failed; never one to whom it was sent. What is counted is what is
/// walked.
pub async fn who_failed_is_walked_and_counted_ch_94(harness: &mut dyn AudienceHarness) {
    let audience = harness.open().await;
    assert_eq!(walked(&*audience, walk(&Failure::ALL, None, 10)).await, (vec![], vec![0]), "nothing is known");
    // Outcome by outcome, and again.
    put_new(&*audience, (0..40).map(|number| addressee(number, "weg"))).await;
    let of = |number: u128| Outcome::ALL[number as usize % Outcome::ALL.len()];
    audience.record((0..40).map(|number| evidence(number, of(number))).collect()).await.expect("recorded");
    // Another event, another channel, somebody without a light subscription, and one without an end.
    let other = Evidence { event: event(2), ..evidence(0, Outcome::TemporaryFailure) };
    let under_way = Evidence { outcome: None, ..evidence(50, Outcome::Sent) };
    put_new(&*audience, [model::addressee::Addressee { channel: Channel::Sms, ..addressee(41, "weg") }]).await;
    put_new(&*audience, [ended(42, "weg", 5), addressee(50, "weg")]).await;
    let failed = [41, 42, 43].map(|to| evidence(to, Outcome::TemporaryFailure));
    let nobody = Evidence { addressee: None, ..evidence(44, Outcome::TemporaryFailure) };
    audience.record(failed.into_iter().chain([other, under_way, nobody]).collect()).await.expect("recorded");
    let audience = reopen(harness, audience).await;
    let of_failure = |failure: Failure| (0..40).filter(|number| of(*number) == failure.outcome()).collect::<Vec<_>>();
    for failure in Failure::ALL {
        let (found, sizes) = walked(&*audience, walk(&[failure], None, 2)).await;
        assert_eq!(found, of_failure(failure), "{failure:?}");
        assert!(sizes.iter().all(|size| *size <= 2), "{sizes:?}");
        assert_eq!(counted(&*audience, walk(&[failure], None, 2)).await, BTreeMap::from([(failure, 5)]));
    }
    let expected: BTreeMap<Failure, u64> = Failure::ALL.into_iter().map(|failure| (failure, 5)).collect();
    assert_eq!(counted(&*audience, walk(&Failure::ALL, None, 1)).await, expected);
    assert_eq!(walked(&*audience, walk(&Failure::ALL, None, 1_000)).await.1, [20]);
    // Who leaves, or has another address, is out.
    let temporary = of_failure(Failure::Temporary);
    let (left, moved) = (temporary[0], temporary[1]);
    let state = ended(left, "weg", 9).state;
    change(&*audience, left, |addressee| addressee.state = state).await.expect("stored");
    change(&*audience, moved, |addressee| addressee.digest = digest(900)).await.expect("stored");
    let (found, _) = walked(&*audience, walk(&[Failure::Temporary], None, 10)).await;
    assert_eq!(found, temporary[2..]);
    // For a message that has to be sent, one who left is in again, and one who ended otherwise is not (CH-21).
    let obliged = || FailedWalk { with_left: true, ..walk(&[Failure::Temporary], None, 10) };
    assert_eq!(walked(&*audience, obliged()).await.0, temporary[2..]);
    let (act, was) = (ActId(Uuid::from_u128(7)), Confirmation { at: at(5), by: Basis::Code });
    let reason = EndReason::Unsubscribed { act, by: LeftBy::Page, was, undo_until: at(99) };
    change(&*audience, left, |addressee| addressee.state = State::Ended { at: at(9), reason }).await.expect("stored");
    assert_eq!(walked(&*audience, walk(&[Failure::Temporary], None, 10)).await.0, temporary[2..]);
    assert_eq!(walked(&*audience, obliged()).await.0, [&[left], &temporary[2..]].concat());
    assert_eq!(counted(&*audience, obliged()).await, BTreeMap::from([(Failure::Temporary, 4)]));
    assert_eq!(get(&*audience, moved).await.addressee.digest, digest(900));
    harness.close(audience).await;
}

/// A resend has a row of its own; what comes later is about the last time. Who was sent to then is not walked any more, and a walk does
/// not see what its own resend did.
pub async fn a_resend_has_evidence_of_its_own_ch_94(harness: &mut dyn AudienceHarness) {
    let audience = harness.open().await;
    put_new(&*audience, (0..4).map(|number| addressee(number, "weg"))).await;
    let failed = |to| evidence(to, Outcome::TemporaryFailure);
    let again =
        |to, outcome| Evidence { tried: Some((2, at(20))), outcome: Some((outcome, at(21))), ..evidence(to, outcome) };
    audience.record((0..4).map(failed).collect()).await.expect("recorded");
    let first = vec![again(0, Outcome::Sent), again(1, Outcome::TemporaryFailure), again(2, Outcome::InDoubt)];
    audience.record_resend(MailingId(7), first.clone()).await.expect("recorded");
    // As after an error whose write was durable.
    audience.record_resend(MailingId(7), first.clone()).await.expect("recorded");
    let audience = reopen(harness, audience).await;
    let of = async |to| audience.evidence(digest(to), PAGE).await.expect("evidence");
    assert_eq!(of(0).await, [failed(0), again(0, Outcome::Sent)]);
    assert_eq!(of(3).await, [failed(3)]);
    let found = async |before| walked(&*audience, walk(&Failure::ALL, before, 10)).await.0;
    assert_eq!(found(None).await, [1, 2, 3]);
    assert_eq!(found(Some(7)).await, [0, 1, 2, 3], "it begins with those of before");
    assert_eq!(found(Some(8)).await, [1, 2, 3]);
    let counts = BTreeMap::from([(Failure::Temporary, 2), (Failure::InDoubt, 1)]);
    assert_eq!(counted(&*audience, walk(&Failure::ALL, None, 10)).await, counts);
    // A receipt is about the last message, and what was known of the first stays.
    let receipt = Evidence { outcome: Some((Outcome::Delivered, at(30))), tried: None, ..failed(2) };
    let bounce = Evidence { outcome: Some((Outcome::PermanentFailure, at(31))), tried: None, ..failed(0) };
    audience.record(vec![receipt, bounce]).await.expect("recorded");
    let outcomes = async |to| of(to).await.iter().filter_map(|one| one.outcome.map(|(one, _)| one)).collect::<Vec<_>>();
    assert_eq!(outcomes(2).await, [Outcome::TemporaryFailure, Outcome::Delivered]);
    assert_eq!(outcomes(0).await, [Outcome::TemporaryFailure, Outcome::PermanentFailure]);
    assert_eq!(found(None).await, [0, 1, 3]);
    let permanent = BTreeSet::from([Failure::Permanent]);
    let walk = FailedWalk { failures: permanent, ..walk(&[], None, 10) };
    assert_eq!(walked(&*audience, walk).await.0, [0]);
    // Retention removes all of it, in bounded calls.
    let purge = Purge::Evidence { kanaal: name("weg"), before: at(100) };
    assert_eq!(audience.purgeable(purge.clone()).await.expect("a count"), 7);
    for expected in [2, 2, 2, 1] {
        assert_eq!(audience.purge(purge.clone(), 2).await.expect("purged"), expected);
    }
    assert_eq!(of(0).await, []);
    assert_eq!(found(None).await, [0; 0]);
    harness.close(audience).await;
}
