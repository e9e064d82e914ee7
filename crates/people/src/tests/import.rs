//! Subscriptions that come confirmed from elsewhere, and their links of before.

use message::address::Region;
use model::addressee::{Attributes, Basis, State};

use super::*;
use crate::{ImportLine, Imported, OldAct, OldLink};

const CONSENT: Timestamp = Timestamp::from_seconds(1_600_000_000);

fn line(sink: &str, kanaal: &str, old: &str) -> ImportLine {
    ImportLine {
        address: Address::parse_sink(sink, Region::Netherlands).expect("an address"),
        kanaal: KanaalName::new(kanaal).expect("a name"),
        filter: None,
        attributes: Attributes::default(),
        language: Language::Dutch,
        confirmed: CONSENT,
        old: OldLink::new(old, "12345"),
    }
}

async fn import(world: &World, lines: &[ImportLine]) -> Vec<Imported> {
    world.people.import(lines.to_vec(), false).await.expect("imported")
}

#[tokio::test]
async fn ch_130_what_is_imported_is_confirmed_since_its_consent_and_again_changes_nothing() {
    let world = world();
    let lines =
        [line("mailto:an@x.nl", "weg", "1"), line("sms:0612345678", "weg", "2"), line("mailto:AN@x.nl", "weg", "3")];
    let planned = world.people.import(lines.to_vec(), true).await.expect("planned");
    assert_eq!(planned, [Imported::Added, Imported::Added, Imported::Present]);
    assert_eq!(world.people.import(lines.to_vec(), true).await.expect("planned"), planned, "a dry run stores nothing");
    assert_eq!(import(&world, &lines).await, planned);
    let digest = world.people.keys().digest_of_address(&lines[0].address);
    let stored = world.audience.of_address(digest).await.expect("read");
    assert_eq!(stored.len(), 1);
    let State::Confirmed { confirmation, .. } = &stored[0].addressee.state else { panic!("it is confirmed") };
    assert_eq!((confirmation.at, &confirmation.by), (CONSENT, &Basis::Import));
    assert!(world.outbox().await.is_empty(), "nothing is sent");
    assert_eq!(import(&world, &lines).await, [Imported::Present; 3]);
    assert_eq!(world.audience.of_address(digest).await.expect("read"), stored);
    assert!(!world.is_in_files(b"an@x.nl"));
}

#[tokio::test]
async fn ch_130_who_left_here_stays_away_and_who_asked_here_is_confirmed() {
    let world = world();
    let left = world.confirmed("an@x.nl", "weg").await;
    world.people.end(&beheer(), left).await.expect("ended");
    let asked = world.subscribed("bo@x.nl", "weg").await;
    let lines =
        [line("mailto:an@x.nl", "weg", "1"), line("mailto:bo@x.nl", "weg", "2"), line("mailto:an@x.nl", "raad", "3")];
    assert_eq!(import(&world, &lines).await, [Imported::Ended, Imported::Confirmed, Imported::Added]);
    assert_eq!(world.state(left).await, StateKind::Ended);
    assert_eq!(world.state(asked).await, StateKind::Confirmed);
    // Erased is erased.
    world.people.erase(&beheer(), left).await.expect("erased");
    assert_eq!(import(&world, &lines[2..]).await, [Imported::Ended]);
}

#[tokio::test]
async fn ch_131_a_link_of_before_opens_the_page_to_leave_and_then_to_undo() {
    let world = world();
    import(&world, &[line("mailto:an@x.nl", "weg", "5f")]).await;
    let link = OldLink::new("5f", "12345").expect("a link");
    assert_eq!(format!("{link:?}"), "OldLink(…)");
    for wrong in [("5f", "12346"), ("5e", "12345"), ("5f1", "2345")] {
        let wrong = OldLink::new(wrong.0, wrong.1).expect("a link");
        let found = world.people.page_of_old_link(&wrong, OldAct::Leave).await;
        assert!(matches!(found, Err(Error::Unknown)), "{found:?}");
    }
    assert!(OldLink::new("", "1").is_none() && OldLink::new("1", &"1".repeat(201)).is_none());
    let undo = world.people.page_of_old_link(&link, OldAct::Undo).await;
    assert!(matches!(undo, Err(Error::Unknown)), "there is nothing to undo: {undo:?}");
    let url = world.people.page_of_old_link(&link, OldAct::Leave).await.expect("a page");
    let page = world.link(&url);
    assert!(matches!(world.people.page(&page).await, Ok(Page::ToLeave { .. })), "opening it changes nothing");
    assert!(world.people.act(&page, Act::Leave).await.expect("left"));
    let url = world.people.page_of_old_link(&link, OldAct::Undo).await.expect("a page");
    assert!(world.people.act(&world.link(&url), Act::Undo).await.expect("undone"));
    assert!(world.people.links().parse("x").is_none() && world.people.void_page().ends_with("/a/x"));
}
