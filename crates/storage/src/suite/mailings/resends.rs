//! Mailings that send an event again.

use std::collections::BTreeSet;

use model::{
    addressee::Channel,
    mailing::{Checkpoint, Counts, Cursor, Failure, MailingId, MailingStart, Phase, Progress, Resend},
};

use super::{super::sample::name, MailingsHarness, at, reopen, start, started, to};
use crate::mailings::{OpenMailing, ResendStart};

/// It starts when all mailings of the event by the channel have ended, has a number and a progress of its own, and what it is about
/// is what the first one is about.
pub async fn a_mailing_is_sent_again_once_it_has_ended_ch_94(harness: &mut dyn MailingsHarness) {
    let mailings = harness.open().await;
    let first = started(&*mailings, "afval", 1).await;
    let failures = BTreeSet::from([Failure::Temporary, Failure::InDoubt]);
    let again = async |mailings: &dyn crate::Mailings, id| mailings.resend(id, failures.clone()).await.expect("stored");
    assert_eq!(again(&*mailings, first).await, ResendStart::Open);
    assert_eq!(again(&*mailings, MailingId(999)).await, ResendStart::Unknown);
    assert_eq!(mailings.ended_one(first).await.expect("read"), None);
    mailings.end(first, at(10)).await.expect("stored");
    let expected = MailingStart { resend: Some(Resend { of: first, failures: failures.clone() }), ..start("afval", 1) };
    let ResendStart::Started(resend) = again(&*mailings, first).await else { panic!("it has ended") };
    assert!(resend.id > first);
    assert_eq!(resend, OpenMailing { id: resend.id, start: expected.clone(), phase: Phase::Active });
    assert_eq!(again(&*mailings, first).await, ResendStart::Open, "the same request again");
    assert_eq!(again(&*mailings, resend.id).await, ResendStart::Open);

    let mailings = reopen(harness, mailings).await;
    let open = mailings.open(&name("afval"), None, 10).await.expect("read");
    assert_eq!(open, std::slice::from_ref(&resend));
    assert_eq!(mailings.open(&name("wegen"), None, 10).await.expect("read"), []);
    assert_eq!(mailings.kanalen().await.expect("read"), [name("afval")]);
    assert_eq!(mailings.progress(resend.id).await.expect("read"), Some(Progress::default()));
    let mut counts = Counts::default();
    counts.candidates = 3;
    counts.count(model::mailing::End::Sent, 3);
    let checkpoint = Checkpoint {
        cursor: Cursor::End,
        phase: Phase::Active,
        counts: counts.clone(),
        changed: Vec::new(),
        ended: Vec::new(),
    };
    mailings.apply(resend.id, checkpoint).await.expect("stored");
    mailings.end(resend.id, at(20)).await.expect("stored");
    let ended = mailings.ended(Some(&name("afval")), 10).await.expect("read");
    assert_eq!(ended.iter().map(|one| one.id).collect::<Vec<_>>(), [resend.id, first]);
    assert_eq!((&ended[0].start, &ended[0].counts), (&expected, &counts));
    assert_eq!(ended[1].start, start("afval", 1));
    assert_eq!(mailings.ended_one(resend.id).await.expect("read").as_ref(), Some(&ended[0]));
    assert_eq!(mailings.ended_one(first).await.expect("read").as_ref(), Some(&ended[1]));

    let (open, of_event) = mailings.of_event(&expected.event).await.expect("read");
    assert_eq!((open.len(), of_event.iter().map(|one| one.id).collect::<Vec<_>>()), (0, vec![first]), "no resend");

    // A resend of the resend is one of the first mailing; the event itself stays one mailing, and its other channel is apart.
    let ResendStart::Started(second) = again(&*mailings, resend.id).await else { panic!("it has ended") };
    assert_eq!((second.start, second.id > resend.id), (expected, true));
    let by_sms = MailingStart { channel: Channel::Sms, ..start("afval", 1) };
    let new = mailings.start(&name("afval"), to(0, 9), vec![start("afval", 1), by_sms.clone()]).await.expect("stored");
    assert_eq!(new.iter().map(|one| one.start.clone()).collect::<Vec<_>>(), [by_sms]);
}
