//! A store with addressees and events, and the driver of mailings between it and a relay.

use std::{
    num::NonZeroUsize,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use channel_email::{Client, Security};
use delivery::mailing::Ladder;
use egress::{Cidr, Egress, Policy};
use mailer::{
    ChannelComposer, Composer, Outlet, Provider, Relay, RelaySettings,
    mailings::{MailingParts, Moments, Resends, Sendings, Settings, Stops, Templates, run},
};
use message::{
    address::{Address, EmailAddress},
    digest::DigestKey,
    mail::Mailbox,
};
use model::{
    AttributeName, Clock, Event, KanaalName, Timestamp, Value,
    addressee::{Addressee, AddresseeId, Attributes, Basis, Channel, CodeRequests, Evidence, Language, Outcome, State},
    clock::{Instant, SystemClock},
    consent::Rate,
    event::{AcceptedEvent, PublishedAs},
};
use people::{Keys, Links};
use people_filter::Dialects;
use secrets::Secrets;
use storage::{
    Audience, EventLog, Mailings,
    audience::{EvidencePage, Put},
    log::Record,
    sqlite::{Embedded, Options, SqliteAudience, SqliteLog},
};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Most mails at a time.
pub const SLOTS: usize = 4;

/// Most mails that are sent after the last durable checkpoint.
pub const UNSTORED: usize = 5;

const LADDER: Ladder = Ladder { first: Duration::from_secs(1), until: Duration::from_mins(10) };

const PAGES: &str = "https://berichten.example.nl";

/// The clock of the system, whose wall clock can be set forward.
#[derive(Default)]
pub struct SetClock {
    system: SystemClock,
    seconds: AtomicU64,
}

impl SetClock {
    pub fn advance(&self, by: Duration) {
        self.seconds.fetch_add(by.as_secs(), Ordering::SeqCst);
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        self.system.now() + Duration::from_secs(self.seconds.load(Ordering::SeqCst))
    }

    fn instant(&self) -> Instant {
        self.system.instant()
    }
}

/// An open store. Dropping it closes the files.
pub struct World {
    pub log: Arc<SqliteLog>,
    pub audience: Arc<SqliteAudience>,
    pub keys: Arc<Keys>,
    pub dialects: Dialects,
    pub stops: Stops,
    pub resends: Resends,
    pub sendings: Sendings,
    pub templates: Templates,
    pub moments: Moments,
    pub clock: Arc<dyn Clock>,
}

pub fn kanaal(name: &str) -> KanaalName {
    KanaalName::new(name).expect("a name")
}

pub fn email(text: &str) -> EmailAddress {
    EmailAddress::parse(text).expect("an address")
}

/// An hour ago, so that it is before every event.
pub fn earlier() -> Timestamp {
    SystemClock::default().now() - Duration::from_hours(1)
}

impl World {
    /// Opens the store; waits until an earlier one in the same directory is closed.
    pub async fn open(directory: &Path) -> Self {
        let mut options = Options::new(Arc::new(SystemClock::default()));
        options.deadline = Duration::from_mins(1);
        let secrets = Secrets::open_file(&directory.join("people.key")).expect("a key file");
        let keys = Arc::new(Keys::new(Arc::new(secrets)).expect("keys"));
        let data = directory.join("data");
        let opened = async {
            loop {
                match Embedded::open(&data, options.clone()) {
                    Ok(store) => return store,
                    Err(storage::Error::InUse { .. }) => tokio::time::sleep(Duration::from_millis(5)).await,
                    Err(error) => panic!("{error}"),
                }
            }
        };
        let store = tokio::time::timeout(Duration::from_mins(2), opened).await.expect("it was closed");
        let audience = store.open_audience(&options).expect("the audience opens");
        Self {
            log: Arc::clone(&store.log),
            audience,
            keys,
            dialects: Dialects::default(),
            stops: Stops::default(),
            resends: Resends::default(),
            sendings: Sendings::default(),
            templates: Templates::default(),
            moments: Moments::default(),
            clock: Arc::new(SystemClock::default()),
        }
    }

    /// A confirmed addressee with this address.
    pub fn addressee(&self, address: &str, naam: &str) -> Addressee {
        let address = email(address);
        Addressee {
            id: AddresseeId(Uuid::new_v5(&Uuid::NAMESPACE_URL, address.expose().as_bytes())),
            kanaal: kanaal(naam),
            channel: Channel::Email,
            digest: self.keys.digest_of(&address),
            address: Some(self.keys.seal(&Address::Email(address.clone())).expect("sealed")),
            generation: 1,
            attributes: Attributes::default(),
            filter: None,
            language: Language::Dutch,
            frequency: model::addressee::Frequency::AtOnce,
            owner: None,
            created: earlier(),
            expires: None,
            code_requests: CodeRequests::default(),
            state: State::confirmed(earlier(), Basis::Code),
        }
    }

    /// A confirmed addressee with this number.
    pub fn number(&self, sink: &str, naam: &str) -> Addressee {
        let address = Address::Phone(people::parse_sms(sink).expect("a number"));
        Addressee {
            id: AddresseeId(Uuid::new_v5(&Uuid::NAMESPACE_URL, sink.as_bytes())),
            channel: Channel::Sms,
            digest: self.keys.digest_of_address(&address),
            address: Some(self.keys.seal(&address).expect("sealed")),
            ..self.addressee("x@burger.example", naam)
        }
    }

    pub async fn put(&self, addressees: impl IntoIterator<Item = Addressee>) {
        self.audience.put(addressees.into_iter().map(Put::new).collect()).await.expect("stored");
    }

    /// Publishes an event with these attributes beside id, source and type.
    pub async fn publish(&self, naam: &str, id: &str, more: &[(&str, &str)]) {
        self.log.append(vec![(kanaal(naam), record(id, more))]).await.expect("appended");
    }

    /// Starts the driver with a relay on this port; `mailings` is the store, or something around it.
    pub fn start_with(&self, port: u16, mailings: Arc<dyn Mailings>, ladder: Ladder) -> JoinHandle<()> {
        self.start_through(&[provider(port)], mailings, ladder)
    }

    /// Starts the driver with these providers.
    pub fn start_through(
        &self,
        providers: &[(Arc<dyn Provider>, ChannelComposer)],
        mailings: Arc<dyn Mailings>,
        ladder: Ladder,
    ) -> JoinHandle<()> {
        tokio::spawn(run(Arc::new(self.parts(providers, mailings, ladder)), CancellationToken::new()))
    }

    /// What the driver works with.
    fn parts(
        &self,
        providers: &[(Arc<dyn Provider>, ChannelComposer)],
        mailings: Arc<dyn Mailings>,
        ladder: Ladder,
    ) -> MailingParts {
        let slots = NonZeroUsize::new(SLOTS).expect("not zero");
        let clock = Arc::clone(&self.clock);
        let outlet = |channel: Channel| {
            let (provider, composer) = providers.iter().find(|(one, _)| one.channel() == channel)?;
            let settings = RelaySettings { slots, rate: Rate::Unlimited };
            let relay = Relay::new(Arc::clone(provider), settings, Arc::clone(&clock));
            Some(Outlet { composer: composer.clone(), relay })
        };
        let mailing = delivery::mailing::Settings {
            window: 20,
            waiting: 20,
            unstored: UNSTORED,
            interval: Duration::from_millis(1),
            ladder,
        };
        MailingParts {
            log: Arc::clone(&self.log) as Arc<dyn EventLog>,
            audience: Arc::clone(&self.audience) as Arc<dyn Audience>,
            mailings,
            email: outlet(Channel::Email),
            sms: outlet(Channel::Sms),
            keys: Arc::clone(&self.keys),
            links: Links::new(PAGES, Arc::clone(&self.keys)),
            templates: self.templates.clone(),
            inbox: model::inbox::InboxKanalen::default(),
            dialects: self.dialects.clone(),
            clock,
            stops: self.stops.clone(),
            moments: self.moments.clone(),
            resends: self.resends.clone(),
            sendings: self.sendings.clone(),
            settings: Settings { look: Duration::from_millis(10), mailing, ..Settings::default() },
        }
    }

    /// Starts the driver with a relay on this port, and returns what it works with.
    pub fn start_parts(&self, port: u16) -> (JoinHandle<()>, Arc<MailingParts>) {
        let mailings = Arc::clone(&self.audience) as Arc<dyn Mailings>;
        let parts = Arc::new(self.parts(&[provider(port)], mailings, LADDER));
        (tokio::spawn(run(Arc::clone(&parts), CancellationToken::new())), parts)
    }

    pub fn start(&self, port: u16) -> JoinHandle<()> {
        self.start_with(port, Arc::clone(&self.audience) as Arc<dyn Mailings>, LADDER)
    }

    /// The evidence of an address: each outcome with its event.
    pub async fn outcomes(&self, address: &str) -> Vec<(String, Option<Outcome>)> {
        let page = EvidencePage { offset: 0, limit: 100 };
        let found = self.audience.evidence(self.keys.digest_of(&email(address)), page).await.expect("read");
        found.into_iter().map(|Evidence { event, outcome, .. }| (event.id, outcome.map(|(one, _)| one))).collect()
    }

    /// Waits until so many mailings have ended.
    pub async fn until_ended(&self, mailings: usize) {
        eventually("mailings end", async || self.audience.ended(None, 100).await.expect("read").len() == mailings)
            .await;
    }
}

/// The record of an event with these attributes beside id, source and type.
pub fn record(id: &str, more: &[(&str, &str)]) -> Record {
    let attributes = [("id", id), ("source", "urn:nld:afval"), ("type", "nl.afval.gewijzigd")];
    let attributes = attributes.iter().chain(more);
    let attributes = attributes
        .map(|(name, value)| (AttributeName::new(name).expect("a name"), Value::text(value).expect("a value")));
    let accepted = AcceptedEvent {
        event: Event::new(attributes.collect(), None).expect("an event"),
        published_as: PublishedAs::CloudEvent,
        received: Some(SystemClock::default().now()),
        publisher: None,
    };
    let parts = translator::record::encode(&accepted);
    Record { key: parts.key, headers: parts.headers, value: parts.value }
}

/// A relay on this port.
fn provider(port: u16) -> (Arc<dyn Provider>, ChannelComposer) {
    let ranges: Vec<Cidr> = ["127.0.0.0/8", "::1"].map(|range| range.parse().expect("a range")).to_vec();
    let policy = Policy { allow: ranges.clone(), allow_http: ranges };
    let egress = Egress::new(egress::Settings { policy, ..egress::Settings::default() }).expect("good settings");
    let slots = NonZeroUsize::new(SLOTS).expect("not zero");
    let mut settings = channel_email::Settings::new("localhost", port, Security::Plain, "gateway.example");
    settings.connections = slots;
    let client = Client::new(Arc::new(egress), settings).expect("good settings");
    let sender = Mailbox::new("Gemeente Voorbeeld", email("noreply@gemeente.example"));
    let composer = ChannelComposer::Mail(Arc::new(Composer::new(DigestKey::new(&[7; 32]), sender)));
    (Arc::new(client), composer)
}

/// Waits until something holds.
pub async fn eventually(what: &str, holds: impl AsyncFn() -> bool) {
    let waited = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    assert!(tokio::time::timeout(Duration::from_mins(3), waited).await.is_ok(), "{what}");
}
