//! Due messages by SMS: the code, what is not sent twice, and an outage.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use delivery::mailing::Reply;
use mailer::{ChannelComposer, Message, Provider, Sent};
use message::digest::DigestKey;
use model::{
    Clock,
    addressee::{Channel, Language},
};
use storage::Audience;
use tokio::sync::Notify;

use super::world::{World, world};

/// A provider that records texts and replies by a script; an accepted one for ever at its end.
#[derive(Default)]
struct Phones {
    texts: Mutex<Vec<(String, String)>>,
    replies: Mutex<VecDeque<Option<Reply>>>,
    sent: Notify,
}

impl Phones {
    /// `None` never replies.
    fn new(replies: impl IntoIterator<Item = Option<Reply>>) -> Arc<Self> {
        Arc::new(Self { replies: Mutex::new(replies.into_iter().collect()), ..Self::default() })
    }

    fn texts(&self) -> Vec<(String, String)> {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn next(&self, number: usize) -> (String, String) {
        let arrived = async {
            loop {
                let notified = self.sent.notified();
                if let Some(text) = self.texts().get(number) {
                    return text.clone();
                }
                notified.await;
            }
        };
        tokio::time::timeout(Duration::from_mins(2), arrived).await.expect("a text in time")
    }
}

#[async_trait]
impl Provider for Phones {
    fn channel(&self) -> Channel {
        Channel::Sms
    }

    async fn send(&self, message: &Message) -> Sent {
        let Message::Text(text) = message else { panic!("{message:?}") };
        let line = (text.to().expose().to_owned(), text.text().to_owned());
        self.texts.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        self.sent.notify_waiters();
        let reply = self.replies.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        match reply.unwrap_or(Some(Reply::Accepted)) {
            Some(reply) => Sent { reply, is_bad_address: false, label: "stub", reason: "by script".to_owned() },
            None => std::future::pending().await,
        }
    }
}

fn composer() -> ChannelComposer {
    ChannelComposer::Sms { key: DigestKey::new(&[7; 32]), segments: 3 }
}

/// The code in a text.
fn code(text: &str) -> String {
    text.split(|c: char| !c.is_ascii_digit()).find(|part| part.len() == 6).expect("a code").to_owned()
}

async fn confirm(world: &World, id: model::addressee::AddresseeId, text: &str) {
    world.people.confirm_code(id, &code(text)).await.expect("confirmed");
}

#[tokio::test]
async fn ch_31_ch_45_ch_52_ch_61_a_number_is_confirmed_by_its_code_reminded_and_left() {
    let world = world();
    let phones = Phones::new([]);
    let driver = world.start_with(phones.clone(), composer());
    let id = world.subscribe_number("sms:0612345678", "afval", Language::Dutch).await;
    let (to, text) = phones.next(0).await;
    assert_eq!(to, "+31612345678");
    assert!(text.starts_with("Uw code voor berichten over afval is "), "{text}");
    assert!(!text.contains("http"), "a code alone confirms: {text}");
    world.until(0, 0).await;
    confirm(&world, id, &text).await;
    world.subscribe_number("sms:+31612345678", "afval", Language::English).await;
    let (_, notice) = phones.next(1).await;
    assert!(notice.starts_with("U krijgt al berichten over afval."), "{notice}");
    world.act(&world.link(&notice), people::Act::Leave).await;
    let (_, left) = phones.next(2).await;
    assert!(left.starts_with("U krijgt geen berichten meer over afval."), "{left}");
    world.until(0, 0).await;
    driver.abort();
}

/// The process ends while the provider has the message: it is not sent again, whatever became of it.
#[tokio::test]
async fn i11_ch_36_a_text_message_in_doubt_is_not_sent_again() {
    let world = world();
    let phones = Phones::new([Some(Reply::Unknown), None]);
    let driver = world.start_with(phones.clone(), composer());
    world.subscribe_number("sms:0612345678", "afval", Language::Dutch).await;
    phones.next(0).await;
    world.until(0, 1).await;
    world.subscribe_number("sms:0612345679", "afval", Language::Dutch).await;
    phones.next(1).await;
    driver.abort();
    drop(driver.await);
    let driver = world.start_with(phones.clone(), composer());
    world.clock.advance(Duration::from_hours(25));
    world.until(0, 2).await;
    assert_eq!(phones.texts().len(), 2);
    driver.abort();
}

/// An outage of the provider costs no attempt; a refused number ends its own message only.
#[tokio::test]
async fn ch_34_ch_35_an_outage_is_waited_for_and_a_refusal_is_of_one() {
    let world = world();
    let failed = Some(Reply::ProviderFailed { retry_after: None });
    let phones = Phones::new([failed, Some(Reply::AddresseeFailed)]);
    let driver = world.start_with(phones.clone(), composer());
    world.subscribe_number("sms:0612345678", "afval", Language::Dutch).await;
    phones.next(0).await;
    let again = async {
        while phones.texts().len() < 2 {
            world.clock.advance(Duration::from_millis(100));
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(2), again).await.expect("it is tried again");
    world.until(0, 1).await;
    world.subscribe_number("sms:0612345679", "afval", Language::Dutch).await;
    phones.next(2).await;
    world.until(0, 1).await;
    assert!(world.audience.outbox(world.clock.now(), 10).await.expect("an outbox").is_empty());
    driver.abort();
}

/// Somebody tries codes before the message is sent: the code in it would be wrong.
#[tokio::test]
async fn ch_45_a_void_code_is_not_sent() {
    let world = world();
    let id = world.subscribe_number("sms:0612345678", "afval", Language::Dutch).await;
    for wrong in 0..5 {
        assert!(world.people.confirm_code(id, &format!("{wrong:06}")).await.is_err());
    }
    let phones = Phones::new([]);
    let driver = world.start_with(phones.clone(), composer());
    world.until(0, 1).await;
    assert!(phones.texts().is_empty());
    driver.abort();
}
