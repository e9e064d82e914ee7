//! A relay that refuses every message, and one that dies.

use mailer::mailings::Texts;
use model::addressee::{Language, Outcome};
use model::mailing::Phase;
use serde_json::json;
use storage::Mailings;
use test_relay::{Protection, Relay};

use super::world::{World, eventually, kanaal};

const PEOPLE: usize = 6;

fn address(number: usize) -> String {
    format!("p{number}@burger.example")
}

async fn world_with_people(directory: &std::path::Path) -> World {
    let world = World::open(directory).await;
    world.put((0..PEOPLE).map(|number| world.addressee(&address(number), "afval"))).await;
    world.publish("afval", "e1", &[]).await;
    world
}

async fn assert_all_sent(world: &World) {
    for number in 0..PEOPLE {
        assert_eq!(world.outcomes(&address(number)).await, [("e1".to_owned(), Some(Outcome::Sent))], "{number}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_messages_suspend_a_mailing_which_a_restart_resumes_ch_143() {
    let refusals: serde_json::Map<_, _> =
        (0..PEOPLE).map(|number| (address(number), json!(vec!["554 5.7.1 spam"; 3]))).collect();
    let relay = Relay::start(Protection::None, json!({ "content": refusals })).await.expect("a relay");
    let directory = tempfile::tempdir().expect("a directory");
    let world = world_with_people(directory.path()).await;
    let driver = world.start(relay.port());
    let is_suspended = async || {
        let open = world.audience.open(&kanaal("afval"), None, 10).await.expect("read");
        open.iter().any(|one| one.phase == Phase::Suspended)
    };
    eventually("it is suspended", is_suspended).await;
    for number in 0..PEOPLE {
        assert_eq!(world.outcomes(&address(number)).await, [], "nobody has failed");
    }
    driver.abort();
    drop((driver, world));
    assert_eq!(relay.accepted().await.expect("mails").len(), 0);

    let relay = Relay::start(Protection::None, json!({})).await.expect("a relay");
    let world = World::open(directory.path()).await;
    let driver = world.start(relay.port());
    world.until_ended(1).await;
    assert_all_sent(&world).await;
    driver.abort();
    assert_eq!(relay.accepted().await.expect("mails").len(), PEOPLE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_is_down_costs_nobody_an_attempt_ch_26_ch_142() {
    let mut relay = Relay::start(Protection::None, json!({})).await.expect("a relay");
    let port = relay.port();
    relay.kill().await.expect("killed");
    let directory = tempfile::tempdir().expect("a directory");
    let world = world_with_people(directory.path()).await;
    let driver = world.start(port);
    let is_started = async || !world.audience.open(&kanaal("afval"), None, 10).await.expect("read").is_empty();
    eventually("the mailing starts", is_started).await;
    let relay = Relay::start_at(port, Protection::None, json!({})).await.expect("a relay");
    world.until_ended(1).await;
    assert_all_sent(&world).await;
    driver.abort();
    assert_eq!(relay.accepted().await.expect("mails").len(), PEOPLE);
}

#[tokio::test(flavor = "multi_thread")]
async fn strict_texts_send_nothing_with_a_token_without_a_value_ch_77() {
    let relay = Relay::start(Protection::None, json!({})).await.expect("a relay");
    let directory = tempfile::tempdir().expect("a directory");
    let mut world = world_with_people(directory.path()).await;
    let texts = Texts::new(Language::Dutch, "Over {event::subject}", "{unsubscription_url}", None).expect("templates");
    world.templates.insert(kanaal("afval"), Language::Dutch, texts.strict());
    world.publish("afval", "e2", &[("subject", "Grijze container")]).await;
    let driver = world.start(relay.port());
    let is_suspended = async || {
        let open = world.audience.open(&kanaal("afval"), None, 10).await.expect("read");
        open.iter().any(|one| one.start.event.id == "e1" && one.phase == Phase::Suspended)
    };
    eventually("the event without a subject is suspended", is_suspended).await;
    world.until_ended(1).await;
    for number in 0..PEOPLE {
        assert_eq!(world.outcomes(&address(number)).await, [("e2".to_owned(), Some(Outcome::Sent))], "{number}");
    }
    driver.abort();
    assert_eq!(relay.accepted().await.expect("mails").len(), PEOPLE);
}
