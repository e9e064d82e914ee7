//! Events with a moment before which people get nothing, over a restart, and mailings that are stopped.

use std::{sync::Arc, time::Duration};

use model::{
    Clock, Timestamp,
    mailing::{Checkpoint, Counts, Cursor, Phase},
};
use serde_json::json;
use storage::Mailings;
use test_relay::{Protection, Relay};

use super::world::{SetClock, World, eventually, kanaal};

const PEOPLE: usize = 3;

async fn world(directory: &std::path::Path) -> (World, Arc<SetClock>) {
    let mut world = World::open(directory).await;
    let clock = Arc::new(SetClock::default());
    world.clock = Arc::clone(&clock) as Arc<dyn Clock>;
    world.put((0..PEOPLE).map(|number| world.addressee(&format!("p{number}@burger.example"), "afval"))).await;
    (world, clock)
}

async fn publish(world: &World, id: &str, due: Timestamp) {
    world.publish("afval", id, &[("deliverafter", &due.to_rfc3339())]).await;
}

/// The events whose mailings wait or go on.
async fn open(world: &World) -> Vec<String> {
    let open = world.audience.open(&kanaal("afval"), None, 10).await.expect("read");
    open.into_iter().map(|one| one.start.event.id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_sent_at_its_moment_and_once_over_a_restart_ch_97_ch_99() {
    let relay = Relay::start(Protection::None, json!({})).await.expect("a relay");
    let directory = tempfile::tempdir().expect("a directory");
    let (world, clock) = world(directory.path()).await;
    let hour = Duration::from_hours(1);
    publish(&world, "later", clock.now() + hour).await;
    publish(&world, "past", clock.now() - hour).await;
    world.publish("afval", "now", &[]).await;
    let driver = world.start(relay.port());
    world.until_ended(2).await;
    assert_eq!(open(&world).await, ["later"]);
    assert_eq!(world.outcomes("p0@burger.example").await.len(), 2);
    driver.abort();
    assert!(driver.await.is_err(), "as in a crash");
    // It is due while nothing runs, and sent once after the start.
    clock.advance(hour);
    let driver = world.start(relay.port());
    world.until_ended(3).await;
    assert_eq!(open(&world).await, [""; 0]);
    driver.abort();
    assert_eq!(relay.accepted().await.expect("mails").len(), 3 * PEOPLE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailing_that_waits_is_sent_when_the_clock_is_there_ch_97() {
    let relay = Relay::start(Protection::None, json!({})).await.expect("a relay");
    let directory = tempfile::tempdir().expect("a directory");
    let (world, clock) = world(directory.path()).await;
    publish(&world, "later", clock.now() + Duration::from_hours(1)).await;
    let driver = world.start(relay.port());
    eventually("it waits", async || open(&world).await == ["later"]).await;
    clock.advance(Duration::from_hours(1));
    world.until_ended(1).await;
    driver.abort();
    assert_eq!(relay.accepted().await.expect("mails").len(), PEOPLE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailing_that_waits_is_stopped_and_nobody_gets_it_ch_94_ch_98() {
    let relay = Relay::start(Protection::None, json!({})).await.expect("a relay");
    let directory = tempfile::tempdir().expect("a directory");
    let (world, clock) = world(directory.path()).await;
    publish(&world, "later", clock.now() + Duration::from_hours(1)).await;
    let driver = world.start(relay.port());
    eventually("it waits", async || open(&world).await == ["later"]).await;
    let id = world.audience.open(&kanaal("afval"), None, 1).await.expect("read")[0].id;
    eventually("it is stopped", async || {
        world.stops.stop(id) || world.audience.progress(id).await.expect("read").is_none()
    })
    .await;
    world.until_ended(1).await;
    clock.advance(Duration::from_hours(2));
    world.publish("afval", "now", &[]).await;
    world.until_ended(2).await;
    driver.abort();
    assert_eq!(relay.accepted().await.expect("mails").len(), PEOPLE, "those of the other event");
    assert!(!world.stops.stop(id), "it is gone");
}

/// What is stored of a mailing that was cancelled; it ends although its moment is not there.
#[tokio::test(flavor = "multi_thread")]
async fn a_mailing_that_was_cancelled_stays_so_over_a_restart_ch_98() {
    let relay = Relay::start(Protection::None, json!({})).await.expect("a relay");
    let directory = tempfile::tempdir().expect("a directory");
    let (world, clock) = world(directory.path()).await;
    publish(&world, "later", clock.now() + Duration::from_hours(1)).await;
    let driver = world.start(relay.port());
    eventually("it waits", async || open(&world).await == ["later"]).await;
    driver.abort();
    assert!(driver.await.is_err(), "as in a crash");
    let id = world.audience.open(&kanaal("afval"), None, 1).await.expect("read")[0].id;
    let (cursor, phase, counts) = (Cursor::After(None), Phase::Stopped, Counts::default());
    let cancelled = Checkpoint { cursor, phase, counts, changed: Vec::new(), ended: Vec::new() };
    world.audience.apply(id, cancelled).await.expect("stored");
    let driver = world.start(relay.port());
    world.until_ended(1).await;
    clock.advance(Duration::from_hours(2));
    world.publish("afval", "now", &[]).await;
    world.until_ended(2).await;
    driver.abort();
    assert_eq!(relay.accepted().await.expect("mails").len(), PEOPLE, "those of the other event");
}
