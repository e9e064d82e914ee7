//! Events that wait for one mail a day or a week, and that mail: once, with all of them, and with what is over left out.

use std::{path::Path, sync::Arc, time::Duration};

use delivery::mailing::Ladder;
use model::{
    Clock,
    addressee::{Addressee, EndReason, Frequency, Outcome, State},
    mailing::{Checkpoint, Counts, Cursor, End, MailingId, Phase, SendingChange, Skip},
};
use serde_json::{Value, json};
use storage::{Audience, Mailings};
use test_relay::{Protection, Relay};

use super::world::{SetClock, World, eventually, kanaal};

const WEEK: Duration = Duration::from_hours(7 * 24);
const AN: &str = "an@burger.example";
const BEA: &str = "bea@burger.example";

async fn relay(settings: Value) -> Relay {
    Relay::start(Protection::None, settings).await.expect("a relay")
}

async fn world(directory: &Path, clock: &Arc<SetClock>) -> World {
    let mut world = World::open(directory).await;
    world.clock = Arc::clone(clock) as Arc<dyn Clock>;
    world
}

fn weekly(world: &World, address: &str) -> Addressee {
    Addressee { frequency: Frequency::Weekly, ..world.addressee(address, "afval") }
}

/// Waits until so many events wait for the mail of an addressee.
async fn until_collected(world: &World, address: &str, events: usize) {
    let id = world.addressee(address, "afval").id;
    eventually("events wait", async || world.audience.collected(id, 100).await.expect("read").len() == events).await;
}

/// How the events of an address ended, by their ids.
async fn outcomes(world: &World, address: &str) -> Vec<(String, Option<Outcome>)> {
    let mut found = world.outcomes(address).await;
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    found
}

fn sent(ids: impl IntoIterator<Item = u32>) -> Vec<(String, Option<Outcome>)> {
    ids.into_iter().map(|id| (format!("e{id}"), Some(Outcome::Sent))).collect()
}

/// Five events are five mails for one, and one mail with five for another, over a restart; and one link to leave.
#[tokio::test(flavor = "multi_thread")]
async fn five_events_of_a_week_are_one_mail_with_five_ch_101() {
    let mut relay = relay(json!({ "contents": true })).await;
    let directory = tempfile::tempdir().expect("a directory");
    let clock = Arc::new(SetClock::default());
    let before = world(directory.path(), &clock).await;
    before.put([weekly(&before, AN), before.addressee(BEA, "afval")]).await;
    let driver = before.start(relay.port());
    for number in 1..=5 {
        before.publish("afval", &format!("e{number}"), &[("subject", &format!("Straat {number}"))]).await;
    }
    for _ in 0..5 {
        assert_eq!(relay.line().await.expect("a mail")["to"], BEA);
    }
    until_collected(&before, AN, 5).await;
    before.until_ended(5).await;
    let ended = before.audience.ended(None, 10).await.expect("read");
    assert!(ended.iter().all(|one| one.counts.of(End::Skipped(Skip::Collected)) == 1 && one.counts.sent() == 1));
    assert_eq!(outcomes(&before, AN).await, []);
    driver.abort();
    drop(driver.await);
    drop(before);

    let after = world(directory.path(), &clock).await;
    clock.advance(WEEK);
    let driver = after.start(relay.port());
    let mail = relay.line().await.expect("a mail");
    assert_eq!((&mail["to"], &mail["fields"]["subject"]), (&json!(AN), &json!("Uw berichten over afval")));
    let text = mail["text"].as_str().expect("a text");
    let places: Vec<_> = (1..=5).map(|number| text.find(&format!("Straat {number}")).expect(text)).collect();
    assert!(places.is_sorted() && text.contains("Er zijn 5 nieuwe berichten over afval."), "{text}");
    assert_eq!(text.matches("https://").count(), 1, "{text}");
    let field = mail["fields"]["list-unsubscribe"].as_str().expect("the field");
    assert!(text.contains(field.trim_start_matches('<').trim_end_matches('>')), "{field} {text}");
    eventually("it is settled", async || outcomes(&after, AN).await == sent(1..=5)).await;

    // What comes later is in the next one.
    after.publish("afval", "e6", &[]).await;
    assert_eq!(relay.line().await.expect("a mail")["to"], BEA);
    until_collected(&after, AN, 1).await;
    clock.advance(WEEK);
    let next = relay.line().await.expect("a mail");
    assert!(next["text"].as_str().expect("a text").contains("Er is 1 nieuw bericht over afval."), "{next}");
    assert_ne!(next["fields"]["message-id"], mail["fields"]["message-id"]);
    eventually("it is settled", async || outcomes(&after, AN).await == sent(1..=6)).await;
    driver.abort();
    assert!(relay.accepted().await.expect("mails").is_empty());
}

/// A kanaal that is paused sends no mail with collected events; afterwards it does.
#[tokio::test(flavor = "multi_thread")]
async fn the_mail_of_a_week_waits_for_the_end_of_a_pause_ch_101_ch_132() {
    let mut relay = relay(json!({ "contents": true })).await;
    let directory = tempfile::tempdir().expect("a directory");
    let clock = Arc::new(SetClock::default());
    let world = world(directory.path(), &clock).await;
    world.put([weekly(&world, AN), world.addressee(BEA, "verkeer")]).await;
    let driver = world.start(relay.port());
    world.publish("afval", "e1", &[]).await;
    until_collected(&world, AN, 1).await;
    let change = async |change| {
        world.audience.change_sending(&kanaal("afval"), change, clock.now()).await.expect("stored");
        world.sendings.refresh(world.audience.as_ref()).await.expect("read");
    };
    change(SendingChange::Pause).await;
    clock.advance(WEEK);
    // What others get goes on, and a mail that was held is looked at again.
    world.publish("verkeer", "e2", &[]).await;
    assert_eq!(relay.line().await.expect("a mail")["to"], BEA);
    let id = world.addressee(AN, "afval").id;
    eventually("it is held", async || world.audience.outbox_collected(clock.now(), 10).await.expect("read").is_empty())
        .await;
    assert_eq!(world.audience.collected(id, 10).await.expect("read").len(), 1);
    change(SendingChange::Open).await;
    clock.advance(Duration::from_hours(1));
    assert_eq!(relay.line().await.expect("a mail")["to"], AN);
    eventually("it is settled", async || outcomes(&world, AN).await == sent([1])).await;
    driver.abort();
}

/// An event that has expired and one whose mailing was stopped are in no mail; who has left gets none (I9).
#[tokio::test(flavor = "multi_thread")]
async fn what_is_over_is_left_out_and_who_left_gets_nothing_i9_ch_64_ch_100_ch_101() {
    let mut relay = relay(json!({ "contents": true })).await;
    let directory = tempfile::tempdir().expect("a directory");
    let clock = Arc::new(SetClock::default());
    let world = world(directory.path(), &clock).await;
    world.put([weekly(&world, AN), weekly(&world, BEA)]).await;
    let driver = world.start(relay.port());
    let soon = (clock.now() + Duration::from_hours(1)).to_rfc3339();
    world.publish("afval", "e1", &[]).await;
    world.publish("afval", "e2", &[("expirytime", &soon)]).await;
    until_collected(&world, AN, 2).await;
    until_collected(&world, BEA, 2).await;
    world.until_ended(2).await;
    // A mailing that was stopped after it had reached them.
    let id = world.addressee(AN, "afval").id;
    let start = world.audience.ended(None, 10).await.expect("read")[0].start.clone();
    let event = model::addressee::EventReference { id: "stopped".to_owned(), ..start.event.clone() };
    let followed = world.audience.followed(&start.event.kanaal).await.expect("read")[0];
    let stopped = model::mailing::MailingStart { event, expires: None, ..start };
    let new = world.audience.start(&stopped.event.kanaal.clone(), followed, vec![stopped]).await.expect("stored");
    let mailing: MailingId = new[0].id;
    let checkpoint = Checkpoint {
        cursor: Cursor::End,
        phase: Phase::Stopped,
        counts: Counts::default(),
        changed: Vec::new(),
        ended: Vec::new(),
    };
    world.audience.apply(mailing, checkpoint).await.expect("stored");
    world.audience.end(mailing, clock.now()).await.expect("stored");
    let due = storage::audience::Outgoing {
        id: storage::audience::OutgoingId(uuid::Uuid::from_u128(1)),
        message: model::addressee::Message::Collected,
        secret: None,
        created: clock.now(),
    };
    world.audience.collect(id, mailing, due).await.expect("stored");
    until_collected(&world, AN, 3).await;
    let left = world.audience.get(world.addressee(BEA, "afval").id).await.expect("read").expect("there");
    let ended = State::Ended { at: clock.now(), reason: EndReason::Complaint };
    let change = left.change(Addressee { state: ended, ..left.addressee.clone() });
    world.audience.put(vec![change]).await.expect("stored");

    clock.advance(WEEK);
    let mail = relay.line().await.expect("a mail");
    assert_eq!(mail["to"], AN);
    assert!(mail["text"].as_str().expect("a text").contains("Er is 1 nieuw bericht"), "{mail}");
    let ends = |first, second| vec![("e1".to_owned(), Some(first)), ("e2".to_owned(), Some(second))];
    eventually("one is sent", async || outcomes(&world, AN).await == ends(Outcome::Sent, Outcome::Expired)).await;
    eventually("one has left", async || outcomes(&world, BEA).await == ends(Outcome::Ended, Outcome::Ended)).await;
    until_collected(&world, AN, 0).await;
    driver.abort();
    assert!(relay.accepted().await.expect("mails").is_empty());
}

/// A refusal that may pass is tried again with the same mail, also after a crash; one for good is the end of each event.
#[tokio::test(flavor = "multi_thread")]
async fn a_mail_is_retried_over_a_crash_and_each_event_has_one_end_ch_101_ch_142() {
    let rcpt = json!({ AN: ["451 4.7.1 later", "accept"], BEA: ["550 5.7.1 refused"] });
    let mut relay = relay(json!({ "contents": true, "rcpt": rcpt })).await;
    let directory = tempfile::tempdir().expect("a directory");
    let clock = Arc::new(SetClock::default());
    let before = world(directory.path(), &clock).await;
    before.put([weekly(&before, AN), weekly(&before, BEA)]).await;
    let ladder = Ladder { first: Duration::from_hours(1), until: Duration::from_hours(24) };
    let driver = before.start_with(relay.port(), Arc::clone(&before.audience) as Arc<dyn Mailings>, ladder);
    before.publish("afval", "e1", &[]).await;
    before.publish("afval", "e2", &[]).await;
    until_collected(&before, AN, 2).await;
    until_collected(&before, BEA, 2).await;
    clock.advance(WEEK);
    let refused = || ["e1", "e2"].map(|id| (id.to_owned(), Some(Outcome::PermanentFailure))).to_vec();
    eventually("it is refused", async || outcomes(&before, BEA).await == refused()).await;
    let far = clock.now() + WEEK;
    eventually("it failed once", async || {
        let due = before.audience.outbox_collected(far, 10).await.expect("an outbox");
        due.len() == 1 && due[0].attempts == 1
    })
    .await;
    assert_eq!(outcomes(&before, AN).await, []);
    driver.abort();
    drop(driver.await);
    drop(before);
    let after = world(directory.path(), &clock).await;
    clock.advance(Duration::from_hours(2));
    let driver = after.start(relay.port());
    assert_eq!(relay.line().await.expect("a mail")["to"], AN);
    eventually("it is settled", async || outcomes(&after, AN).await == sent(1..=2)).await;
    driver.abort();
    assert!(relay.accepted().await.expect("mails").is_empty());
}
