//! A store with people, a relay, and the driver of due messages between them.

use std::{num::NonZeroUsize, path::Path, sync::Arc, time::Duration};

use channel_email::{Client, Security};
use egress::{Cidr, Egress, Policy};
use mailer::{
    ChannelComposer, Composer, Outlet, Provider, Relay, RelaySettings,
    outbox::{Outbox, Parts, Settings},
};
use message::{address::EmailAddress, digest::DigestKey, mail::Mailbox};
use model::{
    Actor, Clock, KanaalName, Timestamp,
    addressee::{AddresseeId, Attributes, Frequency, Language},
    applicatie::Scope,
    clock::{ManualClock, SystemRandom},
    consent::Rate,
};
use people::{Act, Keys, Link, Links, NumberWish, People, Wish};
use secrets::Secrets;
use storage::{
    Audience,
    audience::OutboxCounts,
    sqlite::{Embedded, Options, SqliteAudience},
};
use tokio::task::JoinHandle;

/// Most mails at a time.
pub const SLOTS: usize = 4;

const PAGES: &str = "https://berichten.example.nl";

pub struct World {
    pub people: People,
    pub audience: Arc<SqliteAudience>,
    pub clock: Arc<ManualClock>,
    keys: Arc<Keys>,
    /// Made once: it reads all certificates of the machine.
    egress: Arc<Egress>,
    _directory: tempfile::TempDir,
}

pub fn world() -> World {
    let directory = tempfile::tempdir().expect("a directory");
    let clock = Arc::new(ManualClock::new(Timestamp::from_seconds(1_700_000_000)));
    let secrets = Secrets::open_file(&directory.path().join("people.key")).expect("a key file");
    let keys = Arc::new(Keys::new(Arc::new(secrets)).expect("keys"));
    let audience = open(&directory.path().join("data"), &clock);
    let people = people(&audience, &keys, &clock);
    let ranges: Vec<Cidr> = ["127.0.0.0/8", "::1"].map(|range| range.parse().expect("a range")).to_vec();
    let policy = Policy { allow: ranges.clone(), allow_http: ranges };
    let egress = Egress::new(egress::Settings { policy, ..egress::Settings::default() }).expect("good settings");
    World { people, audience, clock, keys, egress: Arc::new(egress), _directory: directory }
}

fn open(data: &Path, clock: &Arc<ManualClock>) -> Arc<SqliteAudience> {
    let mut options = Options::new(Arc::clone(clock) as Arc<dyn Clock>);
    options.deadline = Duration::from_mins(1);
    let store = Embedded::open(data, options.clone()).expect("the store opens");
    store.open_audience(&options).expect("the audience opens")
}

fn people(audience: &Arc<SqliteAudience>, keys: &Arc<Keys>, clock: &Arc<ManualClock>) -> People {
    let settings =
        people::Settings { undo: Duration::from_hours(720), subscriptions_per_source: 1_000, pages_per_source: 1_000 };
    let clock = Arc::clone(clock) as Arc<dyn Clock>;
    let links = Links::new(PAGES, Arc::clone(keys));
    People::new(
        Arc::clone(audience) as Arc<dyn Audience>,
        Arc::clone(keys),
        links,
        (clock, Arc::new(SystemRandom)),
        settings,
    )
}

/// An e-mail address.
pub fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).expect("an address")
}

impl World {
    /// Starts the driver with a relay on this port.
    pub fn start(&self, port: u16) -> JoinHandle<()> {
        let slots = NonZeroUsize::new(SLOTS).expect("not zero");
        let mut settings = channel_email::Settings::new("localhost", port, Security::Plain, "gateway.example");
        settings.connections = slots;
        let client = Client::new(Arc::clone(&self.egress), settings).expect("good settings");
        let sender = Mailbox::new("Gemeente Voorbeeld", address("noreply@gemeente.example"));
        let composer = ChannelComposer::Mail(Arc::new(Composer::new(DigestKey::new(&[7; 32]), sender)));
        self.start_with(Arc::new(client), composer)
    }

    /// Starts the driver of the channel of a provider.
    pub fn start_with(&self, provider: Arc<dyn Provider>, composer: ChannelComposer) -> JoinHandle<()> {
        let slots = NonZeroUsize::new(SLOTS).expect("not zero");
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        let relay = Relay::new(provider, RelaySettings { slots, rate: Rate::Unlimited }, Arc::clone(&clock));
        let outbox = Outbox::new(Parts {
            audience: Arc::clone(&self.audience) as Arc<dyn Audience>,
            keys: Arc::clone(&self.keys),
            links: Links::new(PAGES, Arc::clone(&self.keys)),
            outlet: Outlet { composer, relay },
            organisation: "Gemeente Voorbeeld".to_owned(),
            obligatory: std::collections::BTreeSet::new(),
            clock,
            settings: Settings { poll: Duration::from_millis(10), ..Settings::default() },
        });
        tokio::spawn(outbox.run(std::future::pending()))
    }

    pub async fn subscribe(&self, text: &str, kanaal: &str, language: Language) -> AddresseeId {
        let kanaal = KanaalName::new(kanaal).expect("a name");
        let wish = Wish {
            address: address(text),
            kanaal,
            filter: None,
            attributes: Attributes::default(),
            given: None,
            language,
            frequency: Frequency::AtOnce,
        };
        let actor = Actor::applicatie("portaal", [Scope::Consumeren]);
        self.people.subscribe(&actor, wish, "s").await.expect("subscribed")
    }

    pub async fn subscribe_number(&self, sink: &str, kanaal: &str, language: Language) -> AddresseeId {
        let number = people::parse_sms(sink).expect("a number");
        let wish = NumberWish {
            number,
            kanaal: KanaalName::new(kanaal).expect("a name"),
            filter: None,
            attributes: Attributes::default(),
            language,
            given: None,
        };
        let actor = Actor::applicatie("portaal", [Scope::Consumeren]);
        self.people.subscribe_number(&actor, wish, "s").await.expect("subscribed")
    }

    /// Does what the page behind a link does.
    pub async fn act(&self, link: &Link, act: Act) {
        assert!(self.people.act(link, act).await.expect("done"));
    }

    /// The link of ours in a text.
    pub fn link(&self, text: &str) -> Link {
        let start = text.find(PAGES).expect("a link");
        let url = text[start..].split_whitespace().next().expect("a link");
        let token = url.strip_prefix(PAGES).and_then(|path| path.strip_prefix("/a/")).expect("a page of ours");
        self.people.links().parse(token).expect("a good link")
    }

    pub async fn counts(&self) -> OutboxCounts {
        self.audience.outbox_counts().await.expect("counts")
    }

    /// Waits until so many messages wait, and so many were given up.
    pub async fn until(&self, waiting: u64, given_up: u64) {
        let is_so = async {
            loop {
                let counts = self.counts().await;
                if (counts.waiting, counts.given_up) == (waiting, given_up) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let ended = tokio::time::timeout(Duration::from_mins(2), is_so).await;
        assert!(ended.is_ok(), "waited for {waiting} and {given_up}: {:?}", self.counts().await);
    }

    /// Waits until one message has failed so often.
    pub async fn until_attempts(&self, attempts: u32) {
        let is_so = async {
            loop {
                let far = self.clock.now() + Duration::from_hours(48);
                let due = self.audience.outbox(far, 10).await.expect("an outbox");
                if due.iter().any(|due| due.attempts == attempts) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_mins(2), is_so).await.expect("an attempt in time");
    }
}
