//! The data of a person: the link to them, overview, export, erasure; and the list of a client.

use model::addressee::{EventReference, Evidence, Outcome};

use super::*;

impl World {
    /// A link to data as the message has it.
    async fn data_link(&self, id: AddresseeId) -> Link {
        let leave = self.link(&self.people.links().leave(id));
        self.people.request_data_link(&leave).await.expect("requested");
        let outbox = self.outbox().await;
        let due = outbox.iter().find(|due| due.outgoing.message == Message::DataLink).expect("a message");
        assert_eq!((due.addressee, &due.outgoing.secret), (id, &None));
        let generation = self.audience.get(id).await.expect("read").expect("there").addressee.generation;
        self.link(&self.people.links().data(id, generation, self.clock.now() + DATA_LINK_VALID))
    }

    async fn evidence(&self, address: &str, id: AddresseeId, number: u8) {
        let digest = self.people.keys().digest_of(&EmailAddress::parse(address).expect("an address"));
        let kanaal = KanaalName::new("weg").expect("a name");
        let event = EventReference { kanaal, source: "urn:x".to_owned(), id: number.to_string() };
        let now = self.clock.now();
        let outcome = Some((Outcome::Sent, now));
        let evidence =
            Evidence { event, digest, addressee: Some(id), accepted: now, tried: Some((1, now)), outcome, read: None };
        self.audience.record(vec![evidence]).await.expect("recorded");
    }
}

#[tokio::test]
async fn ch_65_the_link_to_the_data_is_sent_to_the_address_and_no_other_link_opens_them() {
    let world = world();
    let weg = world.confirmed("an@x.nl", "weg").await;
    let raad = world.confirmed("an@x.nl", "raad").await;
    world.confirmed("bo@x.nl", "weg").await;
    let leave = world.link(&world.people.links().leave(weg));
    for result in
        [world.people.export_by_link(&leave).await.map(drop), world.people.erase_by_link(&leave).await.map(drop)]
    {
        assert!(matches!(result, Err(Error::Unknown)));
    }
    let link = world.data_link(weg).await;
    let Page::Data(overview) = world.people.page(&link).await.expect("a page") else { panic!("data") };
    assert_eq!((overview.kanaal.as_str(), overview.address.as_str()), ("weg", "a…@x…"));
    let kanalen: Vec<_> = overview.rows.iter().map(|row| (row.kanaal.as_str(), row.page.is_some())).collect();
    assert_eq!(kanalen, [("raad", true), ("weg", false)]);
    let other = world.link(overview.rows[0].page.as_deref().expect("a page"));
    assert!(matches!(&other, Link::Data { id, .. } if *id == raad));
    assert!(world.people.act(&link, Act::LeaveAll).await.expect("left"));
    assert!(matches!(world.people.page(&link).await, Ok(Page::Data(_))));
    assert_eq!((world.state(weg).await, world.state(raad).await), (StateKind::Ended, StateKind::Ended));
    world.clock.advance(DATA_LINK_VALID);
    assert!(matches!(world.people.page(&link).await, Err(Error::Unknown)));
    assert!(matches!(world.people.act(&link, Act::LeaveAll).await, Err(Error::Unknown)));
}

#[tokio::test]
async fn ch_51_ch_65_a_link_to_the_data_is_void_once_the_address_is_another_one() {
    let world = world();
    let id = world.confirmed("an@x.nl", "weg").await;
    let link = world.data_link(id).await;
    let new = Address::Email(EmailAddress::parse("an@nieuw.nl").expect("an address"));
    world.people.change_address_by_link(&link, &new, "s").await.expect("requested");
    assert!(matches!(world.people.page(&link).await, Ok(Page::Data(Overview { is_changing: true, .. }))));
    let (confirm, _) = world.sent_as(id, Message::ConfirmationOfChange).await;
    world.people.act(&confirm, Act::Confirm).await.expect("confirmed");
    assert!(matches!(world.people.page(&link).await, Err(Error::Unknown)));
    assert!(matches!(world.people.export_by_link(&link).await, Err(Error::Unknown)));
}

#[tokio::test]
async fn ch_137_an_export_is_complete_and_has_nothing_of_others() {
    let world = world();
    let weg = world.confirmed("An@x.nl", "weg").await;
    let raad = world.confirmed("an@x.nl", "raad").await;
    let bo = world.confirmed("bo@x.nl", "weg").await;
    for (address, id, number) in [("an@x.nl", weg, 1), ("an@x.nl", raad, 2), ("bo@x.nl", bo, 3)] {
        world.evidence(address, id, number).await;
    }
    let link = world.data_link(weg).await;
    let export = world.people.export_by_link(&link).await.expect("exported");
    let mut kanalen: Vec<_> = export.subscriptions.iter().map(|own| own.kanaal.as_str()).collect();
    kanalen.sort_unstable();
    assert_eq!(kanalen, ["raad", "weg"]);
    assert!(export.subscriptions.iter().any(|own| own.address.as_deref() == Some("An@x.nl")));
    let events: Vec<_> = export.notifications.iter().map(|evidence| evidence.event.id.as_str()).collect();
    assert_eq!(events, ["1", "2"]);
    assert!(!export.is_truncated && !format!("{export:?}").contains("x.nl"));
    // To a client only what is its own.
    let own = world.people.export(&portal(), weg).await.expect("exported");
    assert_eq!((own.subscriptions.len(), own.notifications.len()), (1, 1));
    let all = world.people.export(&beheer(), weg).await.expect("exported");
    assert_eq!((all.subscriptions.len(), all.notifications.len()), (2, 2));
    let other = Actor::applicatie("ander", [Scope::Consumeren]);
    assert!(matches!(world.people.export(&other, weg).await, Err(Error::Unknown)));
}

#[tokio::test]
async fn ch_135_erasure_leaves_digests_and_evidence_and_no_address_in_any_file() {
    let world = world();
    let weg = world.confirmed("an@x.nl", "weg").await;
    let raad = world.confirmed("an@x.nl", "raad").await;
    let bo = world.confirmed("bo@x.nl", "weg").await;
    world.evidence("an@x.nl", weg, 1).await;
    let sealed = async |id| world.audience.get(id).await.expect("read").expect("there").addressee.address;
    let (address, others) = (sealed(weg).await.expect("an address"), sealed(bo).await.expect("an address"));
    let link = world.data_link(weg).await;
    world.people.erase_by_link(&link).await.expect("erased");
    for id in [weg, raad] {
        let left = world.audience.get(id).await.expect("read").expect("there").addressee;
        assert_eq!((left.address.clone(), left.owner.clone(), left.state.kind()), (None, None, StateKind::Ended));
    }
    assert_eq!(world.state(bo).await, StateKind::Confirmed);
    assert!(matches!(world.people.page(&link).await, Err(Error::Unknown)));
    let digest = world.people.keys().digest_of(&EmailAddress::parse("an@x.nl").expect("an address"));
    let page = storage::audience::EvidencePage { offset: 0, limit: 10 };
    assert_eq!(world.audience.evidence(digest, page).await.expect("read").len(), 1);
    assert!(!world.is_in_files(&address.ciphertext) && world.is_in_files(&others.ciphertext));
}

#[tokio::test]
async fn ch_135_an_owner_erases_its_own_and_an_administrator_everything_of_the_address() {
    let world = world();
    let weg = world.confirmed("an@x.nl", "weg").await;
    let raad = world.confirmed("an@x.nl", "raad").await;
    let open = world.subscribed("bo@x.nl", "weg").await;
    let address = world.audience.get(weg).await.expect("read").expect("there").addressee.address.expect("an address");
    let other = Actor::applicatie("ander", [Scope::Consumeren]);
    assert!(matches!(world.people.erase(&other, weg).await, Err(Error::Unknown)));
    assert!(matches!(world.people.erase(&portal(), open).await, Err(Error::Unknown)));
    world.people.erase(&portal(), weg).await.expect("erased");
    assert!(!world.is_in_files(&address.ciphertext));
    assert!(matches!(world.people.one(&portal(), weg).await, Err(Error::Unknown)));
    assert_eq!(world.state(raad).await, StateKind::Confirmed);
    world.people.erase(&beheer(), raad).await.expect("erased");
    assert_eq!(world.state(raad).await, StateKind::Ended);
    world.people.erase(&beheer(), open).await.expect("erased");
    assert!(world.outbox().await.iter().all(|due| due.addressee != open));
}

#[tokio::test]
async fn ch_59_a_client_lists_its_own_in_pages_and_an_administrator_all() {
    let world = world();
    let other = Actor::applicatie("ander", [Scope::Consumeren]);
    let mut expected = Vec::new();
    for number in 0..7 {
        let kanaal = if number % 2 == 0 { "raad" } else { "weg" };
        expected.push(world.confirmed(&format!("p{number}@x.nl"), kanaal).await);
        world.people.subscribe(&other, wish(&format!("q{number}@x.nl"), kanaal), "o").await.expect("subscribed");
    }
    let (mut found, mut cursor, mut pages) = (Vec::new(), None, 0);
    loop {
        let wanted = Wanted { cursor: cursor.take(), size: 2, ..Wanted::default() };
        let listed = world.people.list(&portal(), &wanted).await.expect("listed");
        assert!(listed.rows.len() <= 2);
        assert!(listed.rows.iter().all(|row| row.address.as_deref() == Some("p…@x…")));
        found.extend(listed.rows.into_iter().map(|row| row.id));
        pages += 1;
        match listed.next {
            Some(next) => cursor = Some(next),
            None => break,
        }
    }
    found.sort();
    expected.sort();
    assert_eq!((found, pages), (expected, 4));
    let list = async |actor: Actor, wanted: Wanted| {
        world.people.list(&actor, &Wanted { size: 500, ..wanted }).await.expect("listed").rows.len()
    };
    assert_eq!(list(other, Wanted::default()).await, 0, "an unconfirmed one does not exist for its owner");
    assert_eq!(list(beheer(), Wanted::default()).await, 14);
    let kanaal = Wanted { kanaal: Some("weg".to_owned()), ..Wanted::default() };
    assert_eq!(list(portal(), kanaal).await, 3);
    let unconfirmed = Wanted { state: Some(StateKind::Unconfirmed), ..Wanted::default() };
    assert_eq!(list(beheer(), unconfirmed.clone()).await, 7);
    assert_eq!(list(beheer(), Wanted { owner: Some("portaal".to_owned()), ..unconfirmed }).await, 0);
    let forged = Wanted { cursor: Some("AAAA~AAAA".to_owned()), size: 2, ..Wanted::default() };
    assert!(matches!(world.people.list(&portal(), &forged).await, Err(Error::Unknown)));
}
