//! The use cases on the embedded store, from the request to the undo, with the messages that the outbox has.

mod codes;
mod data;
mod import;

use std::{sync::Arc, time::Duration};

use message::address::EmailAddress;
use model::{
    Actor, KanaalName, Timestamp,
    addressee::{AddresseeId, Attributes, Channel, Language, Message, StateKind},
    applicatie::Scope,
    clock::{ManualClock, SystemRandom},
};
use secrets::Secrets;
use storage::{
    Audience,
    audience::StoredOutgoing,
    sqlite::{Embedded, Options},
};

use super::*;

pub(crate) struct World {
    pub people: People,
    pub audience: Arc<dyn Audience>,
    clock: Arc<ManualClock>,
    directory: tempfile::TempDir,
}

pub(crate) fn world() -> World {
    let directory = tempfile::tempdir().expect("a directory");
    let clock = Arc::new(ManualClock::new(Timestamp::from_seconds(1_700_000_000)));
    let mut options = Options::new(clock.clone());
    options.deadline = Duration::from_mins(1);
    let store = Embedded::open(directory.path(), options.clone()).expect("the store opens");
    let audience: Arc<dyn Audience> = store.open_audience(&options).expect("the audience opens");
    let secrets = Secrets::open_file(&directory.path().join("people.key")).expect("a key file");
    let keys = Arc::new(Keys::new(Arc::new(secrets)).expect("keys"));
    let links = Links::new("https://berichten.example.nl", Arc::clone(&keys));
    let settings = Settings { undo: Duration::from_hours(720), subscriptions_per_source: 100, pages_per_source: 60 };
    let people = People::new(Arc::clone(&audience), keys, links, (clock.clone(), Arc::new(SystemRandom)), settings);
    World { people, audience, clock, directory }
}

fn portal() -> Actor {
    Actor::applicatie("portaal", [Scope::Consumeren])
}

fn beheer() -> Actor {
    Actor::applicatie("beheer", [Scope::Beheer])
}

fn wish(address: &str, kanaal: &str) -> Wish {
    Wish {
        address: EmailAddress::parse(address).expect("an address"),
        kanaal: KanaalName::new(kanaal).expect("a name"),
        filter: None,
        attributes: Attributes::default(),
        language: Language::Dutch,
        frequency: model::addressee::Frequency::AtOnce,
        given: None,
    }
}

fn names(kanalen: &[&str]) -> Vec<KanaalName> {
    kanalen.iter().map(|naam| KanaalName::new(naam).expect("a name")).collect()
}

impl World {
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn wait(&self, time: Duration) {
        self.clock.advance(time);
    }

    pub async fn outbox(&self) -> Vec<StoredOutgoing> {
        self.audience.outbox(self.clock.now(), 100).await.expect("read")
    }

    /// The link and code of the newest confirmation to an addressee.
    async fn sent(&self, id: AddresseeId) -> (Link, Challenge) {
        self.sent_as(id, Message::Confirmation).await
    }

    async fn sent_as(&self, id: AddresseeId, message: Message) -> (Link, Challenge) {
        let outbox = self.outbox().await;
        let due = outbox.iter().find(|due| due.addressee == id && due.outgoing.message == message);
        let sealed = due.expect("a confirmation").outgoing.secret.clone().expect("a secret");
        let challenge = self.people.keys().open_challenge(&sealed).expect("opened");
        (self.link(&self.people.links().confirm(id, &challenge.link)), challenge)
    }

    fn link(&self, url: &str) -> Link {
        let token = url.strip_prefix("https://berichten.example.nl/a/").expect("a link of ours");
        self.people.links().parse(token).expect("a link")
    }

    /// Whether a file of the store has these bytes.
    fn is_in_files(&self, bytes: &[u8]) -> bool {
        let files = std::fs::read_dir(self.directory.path()).expect("a directory");
        let mut contents = files.filter_map(|file| std::fs::read(file.expect("a file").path()).ok());
        contents.any(|content| content.windows(bytes.len()).any(|part| part == bytes))
    }

    pub async fn subscribed(&self, address: &str, kanaal: &str) -> AddresseeId {
        self.people.subscribe(&portal(), wish(address, kanaal), "s").await.expect("subscribed")
    }

    pub async fn confirmed(&self, address: &str, kanaal: &str) -> AddresseeId {
        let id = self.subscribed(address, kanaal).await;
        let (link, _) = self.sent(id).await;
        assert!(self.people.act(&link, Act::Confirm).await.expect("confirmed"));
        id
    }

    pub async fn state(&self, id: AddresseeId) -> StateKind {
        self.people.one(&beheer(), id).await.expect("shown").state
    }
}

#[tokio::test]
async fn ch_48_opening_the_link_changes_nothing_and_the_button_confirms() {
    let world = world();
    let id = world.subscribed("an@x.nl", "weg").await;
    let (link, _) = world.sent(id).await;
    for _ in 0..100 {
        let kanaal = KanaalName::new("weg").expect("a name");
        assert_eq!(world.people.page(&link).await.expect("a page"), Page::ToConfirm { kanaal });
    }
    assert_eq!(world.state(id).await, StateKind::Unconfirmed);
    assert!(world.people.act(&link, Act::Confirm).await.expect("confirmed"));
    assert_eq!(world.state(id).await, StateKind::Confirmed);
    assert!(matches!(world.people.page(&link).await, Ok(Page::Confirmed { .. })));
    assert!(!world.people.act(&link, Act::Confirm).await.expect("again"));
}

#[tokio::test]
async fn ch_45_a_new_request_makes_the_link_before_void_and_a_day_ends_it() {
    let world = world();
    let id = world.subscribed("an@x.nl", "weg").await;
    let (first, _) = world.sent(id).await;
    world.subscribed("AN@x.nl", "weg").await;
    let (second, _) = world.sent(id).await;
    assert!(matches!(world.people.act(&first, Act::Confirm).await, Err(Error::Unknown)));
    world.clock.advance(Duration::from_hours(24));
    assert!(matches!(world.people.page(&second).await, Err(Error::Unknown)));
    assert!(matches!(world.people.act(&second, Act::Confirm).await, Err(Error::Unknown)));
}

#[tokio::test]
async fn ch_52_an_address_that_is_subscribed_gets_a_notice_and_the_answer_is_the_same() {
    let world = world();
    let id = world.confirmed("an@x.nl", "weg").await;
    let again = world.subscribed("an@x.nl", "weg").await;
    assert_ne!(again, id);
    let notice = world.outbox().await.into_iter().find(|due| due.outgoing.message == Message::AlreadySubscribed);
    let notice = notice.expect("a notice");
    assert_eq!((notice.addressee, notice.outgoing.secret), (id, None));
    // Neither id shows which of the two is new, until the person confirms.
    let new = world.subscribed("bo@x.nl", "weg").await;
    for unknown in [again, new] {
        assert!(matches!(world.people.one(&portal(), unknown).await, Err(Error::Unknown)));
        assert!(matches!(world.people.end(&portal(), unknown).await, Err(Error::Unknown)));
    }
}

#[tokio::test]
async fn ch_46_six_requests_for_an_address_in_an_hour_are_refused_over_all_kanalen() {
    let world = world();
    for kanaal in ["a", "b", "c", "d", "e"] {
        world.subscribed("an@x.nl", kanaal).await;
    }
    let sixth = world.people.subscribe(&portal(), wish("An@x.nl", "f"), "s").await;
    assert!(matches!(sixth, Err(Error::TooManyRequests { wait }) if wait == Duration::from_mins(12)));
    assert_eq!(world.outbox().await.len(), 5);
    world.subscribed("bo@x.nl", "a").await;
}

#[tokio::test]
async fn ch_60_ch_62_leaving_all_and_undo_restore_exactly_what_the_act_ended() {
    let world = world();
    let weg = world.confirmed("an@x.nl", "weg").await;
    let raad = world.confirmed("an@x.nl", "raad").await;
    let open = world.subscribed("an@x.nl", "haven").await;
    let leave = world.link(&world.people.links().leave(weg));
    let expected = Page::ToLeave { kanaal: names(&["weg"]).remove(0), others: names(&["raad"]) };
    assert_eq!(world.people.page(&leave).await.expect("a page"), expected);
    assert!(world.people.act(&leave, Act::LeaveAll).await.expect("left"));
    assert!(!world.people.act(&leave, Act::OneClick).await.expect("again"));
    let Page::Left { kanalen, undo: Some(undo) } = world.people.page(&leave).await.expect("a page") else {
        panic!("left with an undo");
    };
    assert_eq!(kanalen, names(&["raad", "weg"]));
    let undo = world.link(&undo);
    assert_eq!(world.people.page(&undo).await.expect("a page"), Page::ToUndo { kanalen });
    assert!(world.people.act(&undo, Act::Undo).await.expect("undone"));
    assert!(matches!(world.people.act(&undo, Act::Undo).await, Err(Error::Unknown)));
    assert!(matches!(world.people.page(&undo).await, Err(Error::Unknown)));
    let states = [world.state(weg).await, world.state(raad).await, world.state(open).await];
    assert_eq!(states, [StateKind::Confirmed, StateKind::Confirmed, StateKind::Unconfirmed]);
}

#[tokio::test]
async fn ch_62_the_undo_ends_with_its_window() {
    let world = world();
    let id = world.confirmed("an@x.nl", "weg").await;
    let leave = world.link(&world.people.links().leave(id));
    world.people.act(&leave, Act::OneClick).await.expect("left");
    let Page::Left { undo: Some(undo), .. } = world.people.page(&leave).await.expect("a page") else {
        panic!("left with an undo");
    };
    world.clock.advance(Duration::from_hours(720));
    assert!(matches!(world.people.page(&leave).await, Ok(Page::Left { undo: None, .. })));
    assert!(matches!(world.people.act(&world.link(&undo), Act::Undo).await, Err(Error::Unknown)));
}

#[tokio::test]
async fn ch_58_a_link_does_only_what_it_is_for_and_unconfirmed_ones_do_not_change() {
    let world = world();
    let id = world.subscribed("an@x.nl", "weg").await;
    let (confirm, _) = world.sent(id).await;
    let leave = world.link(&world.people.links().leave(id));
    for (link, act) in [
        (&confirm, Act::Leave),
        (&confirm, Act::Undo),
        (&leave, Act::Confirm),
        (&leave, Act::Leave),
        (&leave, Act::OneClick),
        (&leave, Act::Undo),
    ] {
        assert!(matches!(world.people.act(link, act).await, Err(Error::Unknown)), "{act:?}");
    }
    assert!(matches!(world.people.page(&leave).await, Err(Error::Unknown)));
    assert_eq!(world.state(id).await, StateKind::Unconfirmed);
}

#[tokio::test]
async fn ch_59_ch_141_owner_and_administrator_see_it_masked_and_end_it() {
    let world = world();
    let filter = Some(Dialects::default().sql("type = 'nl.x'").expect("a filter"));
    let asked = Wish { filter, ..wish("an@x.nl", "weg") };
    let id = world.people.subscribe(&portal(), asked, "s").await.expect("subscribed");
    let (link, _) = world.sent(id).await;
    world.people.act(&link, Act::Confirm).await.expect("confirmed");
    let other = Actor::applicatie("ander", [Scope::Consumeren]);
    assert!(matches!(world.people.one(&other, id).await, Err(Error::Unknown)));
    assert!(matches!(world.people.end(&other, id).await, Err(Error::Unknown)));
    for actor in [portal(), beheer()] {
        let shown = world.people.one(&actor, id).await.expect("shown");
        assert_eq!(shown.address.as_deref(), Some("a…@x…"));
        let filter = shown.filter.map(|filter| (filter.dialect, filter.expression));
        assert_eq!(filter, Some(("sql", "type = 'nl.x'".to_owned())));
        assert_eq!(shown.owner.as_deref(), Some("portaal"));
    }
    world.people.end(&portal(), id).await.expect("ended");
    assert_eq!(world.state(id).await, StateKind::Ended);
}

#[test]
fn requests_for_pages_are_bounded_except_for_authentic_links_ch_56() {
    let world = world();
    let leave = world.link(&world.people.links().leave(AddresseeId(uuid::Uuid::nil())));
    for _ in 0..1_000 {
        world.people.admit_page(Some(&leave), "mail provider").expect("admitted");
    }
    let admitted = (0..100).filter(|_| world.people.admit_page(None, "s").is_ok()).count();
    assert_eq!(admitted, 60);
}

#[tokio::test]
async fn ch_31_ch_45_ch_51_ch_52_a_number_is_confirmed_by_its_code_and_shown_masked() {
    let world = world();
    let wish = NumberWish {
        number: parse_sms("sms:0612345678").expect("a number"),
        kanaal: KanaalName::new("weg").expect("a name"),
        filter: None,
        attributes: Attributes::default(),
        language: Language::Dutch,
        given: None,
    };
    let id = world.people.subscribe_number(&portal(), wish.clone(), "s").await.expect("subscribed");
    let again = world.people.subscribe_number(&portal(), wish, "s").await.expect("subscribed");
    let due = world.audience.outbox_of(Channel::Sms, world.clock.now(), 10).await.expect("read");
    assert_eq!((due.len(), due[0].addressee), (1, id));
    let (_, challenge) = world.sent(id).await;
    // The code is typed for either answer (CH-52).
    world.people.confirm_code(again, challenge.code.expose()).await.expect("confirmed");
    let shown = world.people.one(&beheer(), id).await.expect("shown");
    assert_eq!((shown.state, shown.channel), (StateKind::Confirmed, Channel::Sms));
    assert_eq!(shown.address.as_deref(), Some("+31\u{2026}78"));

    // The page of the data has the number, and no other address can be requested (CH-51, CH-65).
    let leave = world.link(&world.people.links().leave(id));
    world.people.request_data_link(&leave).await.expect("requested");
    let generation = world.audience.get(id).await.expect("read").expect("there").addressee.generation;
    let link = world.link(&world.people.links().data(id, generation, world.clock.now() + DATA_LINK_VALID));
    let Page::Data(overview) = world.people.page(&link).await.expect("a page") else { panic!("data") };
    assert_eq!((overview.address.as_str(), overview.is_number, overview.can_change), ("+31\u{2026}78", true, true));
    let export = world.people.export_by_link(&link).await.expect("exported");
    assert_eq!(export.subscriptions[0].address.as_deref(), Some("+31612345678"));
    let address = Address::Email(EmailAddress::parse("an@x.nl").expect("an address"));
    assert!(matches!(world.people.change_address_by_link(&link, &address, "s").await, Err(Error::Unknown)));
    // Another number is confirmed by the code that it gets; until then the present one stays (CH-51).
    let other = Address::Phone(parse_sms("sms:0687654321").expect("a number"));
    world.people.change_address_by_link(&link, &other, "s").await.expect("requested");
    let number = async || {
        let found = world.audience.get(id).await.expect("read").expect("there").addressee;
        world.people.keys().open(&found.address.expect("an address")).expect("opened").expose().to_owned()
    };
    assert_eq!(number().await, "+31612345678");
    let due = world.audience.outbox_of(Channel::Sms, world.clock.now(), 10).await.expect("read");
    assert!(due.iter().any(|due| due.outgoing.message == Message::ChangeRequested));
    let (_, challenge) = world.sent_as(id, Message::ConfirmationOfChange).await;
    let wrong = if challenge.code.expose() == "000000" { "000001" } else { "000000" };
    assert!(matches!(world.people.confirm_code(id, wrong).await, Err(Error::Unknown)));
    world.people.confirm_code(id, challenge.code.expose()).await.expect("confirmed");
    assert_eq!(number().await, "+31687654321");
}
