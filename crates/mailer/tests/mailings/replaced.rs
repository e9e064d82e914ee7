//! Events with a moment that are replaced before it (CH-98), over the end of a process.

use std::{sync::Arc, time::Duration};

use model::Clock;
use people::{
    Replacements,
    administration::{EventReplace, MailingCancel, Running},
};
use serde_json::json;
use storage::{
    EventLog, Mailings,
    log::Record,
    mailings::{Replaced, Replacement},
};
use test_relay::{Protection, Relay};

use super::world::{SetClock, World, eventually, kanaal, record};

const PEOPLE: usize = 3;
const HOUR: Duration = Duration::from_hours(1);

async fn world(directory: &std::path::Path) -> (World, Arc<SetClock>) {
    let mut world = World::open(directory).await;
    let clock = Arc::new(SetClock::default());
    world.clock = Arc::clone(&clock) as Arc<dyn Clock>;
    world.put((0..PEOPLE).map(|number| world.addressee(&format!("p{number}@burger.example"), "afval"))).await;
    (world, clock)
}

fn mailings(world: &World) -> Arc<dyn Mailings> {
    Arc::clone(&world.audience) as Arc<dyn Mailings>
}

fn replacements(world: &World) -> Arc<Replacements> {
    let log = Arc::clone(&world.log) as Arc<dyn EventLog>;
    Arc::new(Replacements::new(mailings(world), log, Arc::clone(&world.keys)))
}

fn sealed(world: &World, record: &Record) -> model::sealed::Sealed {
    world.keys.seal_record(&record.to_bytes()).expect("sealed")
}

/// The wish to replace the only mailing that waits.
async fn wish(world: &World, by: &str) -> Replacement {
    let open = world.audience.open(&kanaal("afval"), None, 10).await.expect("read");
    let [old] = open.as_slice() else { panic!("{open:?}") };
    let new = record(by, &[("deliverafter", &(world.clock.now() + HOUR).to_rfc3339())]);
    Replacement {
        event: old.start.event.clone(),
        partition: old.start.partition,
        position: old.start.position,
        mailings: vec![old.id],
        record: sealed(world, &new),
    }
}

/// The events whose mailings wait or go on.
async fn open(world: &World) -> Vec<String> {
    let open = world.audience.open(&kanaal("afval"), None, 10).await.expect("read");
    open.into_iter().map(|one| one.start.event.id).collect()
}

async fn is_kept(world: &World) -> bool {
    world.audience.next_replacement(None).await.expect("read").is_some()
}

/// The process ends after the decision, and the next one after the append: neither event is lost, and none is sent twice.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_process_decided_is_published_by_the_next_one_and_sent_once_ch_98() {
    let relay = Relay::start(Protection::None, json!({})).await.expect("a relay");
    let directory = tempfile::tempdir().expect("a directory");
    let (world, clock) = world(directory.path()).await;
    let due = (clock.now() + HOUR).to_rfc3339();
    world.publish("afval", "old", &[("deliverafter", &due)]).await;
    let driver = world.start(relay.port());
    eventually("it waits", async || open(&world).await == ["old"]).await;
    driver.abort();
    assert!(driver.await.is_err(), "as in a crash");
    let wish = wish(&world, "new").await;
    assert_eq!(world.audience.replace(wish.clone(), clock.now()).await.expect("stored"), Replaced::Done);

    let running = tokio::spawn(replacements(&world).run());
    eventually("it is published", async || !is_kept(&world).await).await;
    running.abort();
    assert!(running.await.is_err(), "as in a crash");
    // As if the process had ended before the row was removed.
    let again = world.keys.open_record(&wish.record).expect("opened");
    let again = Record::from_bytes(again.into()).expect("a record");
    world.log.append(vec![(kanaal("afval"), again)]).await.expect("appended");

    let driver = world.start(relay.port());
    eventually("the new one waits", async || open(&world).await == ["new"]).await;
    clock.advance(HOUR);
    world.until_ended(2).await;
    world.publish("afval", "last", &[]).await;
    world.until_ended(3).await;
    driver.abort();
    assert_eq!(relay.accepted().await.expect("mails").len(), 2 * PEOPLE, "the new one and the last one");
    let mut outcomes: Vec<String> =
        world.outcomes("p0@burger.example").await.into_iter().map(|(event, _)| event).collect();
    outcomes.sort();
    assert_eq!(outcomes, ["last", "new"]);
}

/// While a mailing waits, the requests about it are one after the other and the first is the decision; when it has begun, none is.
#[tokio::test(flavor = "multi_thread")]
async fn a_replacement_and_a_cancellation_never_both_succeed_ch_98() {
    let relay = Relay::start(Protection::None, json!({})).await.expect("a relay");
    let directory = tempfile::tempdir().expect("a directory");
    let (world, clock) = world(directory.path()).await;
    let (driver, parts) = world.start_parts(relay.port());
    for round in 0..8 {
        let (id, due) = (format!("e{round}"), clock.now() + HOUR);
        world.publish("afval", &id, &[("deliverafter", &due.to_rfc3339())]).await;
        eventually("it waits", async || {
            let open = world.audience.open(&kanaal("afval"), None, 10).await.expect("read");
            open.len() == 1 && parts.due(open[0].id) == Some(due)
        })
        .await;
        let (one, two) = (wish(&world, "b").await, wish(&world, "c").await);
        let ids = one.mailings.clone();
        let (one, two, cancelled) = tokio::join!(parts.replace(one), parts.replace(two), parts.cancel(ids));
        let replaced = [one.expect("stored"), two.expect("stored")];
        let done = replaced.iter().filter(|one| **one == EventReplace::Replaced).count();
        let is_cancelled = cancelled.expect("stored") == MailingCancel::Cancelled;
        assert_eq!(done + usize::from(is_cancelled), 1, "{replaced:?} {is_cancelled}");
        assert_eq!(is_kept(&world).await, !is_cancelled);
        while let Some(kept) = world.audience.next_replacement(None).await.expect("read") {
            world.audience.replacement_published(kept.number).await.expect("stored");
        }
        eventually("it ends", async || open(&world).await == [""; 0]).await;
    }
    // The other side of the moment.
    let due = clock.now() + HOUR;
    world.publish("afval", "late", &[("deliverafter", &due.to_rfc3339())]).await;
    eventually("it waits", async || {
        let open = world.audience.open(&kanaal("afval"), None, 10).await.expect("read");
        open.len() == 1 && parts.due(open[0].id) == Some(due)
    })
    .await;
    let late = wish(&world, "d").await;
    clock.advance(HOUR);
    assert_ne!(parts.replace(late).await.expect("read"), EventReplace::Replaced);
    assert!(!is_kept(&world).await);
    world.until_ended(9).await;
    driver.abort();
    assert_eq!(relay.accepted().await.expect("mails").len(), PEOPLE, "those of the last event");
}
