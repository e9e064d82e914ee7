//! Marks, and which mailings there are.

use model::{
    addressee::Channel,
    mailing::{MailingStart, Phase},
};

use super::{super::sample::name, MailingsHarness, at, reopen, start, started, to};
use crate::mailings::OpenMailing;

/// A mark is stored per kanaal and partition, survives a restart, and never goes back.
pub async fn marks_survive_and_never_go_back(harness: &mut dyn MailingsHarness) {
    let mailings = harness.open().await;
    assert_eq!(mailings.followed(&name("afval")).await.expect("read"), []);
    for (kanaal, followed) in [("afval", to(0, 5)), ("afval", to(3, 7)), ("wegen", to(0, 1)), ("afval", to(0, 2))] {
        let new = mailings.start(&name(kanaal), followed, Vec::new()).await.expect("stored");
        assert_eq!(new, []);
    }
    let mailings = reopen(harness, mailings).await;
    assert_eq!(mailings.followed(&name("afval")).await.expect("read"), [to(0, 5), to(3, 7)]);
    assert_eq!(mailings.followed(&name("wegen")).await.expect("read"), [to(0, 1)]);
}

/// An event that is stored again, or was published twice, starts no second mailing, also after the first has ended.
pub async fn an_event_becomes_one_mailing_ch_95(harness: &mut dyn MailingsHarness) {
    let mailings = harness.open().await;
    let by_sms = MailingStart { channel: Channel::Sms, ..start("afval", 1) };
    let new = mailings.start(&name("afval"), to(0, 2), vec![start("afval", 1), by_sms.clone()]).await.expect("stored");
    assert_eq!(new.iter().map(|one| one.start.clone()).collect::<Vec<_>>(), [start("afval", 1), by_sms.clone()]);
    let event = start("afval", 1).event;
    assert_eq!(mailings.of_event(&event).await.expect("read"), (new, vec![]));
    let again = MailingStart { position: model::Position(9), ..start("afval", 1) };
    let new = mailings.start(&name("afval"), to(0, 10), vec![again.clone()]).await.expect("stored");
    assert_eq!(new, [], "it is open");
    let open = mailings.open(&name("afval"), None, 10).await.expect("read");
    mailings.end(open[0].id, at(5)).await.expect("stored");
    let mailings = reopen(harness, mailings).await;
    let new = mailings.start(&name("afval"), to(0, 11), vec![again, start("afval", 2)]).await.expect("stored");
    assert_eq!(new.len(), 1, "it has ended, and the other is new");
    let (open, ended) = mailings.of_event(&event).await.expect("read");
    assert_eq!(open.iter().map(|one| one.start.clone()).collect::<Vec<_>>(), [by_sms]);
    assert_eq!(ended.iter().map(|one| one.start.clone()).collect::<Vec<_>>(), [start("afval", 1)]);
    assert_eq!(mailings.of_event(&start("wegen", 1).event).await.expect("read"), (vec![], vec![]));
    assert_eq!(mailings.followed(&name("afval")).await.expect("read"), [to(0, 11)]);
}

/// Open mailings are found by kanaal, in pages; one that ended is in the other list, once.
pub async fn mailings_are_found_by_kanaal_and_end_once(harness: &mut dyn MailingsHarness) {
    let mailings = harness.open().await;
    let mut ids = Vec::new();
    for number in 0..5 {
        ids.push(started(&*mailings, "afval", number).await);
        started(&*mailings, "wegen", number).await;
    }
    let mailings = reopen(harness, mailings).await;
    let open =
        |number: usize| OpenMailing { id: ids[number], start: start("afval", number as u64), phase: Phase::Active };
    let kanaal = name("afval");
    assert_eq!(mailings.open(&kanaal, None, 3).await.expect("read"), [open(0), open(1), open(2)]);
    assert_eq!(mailings.open(&kanaal, Some(ids[2]), 3).await.expect("read"), [open(3), open(4)]);
    let mut kanalen = mailings.kanalen().await.expect("read");
    kanalen.sort();
    assert_eq!(kanalen, [name("afval"), name("wegen")]);
    for (number, second) in [(1, 10), (0, 20), (1, 30)] {
        mailings.end(ids[number], at(second)).await.expect("stored");
    }
    let ended = mailings.ended(Some(&kanaal), 10).await.expect("read");
    let found: Vec<_> = ended.iter().map(|one| (one.id, one.ended)).collect();
    assert_eq!(found, [(ids[1], at(10)), (ids[0], at(20))]);
    assert_eq!(mailings.ended(None, 1).await.expect("read").len(), 1);
    assert_eq!(mailings.ended(Some(&name("wegen")), 10).await.expect("read"), []);
    assert_eq!(mailings.open(&kanaal, None, 10).await.expect("read"), [open(2), open(3), open(4)]);
}
