//! Checkpoints.

use model::{
    addressee::AddresseeId,
    mailing::{Checkpoint, Counts, Cursor, End, MailingId, Phase, Progress, Skip, Unsettled},
};
use uuid::Uuid;

use super::{super::audience::digest, MailingsHarness, at, reopen, started};

fn id(number: u128) -> AddresseeId {
    AddresseeId(Uuid::from_u128(number))
}

fn unsettled(number: u128, attempts: u32) -> Unsettled {
    Unsettled {
        id: id(number),
        digest: digest(number),
        attempts,
        tried: (attempts > 0).then(|| (at(10), at(10 + i64::from(attempts)))),
        retry_at: (attempts > 0).then(|| at(500)),
        in_doubt: attempts == 2,
        intent: number == 4,
    }
}

fn counts(open: u64, ends: &[(End, u64)]) -> Counts {
    let mut counts = Counts::default();
    counts.open = open;
    counts.candidates = open + ends.iter().map(|(_, count)| count).sum::<u64>();
    for (end, count) in ends {
        counts.count(*end, *count);
    }
    counts
}

fn checkpoints() -> Vec<Checkpoint> {
    let all: Vec<(End, u64)> = End::ALL.into_iter().zip(1..).collect();
    vec![
        Checkpoint {
            cursor: Cursor::After(Some(digest(4))),
            phase: Phase::Active,
            counts: counts(4, &[]),
            changed: (1..=4).map(|number| unsettled(number, 0)).collect(),
            ended: Vec::new(),
        },
        Checkpoint {
            cursor: Cursor::After(Some(digest(5))),
            phase: Phase::Suspended,
            counts: counts(3, &[(End::Sent, 1), (End::Skipped(Skip::Ended), 1)]),
            changed: vec![unsettled(2, 1), unsettled(5, 2)],
            ended: vec![id(1), id(3)],
        },
        Checkpoint {
            cursor: Cursor::End,
            phase: Phase::Stopped,
            counts: counts(1, &all),
            changed: Vec::new(),
            ended: vec![id(4), id(5), id(99)],
        },
    ]
}

/// Checkpoints add up to the progress that `Progress::apply` gives, when the store is closed between any two of them. Mailings
/// have nothing of each other.
pub async fn checkpoints_add_up_over_any_restart(harness: &mut dyn MailingsHarness) {
    let mut mailings = harness.open().await;
    let (one, other) = (started(&*mailings, "afval", 1).await, started(&*mailings, "afval", 2).await);
    let mut expected = Progress::default();
    assert_eq!(mailings.progress(one).await.expect("read"), Some(expected.clone()), "nothing was stored yet");
    for checkpoint in checkpoints() {
        expected.apply(checkpoint.clone());
        mailings.apply(one, checkpoint.clone()).await.expect("stored");
        // Again, as after an error whose write was durable.
        mailings.apply(one, checkpoint).await.expect("stored");
        mailings = reopen(harness, mailings).await;
        assert_eq!(mailings.progress(one).await.expect("read"), Some(expected.clone()));
    }
    assert_eq!(mailings.progress(other).await.expect("read"), Some(Progress::default()));
    assert_eq!(mailings.progress(MailingId(999)).await.expect("read"), None);
    let open = mailings.open(&super::name("afval"), None, 10).await.expect("read");
    assert_eq!(open.iter().map(|one| one.phase).collect::<Vec<_>>(), [Phase::Stopped, Phase::Active]);
}

/// What ended has its counts, and no progress; a late checkpoint does not open it again.
pub async fn what_ended_is_not_written_any_more(harness: &mut dyn MailingsHarness) {
    let mailings = harness.open().await;
    let id = started(&*mailings, "afval", 1).await;
    let all = checkpoints();
    mailings.apply(id, all[0].clone()).await.expect("stored");
    mailings.apply(id, all[2].clone()).await.expect("stored");
    mailings.end(id, at(60)).await.expect("stored");
    mailings.apply(id, all[0].clone()).await.expect("nothing happens");
    let mailings = reopen(harness, mailings).await;
    assert_eq!(mailings.progress(id).await.expect("read"), None);
    let ended = mailings.ended(None, 10).await.expect("read");
    assert_eq!(ended.iter().map(|one| one.counts.clone()).collect::<Vec<_>>(), [all[2].counts.clone()]);
    assert_eq!(mailings.kanalen().await.expect("read"), []);
}
