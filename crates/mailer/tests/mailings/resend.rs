//! An event that is sent again to those of its mailing that failed, and to nobody else.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use delivery::mailing::{Ladder, Reply};
use mailer::{ChannelComposer, Message, Provider, Sent};
use message::{address::Address, digest::DigestKey};
use model::{
    addressee::{Channel, EndReason, Outcome, State},
    mailing::{End, Failure, MailingId, Resend, Skip},
};
use storage::{
    Audience, Mailings,
    audience::EvidencePage,
    mailings::{EndedMailing, ResendStart},
};
use tokio::task::JoinHandle;

use super::world::{World, eventually, kanaal};

/// Sent.
const SENT: &str = "sms:0600000000";
/// Refused for good, without a bad address.
const REFUSED: &str = "sms:0600000001";
/// Never now.
const LATER: &str = "sms:0600000002";
/// The message is refused.
const MESSAGE: &str = "sms:0600000003";
/// Nobody knows.
const DOUBT: &str = "sms:0600000004";
/// Refused for good; the person leaves.
const LEAVES: &str = "sms:0600000005";

const ALL: [&str; 6] = [SENT, REFUSED, LATER, MESSAGE, DOUBT, LEAVES];

/// A provider that counts texts, and fails by the number until it is repaired.
#[derive(Default)]
struct Phones {
    texts: Mutex<BTreeMap<String, usize>>,
    is_repaired: AtomicBool,
}

impl Phones {
    /// How many texts each number took.
    fn texts(&self) -> BTreeMap<String, usize> {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn repair(&self) {
        self.is_repaired.store(true, Ordering::SeqCst);
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
        let reply = match number.as_bytes().last() {
            _ if self.is_repaired.load(Ordering::SeqCst) => Reply::Accepted,
            Some(b'1' | b'5') => Reply::AddresseeFailed,
            Some(b'2') => Reply::AddresseeLater,
            Some(b'3') => Reply::MessageRefused,
            Some(b'4') => Reply::Unknown,
            _ => Reply::Accepted,
        };
        if matches!(reply, Reply::Accepted | Reply::Unknown) {
            *self.texts.lock().unwrap_or_else(PoisonError::into_inner).entry(number).or_default() += 1;
        }
        Sent { reply, is_bad_address: false, label: "stub", reason: "by script".to_owned() }
    }
}

fn start(world: &World, phones: &Arc<Phones>) -> JoinHandle<()> {
    let composer = ChannelComposer::Sms { key: DigestKey::new(&[7; 32]), segments: 3 };
    let ladder = Ladder { first: Duration::from_millis(5), until: Duration::from_millis(20) };
    let providers: [(Arc<dyn Provider>, ChannelComposer); 1] = [(Arc::clone(phones) as Arc<dyn Provider>, composer)];
    world.start_through(&providers, Arc::clone(&world.audience) as _, ladder)
}

async fn outcomes(world: &World, sink: &str) -> Vec<Outcome> {
    let address = Address::Phone(people::parse_sms(sink).expect("a number"));
    let page = EvidencePage { offset: 0, limit: 10 };
    let found = world.audience.evidence(world.keys.digest_of_address(&address), page).await.expect("read");
    found.into_iter().filter_map(|one| one.outcome.map(|(outcome, _)| outcome)).collect()
}

/// The ended mailing with a number, when it has ended.
async fn ended(world: &World, id: MailingId) -> EndedMailing {
    eventually("it ends", async || world.audience.ended_one(id).await.expect("read").is_some()).await;
    world.audience.ended_one(id).await.expect("read").expect("it has ended")
}

async fn resend(world: &World, id: MailingId, failures: &[Failure]) -> MailingId {
    let failures: BTreeSet<Failure> = failures.iter().copied().collect();
    let started = world.audience.resend(id, failures).await.expect("stored");
    let ResendStart::Started(started) = started else { panic!("{started:?}") };
    world.resends.stored();
    started.id
}

async fn failed_mailing(world: &World) -> MailingId {
    world.publish("afval", "e1", &[]).await;
    world.until_ended(1).await;
    world.audience.ended(None, 1).await.expect("read")[0].id
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_sent_again_to_those_who_failed_and_to_nobody_else_i9_ch_94() {
    let directory = tempfile::tempdir().expect("a directory");
    let world = World::open(directory.path()).await;
    world.put(ALL.map(|sink| world.number(sink, "afval"))).await;
    let phones = Arc::new(Phones::default());
    let driver = start(&world, &phones);
    let first = failed_mailing(&world).await;
    let failed = [
        (SENT, Outcome::Sent),
        (REFUSED, Outcome::PermanentFailure),
        (LATER, Outcome::TemporaryFailure),
        (MESSAGE, Outcome::TechnicalFailure),
        (DOUBT, Outcome::InDoubt),
        (LEAVES, Outcome::PermanentFailure),
    ];
    for (sink, outcome) in failed {
        assert_eq!(outcomes(&world, sink).await, [outcome], "{sink}");
    }
    // One who failed leaves before it is sent again.
    let left = world.number(LEAVES, "afval");
    let stored = world.audience.get(left.id).await.expect("read").expect("there");
    let state = State::Ended { at: world.clock.now(), reason: EndReason::Complaint };
    world.audience.put(vec![stored.change(model::addressee::Addressee { state, ..left })]).await.expect("stored");

    phones.repair();
    let before = phones.texts();
    let chosen = [Failure::Permanent, Failure::Temporary];
    let second = ended(&world, resend(&world, first, &chosen).await).await;
    assert_eq!(second.start.resend, Some(Resend { of: first, failures: chosen.into() }));
    assert_eq!((second.counts.candidates, second.counts.sent()), (2, 2), "{:?}", second.counts);
    let again = |before: &BTreeMap<String, usize>| {
        let texts = phones.texts();
        let more = |number: &&String| texts.get(*number) > before.get(*number);
        texts.keys().filter(more).cloned().collect::<Vec<_>>()
    };
    assert_eq!(again(&before), ["+31600000001", "+31600000002"]);
    assert_eq!(outcomes(&world, REFUSED).await, [Outcome::PermanentFailure, Outcome::Sent]);
    assert_eq!(outcomes(&world, LATER).await, [Outcome::TemporaryFailure, Outcome::Sent]);

    // Who is in doubt only when that is chosen; who was sent to now is out.
    let before = phones.texts();
    let all = [Failure::Permanent, Failure::Temporary, Failure::Technical];
    let third = ended(&world, resend(&world, second.id, &all).await).await;
    assert_eq!((third.counts.candidates, third.counts.sent()), (1, 1), "{:?}", third.counts);
    assert_eq!(again(&before), ["+31600000003"]);
    assert_eq!(outcomes(&world, DOUBT).await, [Outcome::InDoubt]);
    let fourth = ended(&world, resend(&world, first, &[Failure::InDoubt]).await).await;
    assert_eq!((fourth.counts.candidates, fourth.counts.sent()), (1, 1), "{:?}", fourth.counts);
    assert_eq!(outcomes(&world, DOUBT).await, [Outcome::InDoubt, Outcome::Sent]);
    let last = ended(&world, resend(&world, first, &Failure::ALL).await).await;
    assert_eq!(last.counts.candidates, 0, "nobody is left: {:?}", last.counts);
    driver.abort();
    let texts = phones.texts();
    assert_eq!(texts["+31600000000"], 1, "who was sent to has it once");
    assert_eq!(texts.get("+31600000005"), None, "who left has none");
    assert_eq!(outcomes(&world, LEAVES).await, [Outcome::PermanentFailure]);
}

/// It is stored before it begins: it goes on after a restart, and can be stopped.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_again_goes_on_after_a_restart_and_is_stopped_ch_94() {
    let directory = tempfile::tempdir().expect("a directory");
    let world = World::open(directory.path()).await;
    world.put(ALL.map(|sink| world.number(sink, "afval"))).await;
    let phones = Arc::new(Phones::default());
    let driver = start(&world, &phones);
    let first = failed_mailing(&world).await;
    driver.abort();
    assert!(driver.await.is_err(), "as in a crash");
    phones.repair();
    let second = resend(&world, first, &[Failure::Temporary]).await;
    let driver = start(&world, &phones);
    let second = ended(&world, second).await;
    assert_eq!((second.counts.candidates, second.counts.sent()), (1, 1), "{:?}", second.counts);
    driver.abort();
    assert!(driver.await.is_err(), "as in a crash");

    // Stopped before anything was sent.
    phones.is_repaired.store(false, Ordering::SeqCst);
    let third = resend(&world, first, &[Failure::Permanent]).await;
    let stop = model::mailing::Checkpoint {
        cursor: model::mailing::Cursor::After(None),
        phase: model::mailing::Phase::Stopped,
        counts: model::mailing::Counts::default(),
        changed: Vec::new(),
        ended: Vec::new(),
    };
    world.audience.apply(third, stop).await.expect("stored");
    let driver = start(&world, &phones);
    let third = ended(&world, third).await;
    assert_eq!(third.counts.candidates, 0, "{:?}", third.counts);
    assert_eq!(third.counts.of(End::Skipped(Skip::Stopped)), 0);
    driver.abort();
    assert_eq!(outcomes(&world, REFUSED).await, [Outcome::PermanentFailure]);
    let open = world.audience.open(&kanaal("afval"), None, 10).await.expect("read");
    assert_eq!(open, []);
}
