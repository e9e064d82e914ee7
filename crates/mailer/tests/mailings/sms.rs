//! Mailings by SMS: one text for each number, beside e-mail, and none twice.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use delivery::mailing::{Ladder, Reply};
use mailer::{ChannelComposer, Message, Provider, Sent};
use message::{address::Address, digest::DigestKey};
use model::addressee::{Channel, Outcome, StateKind};
use storage::{Audience, audience::EvidencePage};

use super::world::{World, eventually, kanaal};

/// A provider that records texts and replies by the number.
#[derive(Default)]
struct Phones {
    texts: Mutex<BTreeMap<String, Vec<String>>>,
}

impl Phones {
    fn texts(&self) -> BTreeMap<String, Vec<String>> {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl Provider for Phones {
    fn channel(&self) -> Channel {
        Channel::Sms
    }

    async fn send(&self, message: &Message) -> Sent {
        let Message::Text(text) = message else { panic!("{message:?}") };
        let number = text.to().expose().to_owned();
        let (reply, is_bad_address) = match number.as_str() {
            "+31600000002" => (Reply::AddresseeFailed, true),
            "+31600000003" => (Reply::Unknown, false),
            _ => (Reply::Accepted, false),
        };
        let mut texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        texts.entry(number).or_default().push(text.text().to_owned());
        Sent { reply, is_bad_address, label: "stub", reason: "by script".to_owned() }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn i11_ch_35_ch_36_an_event_is_one_text_for_each_number_and_doubt_is_not_repeated() {
    let directory = tempfile::tempdir().expect("a directory");
    let world = World::open(directory.path()).await;
    let numbers = ["sms:0600000001", "sms:0600000002", "sms:0600000003"];
    world.put(numbers.map(|sink| world.number(sink, "afval"))).await;
    world.publish("afval", "e1", &[]).await;
    let phones = Arc::new(Phones::default());
    let composer = ChannelComposer::Sms { key: DigestKey::new(&[7; 32]), segments: 3 };
    let ladder = Ladder { first: Duration::from_millis(10), until: Duration::from_mins(10) };
    let providers: [(Arc<dyn Provider>, ChannelComposer); 1] = [(phones.clone(), composer)];
    let driver = world.start_through(&providers, Arc::clone(&world.audience) as _, ladder);
    world.until_ended(1).await;
    for (sink, outcome) in numbers.iter().zip([Outcome::Sent, Outcome::PermanentFailure, Outcome::InDoubt]) {
        let address = Address::Phone(people::parse_sms(sink).expect("a number"));
        let digest = world.keys.digest_of_address(&address);
        let page = EvidencePage { offset: 0, limit: 10 };
        let found = world.audience.evidence(digest, page).await.expect("read");
        let outcomes: Vec<_> = found.iter().map(|one| one.outcome.map(|(outcome, _)| outcome)).collect();
        assert_eq!(outcomes, [Some(outcome)], "{sink}");
    }
    let texts = phones.texts();
    assert_eq!(texts.len(), 3);
    for (number, texts) in &texts {
        let [text] = texts.as_slice() else { panic!("{number} got {texts:?}") };
        assert!(text.starts_with("Nieuw bericht over afval: nl.afval.gewijzigd. Afmelden: https://"), "{text}");
    }
    // The number that does not exist is left out of the next event.
    eventually("its light subscription ended", async || {
        let counts = world.audience.counts(Some(&kanaal("afval"))).await.expect("counts");
        counts.iter().any(|one| (one.state, one.addressees) == (StateKind::Ended, 1))
    })
    .await;
    world.publish("afval", "e2", &[]).await;
    world.until_ended(2).await;
    let texts = phones.texts();
    assert_eq!((texts["+31600000001"].len(), texts["+31600000002"].len()), (2, 1));
    driver.abort();
}
