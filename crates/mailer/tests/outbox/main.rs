//! Due messages, from the use cases of people to a real SMTP server (aiosmtpd): what is in them, retries, outages and crashes.

mod sms;
mod world;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use model::addressee::{Language, Message};
use people::Act;
use serde_json::{Value, json};
use storage::Audience;
use test_relay::{Protection, Relay};

use self::world::{SLOTS, World, address, world};

async fn relay(mut settings: Value) -> Relay {
    settings["contents"] = true.into();
    Relay::start(Protection::None, settings).await.expect("a relay")
}

async fn mail(relay: &mut Relay) -> Value {
    relay.line().await.expect("a mail in time")
}

fn text(mail: &Value) -> &str {
    mail["text"].as_str().expect("a text")
}

/// The line behind the one that introduces the code.
fn code(text: &str) -> &str {
    let mut lines = text.lines().skip_while(|line| !line.contains("deze code") && !line.contains("this code"));
    lines.nth(1).expect("a code").trim()
}

fn field<'a>(mail: &'a Value, name: &str) -> &'a str {
    mail["fields"][name].as_str().expect("a field")
}

#[tokio::test]
async fn a_person_confirms_is_reminded_leaves_and_undoes_that_by_mail_ch_47_ch_52_ch_61() {
    let world = world();
    let mut relay = relay(json!({})).await;
    let driver = world.start(relay.port());
    let id = world.subscribe("Jan@burger.example", "afval", Language::Dutch).await;
    let confirmation = mail(&mut relay).await;
    assert_eq!(confirmation["to"], "Jan@burger.example");
    assert_eq!(confirmation["sender"], "noreply@gemeente.example");
    assert_eq!(field(&confirmation, "subject"), "Bevestig uw aanmelding");
    assert_eq!(field(&confirmation, "from"), "Gemeente Voorbeeld <noreply@gemeente.example>");
    assert_eq!(field(&confirmation, "auto-submitted"), "auto-generated");
    assert!(confirmation["fields"].get("list-unsubscribe").is_none(), "{confirmation}");
    assert!(text(&confirmation).contains("berichten over afval"), "{confirmation}");
    assert!(code(text(&confirmation)).len() == 6, "{confirmation}");
    world.until(0, 0).await;
    world.act(&world.link(text(&confirmation)), Act::Confirm).await;

    world.subscribe("jan@burger.example", "afval", Language::Dutch).await;
    let notice = mail(&mut relay).await;
    assert_eq!(field(&notice, "subject"), "U bent al aangemeld");
    assert_ne!(field(&notice, "message-id"), field(&confirmation, "message-id"));
    world.act(&world.link(text(&notice)), Act::Leave).await;

    let acknowledgement = mail(&mut relay).await;
    assert_eq!(field(&acknowledgement, "subject"), "U bent afgemeld");
    assert!(text(&acknowledgement).contains("- afval"), "{acknowledgement}");
    world.act(&world.link(text(&acknowledgement)), Act::Undo).await;
    let state = world.audience.get(id).await.expect("read").expect("an addressee").addressee.state;
    assert!(matches!(state, model::addressee::State::Confirmed { .. }), "{state:?}");

    world.subscribe("ann@burger.example", "wegen", Language::English).await;
    let english = mail(&mut relay).await;
    assert_eq!(field(&english, "subject"), "Confirm your subscription");
    assert!(text(&english).contains("messages about wegen"), "{english}");
    world.until(0, 0).await;
    driver.abort();
}

#[tokio::test]
async fn an_attempt_that_fails_for_the_addressee_is_repeated_later_ch_142() {
    let world = world();
    let grey = json!({ "jan@burger.example": ["451 4.7.1 greylisted", "451 4.7.1 greylisted"] });
    let mut relay = relay(json!({ "rcpt": grey })).await;
    let driver = world.start(relay.port());
    world.subscribe("jan@burger.example", "afval", Language::Dutch).await;
    world.until_attempts(1).await;
    // Others are not delayed.
    world.subscribe("piet@burger.example", "afval", Language::Dutch).await;
    assert_eq!(mail(&mut relay).await["to"], "piet@burger.example");
    world.clock.advance(Duration::from_mins(1));
    world.until_attempts(2).await;
    world.clock.advance(Duration::from_mins(2));
    assert_eq!(mail(&mut relay).await["to"], "jan@burger.example");
    world.until(0, 0).await;
    driver.abort();
    assert!(relay.accepted().await.expect("its output").is_empty(), "each was accepted once");
}

#[tokio::test]
async fn a_refused_address_is_given_up_and_counted_ch_144() {
    let world = world();
    let refused = json!({ "nobody@burger.example": ["550 5.1.1 unknown"] });
    let mut relay = relay(json!({ "rcpt": refused })).await;
    let driver = world.start(relay.port());
    world.subscribe("nobody@burger.example", "afval", Language::Dutch).await;
    world.until(0, 1).await;
    // A new request replaces it.
    world.clock.advance(Duration::from_mins(1));
    world.subscribe("nobody@burger.example", "afval", Language::Dutch).await;
    assert_eq!(mail(&mut relay).await["to"], "nobody@burger.example");
    world.until(0, 0).await;
    driver.abort();
}

#[tokio::test]
async fn an_outage_of_the_relay_costs_no_attempt_and_loses_nothing_ch_26_ch_142() {
    let world = world();
    let port = free_port::free_port();
    let driver = world.start(port);
    let addresses: BTreeSet<String> = (0..20).map(|number| format!("a{number}@burger.example")).collect();
    for address in &addresses {
        world.subscribe(address, "afval", Language::Dutch).await;
    }
    let settings = json!({ "contents": true });
    let mut relay = Relay::start_at(port, Protection::None, settings).await.expect("a relay");
    let mut got = BTreeSet::new();
    for _ in 0..addresses.len() {
        // Waits of the driver end by this clock.
        let line = loop {
            tokio::select! {
                line = relay.line() => break line.expect("a mail"),
                () = tokio::time::sleep(Duration::from_millis(20)) => world.clock.advance(Duration::from_secs(1)),
            }
        };
        got.insert(line["to"].as_str().expect("an address").to_owned());
    }
    assert_eq!(got, addresses);
    world.until(0, 0).await;
    driver.abort();
    assert!(relay.accepted().await.expect("its output").is_empty(), "each was accepted once");
}

#[tokio::test]
async fn what_nobody_needs_any_more_is_not_sent_ch_64_ch_135() {
    let world = world();
    world.subscribe("erased@burger.example", "afval", Language::Dutch).await;
    let digest = world.people.keys().digest_of(&address("erased@burger.example"));
    assert_eq!(world.audience.erase(digest, model::Clock::now(&*world.clock)).await.expect("erased"), 1);
    world.subscribe("late@burger.example", "afval", Language::Dutch).await;
    world.clock.advance(Duration::from_hours(25));
    let left = world.subscribe("left@burger.example", "afval", Language::Dutch).await;
    confirm_unread(&world, left).await;
    world.subscribe("jan@burger.example", "afval", Language::Dutch).await;
    let mut relay = relay(json!({})).await;
    let driver = world.start(relay.port());
    assert_eq!(mail(&mut relay).await["to"], "jan@burger.example");
    world.until(0, 1).await;
    driver.abort();
    assert!(relay.accepted().await.expect("its output").is_empty(), "nothing else was sent");
}

/// Confirms an addressee whose confirmation was not sent yet.
async fn confirm_unread(world: &World, id: model::addressee::AddresseeId) {
    let now = model::Clock::now(&*world.clock);
    let outbox = world.audience.outbox(now, 100).await.expect("an outbox");
    let due = outbox.into_iter().find(|due| due.addressee == id && due.outgoing.message == Message::Confirmation);
    let secret = due.and_then(|due| due.outgoing.secret).expect("a secret");
    let challenge = world.people.keys().open_challenge(&secret).expect("opened");
    let url = world.people.links().confirm(id, &challenge.link);
    world.act(&world.link(&url), Act::Confirm).await;
}

/// The driver ends between any two steps. Nothing is lost, and only what was under way is repeated, with the same Message-ID.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_loses_nothing_and_repeats_what_was_under_way_i11() {
    const PEOPLE: usize = 60;
    let world = world();
    let relay = relay(json!({})).await;
    for number in 0..PEOPLE {
        world.subscribe(&format!("a{number}@burger.example"), "afval", Language::Dutch).await;
    }
    let mut crashes = 0;
    let mut left = PEOPLE as u64;
    while left > 0 {
        let driver = world.start(relay.port());
        // Each run ends after another number of changes of the store.
        let goal = left.saturating_sub(crashes as u64 % 5 + 1);
        while world.counts().await.waiting > goal {
            tokio::time::sleep(Duration::from_millis(1)).await;
            // What was in doubt is tried again, and waits after an outage end.
            world.clock.advance(Duration::from_millis(200));
        }
        driver.abort();
        assert!(driver.await.is_err() || goal == 0);
        crashes += 1;
        left = world.counts().await.waiting;
    }
    let mut ids: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let accepted = relay.accepted().await.expect("its output");
    for mail in &accepted {
        let to = mail["to"].as_str().expect("an address").to_owned();
        ids.entry(to).or_default().insert(field(mail, "message-id").to_owned());
    }
    assert_eq!(ids.len(), PEOPLE, "nobody was passed over");
    assert!(ids.values().all(|ids| ids.len() == 1), "{ids:?}");
    assert!(accepted.len() <= PEOPLE + crashes * SLOTS, "{} mails, {crashes} crashes", accepted.len());
}

#[tokio::test]
async fn a_code_of_a_mail_confirms_another_address_and_the_old_one_gets_a_notice_ch_45_ch_51() {
    let world = world();
    let mut relay = relay(json!({})).await;
    let driver = world.start(relay.port());
    let id = world.subscribe("an@burger.example", "afval", Language::English).await;
    let confirmation = mail(&mut relay).await;
    world.people.confirm_code(id, code(text(&confirmation))).await.expect("confirmed");
    let actor = model::Actor::applicatie("portaal", [model::applicatie::Scope::Consumeren]);
    let new = people::Address::Email(address("an@nieuw.example"));
    world.people.change_address(&actor, id, &new, "s").await.expect("requested");
    let mut mails = [mail(&mut relay).await, mail(&mut relay).await];
    mails.sort_by_key(|mail| mail["to"].to_string());
    let [notice, confirmation] = mails;
    assert_eq!((&notice["to"], &confirmation["to"]), (&json!("an@burger.example"), &json!("an@nieuw.example")));
    assert_eq!(field(&notice, "subject"), "Your e-mail address is being changed");
    assert_eq!(field(&confirmation, "subject"), "Confirm your new e-mail address");
    assert!(!text(&notice).contains("nieuw.example"), "{notice}");
    world.people.confirm_code(id, code(text(&confirmation))).await.expect("confirmed");
    world.subscribe("an@nieuw.example", "afval", Language::English).await;
    assert_eq!(field(&mail(&mut relay).await, "subject"), "You have subscribed already");
    // The link to the data goes to the address that was confirmed.
    let leave = people::Link::Leave { id };
    world.people.request_data_link(&leave).await.expect("requested");
    let data = mail(&mut relay).await;
    assert_eq!((&data["to"], field(&data, "subject")), (&json!("an@nieuw.example"), "Your data"));
    let page = world.people.page(&world.link(text(&data))).await.expect("a page");
    assert!(matches!(page, people::Page::Data(overview) if overview.rows.len() == 1));
    driver.abort();
}

#[tokio::test]
async fn a_code_that_has_ended_is_not_in_a_mail_that_waited_ch_45() {
    let world = world();
    world.subscribe("an@burger.example", "afval", Language::Dutch).await;
    world.clock.advance(Duration::from_mins(11));
    let mut relay = relay(json!({})).await;
    let driver = world.start(relay.port());
    let confirmation = mail(&mut relay).await;
    assert!(!text(&confirmation).contains("code"), "{confirmation}");
    world.act(&world.link(text(&confirmation)), Act::Confirm).await;
    driver.abort();
}
