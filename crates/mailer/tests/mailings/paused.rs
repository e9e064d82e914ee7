//! A kanaal that is paused, and one that is tried on a test list (CH-132), over restarts.

use std::collections::BTreeSet;

use mailer::mailings::Sendings;
use model::{
    Clock,
    clock::SystemClock,
    mailing::{End, SendingChange, Skip},
};
use serde_json::json;
use storage::Mailings;
use test_relay::{Protection, Relay};

use super::world::{World, email, eventually, kanaal};

const PEOPLE: usize = 3;

/// More than walk at a time.
const HELD: usize = 6;

async fn open(world: &World) -> usize {
    world.audience.open(&kanaal("afval"), None, 100).await.expect("read").len()
}

async fn change(world: &World, change: SendingChange) {
    let at = SystemClock::default().now();
    world.audience.change_sending(&kanaal("afval"), change, at).await.expect("stored");
    world.sendings.refresh(world.audience.as_ref()).await.expect("read");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_loses_nothing_and_a_trial_goes_past_what_waits_ch_132() {
    let mut relay = Relay::start(Protection::None, json!({})).await.expect("a relay");
    let directory = tempfile::tempdir().expect("a directory");
    let world = World::open(directory.path()).await;
    world.put((0..PEOPLE).map(|number| world.addressee(&format!("p{number}@burger.example"), "afval"))).await;
    change(&world, SendingChange::Pause).await;
    for number in 0..HELD {
        world.publish("afval", &format!("e{number}"), &[]).await;
    }
    let driver = world.start(relay.port());
    eventually("they wait", async || open(&world).await == HELD).await;
    // Events from now on are for one person; those of before wait.
    let list = BTreeSet::from([world.keys.digest_of(&email("p1@burger.example"))]);
    change(&world, SendingChange::Trial(list)).await;
    world.publish("afval", "trial", &[]).await;
    world.until_ended(1).await;
    let ended = world.audience.ended(None, 1).await.expect("read").remove(0);
    assert_eq!((&*ended.start.event.id, ended.counts.sent()), ("trial", 1));
    assert_eq!(ended.counts.of(End::Skipped(Skip::Trial)), (PEOPLE - 1) as u64);
    assert_eq!(relay.line().await.expect("a mail")["to"], "p1@burger.example");
    driver.abort();
    assert!(driver.await.is_err(), "as in a crash");

    // The next process knows it from the store.
    let world = World { sendings: Sendings::default(), ..world };
    let driver = world.start(relay.port());
    world.publish("afval", "trial-2", &[]).await;
    world.until_ended(2).await;
    assert_eq!(relay.line().await.expect("a mail")["to"], "p1@burger.example");
    assert_eq!(open(&world).await, HELD);
    change(&world, SendingChange::Open).await;
    world.until_ended(2 + HELD).await;
    driver.abort();
    assert_eq!(relay.accepted().await.expect("mails").len(), HELD * PEOPLE, "everybody, and each once");
    assert_eq!(world.outcomes("p0@burger.example").await.len(), HELD);
    assert_eq!(world.outcomes("p1@burger.example").await.len(), HELD + 2);
}

/// The mailing is amid its walk when the pause comes.
#[tokio::test(flavor = "multi_thread")]
async fn a_mailing_under_way_stops_at_a_pause_and_goes_on_after_it_ch_132() {
    let mut relay = Relay::start(Protection::None, json!({})).await.expect("a relay");
    let directory = tempfile::tempdir().expect("a directory");
    let world = World::open(directory.path()).await;
    let people = 200;
    world.put((0..people).map(|number| world.addressee(&format!("p{number}@burger.example"), "afval"))).await;
    world.publish("afval", "e1", &[]).await;
    let driver = world.start(relay.port());
    relay.line().await.expect("a mail");
    change(&world, SendingChange::Pause).await;
    let list = BTreeSet::from([world.keys.digest_of(&email("p7@burger.example"))]);
    change(&world, SendingChange::Trial(list)).await;
    world.publish("afval", "trial", &[]).await;
    eventually("the trial has ended", async || {
        let ended = world.audience.ended(None, 10).await.expect("read");
        ended.iter().any(|one| one.start.event.id == "trial" && one.counts.sent() == 1)
    })
    .await;
    change(&world, SendingChange::Open).await;
    world.until_ended(2).await;
    driver.abort();
    assert_eq!(relay.accepted().await.expect("mails").len(), people, "all but the first, and that of the trial");
}
