//! Messages that must be sent, and notifications under the Wmebv.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use delivery::mailing::{Ladder, Reply};
use mailer::{
    ChannelComposer, Message, Provider, Sent,
    mailings::{Obligation, Texts, WmebvFields},
};
use message::digest::DigestKey;
use model::{
    addressee::{
        ActId, Addressee, AddresseeId, Basis, Channel, Confirmation, EndReason, FilterText, Frequency, Language,
        LeftBy, Outcome, State,
    },
    mailing::{End, Failure},
};
use serde_json::{Value, json};
use storage::{Audience, Mailings, mailings::ResendStart};
use test_relay::{Protection, Relay};
use uuid::Uuid;

use super::world::{World, earlier, kanaal};

const AN: &str = "an@burger.example";
const BEA: &str = "bea@burger.example";
const COR: &str = "cor@burger.example";

const FIELDS: WmebvFields<'_> = WmebvFields {
    nature: Some("{event::aard}"),
    effect: Some("{event::gevolg}"),
    answer: Some("{event::antwoord}"),
    term: Some("{event::termijn}"),
};

async fn relay() -> Relay {
    Relay::start(Protection::None, json!({ "contents": true })).await.expect("a relay")
}

/// Who was confirmed an hour ago, and left then.
fn unsubscribed(addressee: Addressee) -> Addressee {
    let reason = EndReason::Unsubscribed {
        act: ActId(Uuid::from_u128(1)),
        by: LeftBy::OneClick,
        was: Confirmation { at: earlier(), by: Basis::Code },
        undo_until: earlier() + Duration::from_hours(720),
    };
    Addressee { state: State::Ended { at: earlier(), reason }, ..addressee }
}

/// Gives kanaal `besluiten` Dutch texts of this class.
fn declare(world: &mut World, fields: Option<WmebvFields<'_>>) {
    let texts = Texts::new(Language::Dutch, "Besluit", "Er is een besluit.", Some("<body><p>Besluit</p></body>"));
    let obligation = Obligation::new(Language::Dutch, "U hebt {event::subject} aangevraagd.", fields).expect("a class");
    let texts = texts.and_then(|texts| texts.obligatory(obligation)).expect("texts");
    world.templates.insert(kanaal("besluiten"), Language::Dutch, texts);
}

fn is_of_list(mail: &Value) -> bool {
    let fields = mail["fields"].as_object().expect("fields");
    fields.keys().any(|name| name.starts_with("list-"))
}

/// The texts of a normal kanaal and those of an obligatory one, to the same people.
#[tokio::test(flavor = "multi_thread")]
async fn who_left_gets_what_must_be_sent_and_no_normal_message_i9_ch_21() {
    let mut relay = relay().await;
    let directory = tempfile::tempdir().expect("a directory");
    let mut world = World::open(directory.path()).await;
    declare(&mut world, None);
    let filter = FilterText::new("sql:subject = 'iets anders'".to_owned()).expect("a filter");
    let differs = Some(world.audience.filter_id(filter).await.expect("a number"));
    for naam in ["besluiten", "afval"] {
        let address = |address: &str| {
            let own = world.addressee(address, naam);
            Addressee { id: AddresseeId(Uuid::new_v5(&own.id.0, naam.as_bytes())), ..own }
        };
        world
            .put([
                Addressee { frequency: Frequency::Weekly, ..address(AN) },
                unsubscribed(address(BEA)),
                Addressee { state: State::Ended { at: earlier(), reason: EndReason::Complaint }, ..address(COR) },
                Addressee { filter: differs, ..unsubscribed(address("dik@burger.example")) },
            ])
            .await;
    }
    let driver = world.start(relay.port());
    world.publish("afval", "normal", &[("subject", "een vergunning")]).await;
    world.publish("besluiten", "e1", &[("subject", "een vergunning")]).await;
    let mut mails = vec![relay.line().await.expect("a mail"), relay.line().await.expect("a mail")];
    world.until_ended(2).await;
    mails.sort_by_key(|mail| mail["to"].to_string());
    // The one waits for no mail of the week, and the other is sent to although she left.
    assert_eq!(mails.iter().map(|mail| &mail["to"]).collect::<Vec<_>>(), [AN, BEA]);
    for mail in &mails {
        assert!(!is_of_list(mail) && !mail.to_string().contains("https://"), "{mail}");
        for part in ["text", "html"] {
            let text = mail[part].as_str().expect("a part");
            assert!(text.contains("Waarom u dit bericht krijgt: U hebt een vergunning aangevraagd."), "{text}");
            assert!(text.contains("kunt u zich niet afmelden"), "{text}");
        }
    }
    assert_eq!(world.outcomes(BEA).await, [("e1".to_owned(), Some(Outcome::Sent))]);
    assert_eq!(world.outcomes(COR).await, []);
    let ended = world.audience.ended(Some(&kanaal("besluiten")), 10).await.expect("read");
    assert_eq!((ended[0].counts.candidates, ended[0].counts.sent()), (3, 2));
    driver.abort();
    assert_eq!(relay.accepted().await.expect("mails").len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_without_a_term_reaches_nobody_and_holds_nothing_up_ch_85() {
    let mut relay = relay().await;
    let directory = tempfile::tempdir().expect("a directory");
    let mut world = World::open(directory.path()).await;
    declare(&mut world, Some(FIELDS));
    let people: Vec<String> = (0..5).map(|number| format!("p{number}@burger.example")).collect();
    world.put(people.iter().map(|one| unsubscribed(world.addressee(one, "besluiten")))).await;
    let driver = world.start(relay.port());
    let all = [
        ("subject", "een vergunning"),
        ("aard", "Besluit op uw aanvraag"),
        ("gevolg", "U mag <bouwen>"),
        ("antwoord", "true"),
        ("termijn", "2027-01-15"),
    ];
    world.publish("besluiten", "e1", &all[..4]).await;
    world.publish("besluiten", "e2", &all).await;
    world.until_ended(2).await;
    for one in &people {
        let mut found = world.outcomes(one).await;
        found.sort_by(|(one, _), (other, _)| one.cmp(other));
        let expected = [("e1", Outcome::TechnicalFailure), ("e2", Outcome::Sent)];
        assert_eq!(found, expected.map(|(event, outcome)| (event.to_owned(), Some(outcome))), "{one}");
    }
    for _ in &people {
        let mail = relay.line().await.expect("a mail");
        let text = mail["text"].as_str().expect("a text").replace("\r\n", "\n");
        let notice = "Er is een besluit.\n\nAard van het bericht: Besluit op uw aanvraag\nRechtsgevolg: U mag <bouwen>\n\
                      Antwoord nodig: ja\nTermijn: 15 januari 2027\n\nWaarom u dit bericht krijgt: ";
        assert!(text.starts_with(notice) && !is_of_list(&mail), "{text}");
        let html = mail["html"].as_str().expect("HTML");
        assert!(html.contains("Rechtsgevolg: U mag &lt;bouwen&gt;<br>Antwoord nodig: ja<br>Termijn: 15"), "{html}");
        assert!(html.trim_end().ends_with("</body>"), "{html}");
    }
    driver.abort();
    assert_eq!(relay.accepted().await.expect("mails").len(), 0);
}

/// A field that was bound to a value that no event has is corrected, and the event is sent again.
#[tokio::test(flavor = "multi_thread")]
async fn after_a_correction_an_event_is_sent_again_also_to_who_left_ch_21_ch_85_ch_94() {
    let mut relay = relay().await;
    let directory = tempfile::tempdir().expect("a directory");
    let mut before = World::open(directory.path()).await;
    declare(&mut before, Some(WmebvFields { term: Some("{event::einde}"), ..FIELDS }));
    before.put([unsubscribed(before.addressee(AN, "besluiten")), before.addressee(BEA, "besluiten")]).await;
    let all = [("subject", "dit"), ("aard", "Besluit"), ("gevolg", "Geen"), ("antwoord", "ja"), ("termijn", "6 weken")];
    let driver = before.start(relay.port());
    before.publish("besluiten", "e1", &all).await;
    before.until_ended(1).await;
    let first = before.audience.ended(None, 1).await.expect("read").remove(0);
    assert_eq!((first.counts.candidates, first.counts.of(End::TechnicalFailure)), (2, 2));
    driver.abort();
    drop(driver.await);
    drop(before);

    let mut after = World::open(directory.path()).await;
    declare(&mut after, Some(FIELDS));
    let driver = after.start(relay.port());
    let started = after.audience.resend(first.id, BTreeSet::from([Failure::Technical])).await.expect("stored");
    assert!(matches!(started, ResendStart::Started(_)), "{started:?}");
    after.resends.stored();
    let mut mails = [relay.line().await.expect("a mail"), relay.line().await.expect("a mail")];
    mails.sort_by_key(|mail| mail["to"].to_string());
    assert_eq!(mails.each_ref().map(|mail| &mail["to"]), [AN, BEA]);
    assert!(mails[0]["text"].as_str().expect("a text").contains("Termijn: 6 weken"), "{}", mails[0]);
    after.until_ended(2).await;
    driver.abort();
    assert_eq!(relay.accepted().await.expect("mails").len(), 0);
}

/// A provider that records texts.
#[derive(Default)]
struct Phone(Mutex<Vec<String>>);

#[async_trait]
impl Provider for Phone {
    fn channel(&self) -> Channel {
        Channel::Sms
    }

    async fn send(&self, message: &Message) -> Sent {
        let Message::Text(text) = message else { panic!("{message:?}") };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(text.text().to_owned());
        Sent { reply: Reply::Accepted, is_bad_address: false, label: "stub", reason: String::new() }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_message_that_must_be_sent_has_its_fields_and_no_link_ch_21_ch_85() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut world = World::open(directory.path()).await;
    declare(&mut world, Some(FIELDS));
    world.put([unsubscribed(world.number("sms:0600000001", "besluiten"))]).await;
    let fields = [("subject", "dit"), ("aard", "Besluit"), ("gevolg", "Verleend"), ("antwoord", "false")];
    world.publish("besluiten", "e1", &fields).await;
    let phone = Arc::new(Phone::default());
    let composer = ChannelComposer::Sms { key: DigestKey::new(&[7; 32]), segments: 3 };
    let ladder = Ladder { first: Duration::from_millis(10), until: Duration::from_mins(10) };
    let providers: [(Arc<dyn Provider>, ChannelComposer); 1] = [(phone.clone(), composer)];
    let driver = world.start_through(&providers, Arc::clone(&world.audience) as _, ladder);
    world.until_ended(1).await;
    let texts = phone.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    assert_eq!(
        texts,
        ["Nieuw bericht over besluiten: nl.afval.gewijzigd. Aard van het bericht: Besluit. Rechtsgevolg: Verleend. \
          Antwoord nodig: nee. U hebt dit aangevraagd."]
    );
    driver.abort();
}
