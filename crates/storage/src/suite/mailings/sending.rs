//! How kanalen send.

use std::collections::BTreeSet;

use model::{
    addressee::Digest,
    mailing::{Sending, SendingChange, SendingState},
};

use super::{super::sample::name, MailingsHarness, at, reopen, start, to};

fn list(numbers: &[u8]) -> BTreeSet<Digest> {
    numbers.iter().map(|number| Digest([*number; 32])).collect()
}

/// A pause and a trial with its list are there after a restart, for their kanaal only, and a trial is remembered after its end.
pub async fn a_pause_and_a_trial_survive_ch_132(harness: &mut dyn MailingsHarness) {
    let mailings = harness.open().await;
    assert_eq!(mailings.sendings().await.expect("read"), []);
    assert_eq!(mailings.sending(&name("afval")).await.expect("read"), Sending::default());
    let mut expected = Sending::default();
    for (change, moment) in [
        (SendingChange::Pause, 10),
        (SendingChange::Trial(list(&[1, 2])), 20),
        (SendingChange::Trial(list(&[3])), 30),
        (SendingChange::Open, 40),
        (SendingChange::Trial(list(&[2])), 50),
    ] {
        expected.change(change.clone(), at(moment));
        let changed = mailings.change_sending(&name("afval"), change, at(moment)).await.expect("stored");
        assert_eq!(changed, expected, "{moment}");
    }
    let paused = mailings.change_sending(&name("wegen"), SendingChange::Pause, at(5)).await.expect("stored");

    let mailings = reopen(harness, mailings).await;
    assert_eq!(mailings.sending(&name("afval")).await.expect("read"), expected);
    assert_eq!((expected.state, expected.trials.len()), (SendingState::Trial, 3));
    let mut all = mailings.sendings().await.expect("read");
    all.sort_by(|one, other| one.0.cmp(&other.0));
    assert_eq!(all, [(name("afval"), expected), (name("wegen"), paused)]);
    assert_eq!(mailings.sending(&name("parkeren")).await.expect("read"), Sending::default());
}

/// A trial is not forgotten while a mailing of it goes on, however many follow; those that are not needed any more go.
pub async fn a_trial_is_kept_for_its_mailings_ch_132(harness: &mut dyn MailingsHarness) {
    let mailings = harness.open().await;
    // Accepted in the first trial.
    mailings.start(&name("afval"), to(0, 12), vec![start("afval", 11)]).await.expect("stored");
    let mut begin = 10;
    for number in 0..30 {
        let change = SendingChange::Trial(list(&[number]));
        mailings.change_sending(&name("afval"), change, at(begin)).await.expect("stored");
        begin += 10;
    }
    let mailings = reopen(harness, mailings).await;
    let sending = mailings.sending(&name("afval")).await.expect("read");
    assert_eq!(sending.list_of(at(11)).map(|found| (**found).clone()), Some(list(&[0])));
    assert_eq!(sending.list_of(at(21)), None, "of the second trial is no mailing");
    assert!(sending.trials.len() < 15, "{}", sending.trials.len());
    assert_eq!(sending.addresses(), Some(1));
}
