//! Which items are due, and what is remembered of them. Nothing is fetched or published here.

use std::time::Duration;

use model::KanaalName;

use super::*;
use crate::{item::Field, schedule::Schedule, settings::Key};

fn feed() -> Feed {
    Feed {
        name: "nieuws".to_owned(),
        url: "https://a.example/rss".parse().unwrap(),
        kanaal: KanaalName::new("nieuws").unwrap(),
        kind: "nl.x".to_owned(),
        source: "urn:x".to_owned(),
        publisher: "feed".to_owned(),
        schedule: Schedule::Every(Duration::from_mins(1)),
        key: Key::Guid,
        compare: vec![Field::Published],
        include_updated: false,
        forget_after: 1,
        publish_first: true,
        max_items: 10,
        max_bytes: 1_000,
        timeout: Duration::from_secs(1),
    }
}

fn item(guid: &str, published: &str) -> Item {
    Item { guid: Some(guid.to_owned()), published: Some(published.to_owned()), ..Item::default() }
}

/// The items of a poll that are due, as numbers of the feed; and what counts as seen when all were published.
fn poll(
    feed: &Feed,
    seen: Option<&BTreeMap<ItemDigest, Seen>>,
    items: &[Item],
) -> (Vec<usize>, BTreeMap<ItemDigest, Seen>) {
    let Comparison { due, mut seen, .. } = compare(feed, seen, items);
    seen.extend(due.iter().map(|due| (due.key, due.seen)));
    (due.into_iter().map(|due| due.index).collect(), seen)
}

#[test]
fn known_items_give_nothing_and_new_ones_go_oldest_first_ch_103_ch_104() {
    let feed = feed();
    let (due, seen) = poll(&feed, None, &[item("c", "3"), item("b", "2"), item("a", "1")]);
    assert_eq!(due, [2, 1, 0]);
    let (due, seen) = poll(&feed, Some(&seen), &[item("d", "4"), item("c", "3"), item("b", "2"), item("d", "5")]);
    assert_eq!(due, [0], "of two items with one key the first counts");
    assert_eq!(seen.len(), 3, "a is forgotten");
}

#[test]
fn the_items_of_the_first_poll_may_only_count_as_seen() {
    let feed = Feed { publish_first: false, ..feed() };
    let (due, seen) = poll(&feed, None, &[item("a", "1")]);
    assert_eq!((due.len(), seen.len()), (0, 1));
    let (due, _) = poll(&feed, Some(&seen), &[item("b", "2"), item("a", "1")]);
    assert_eq!(due, [0]);
    let (due, _) = poll(&feed, Some(&BTreeMap::new()), &[item("a", "1")]);
    assert_eq!(due, [0], "a feed that was empty has been read");
}

#[test]
fn changed_items_are_due_only_when_asked_for_and_by_the_fields_listed_ch_104() {
    let titled = |title: &str, published: &str| Item { title: Some(title.to_owned()), ..item("a", published) };
    for (include_updated, compared, change, expected) in [
        (false, vec![Field::Published], titled("A", "2"), 0),
        (true, vec![Field::Published], titled("A", "2"), 1),
        (true, vec![Field::Published], titled("B", "1"), 0),
        (true, vec![Field::Published, Field::Title], titled("B", "1"), 1),
        (true, vec![], titled("B", "2"), 0),
    ] {
        let feed = Feed { include_updated, compare: compared, ..feed() };
        let (_, seen) = poll(&feed, None, &[titled("A", "1")]);
        let (due, seen) = poll(&feed, Some(&seen), std::slice::from_ref(&change));
        assert_eq!(due.len(), expected, "{include_updated} {:?} {change:?}", feed.compare);
        assert_eq!(poll(&feed, Some(&seen), &[change]).0.len(), 0, "once");
    }
}

#[test]
fn a_changed_item_that_is_not_published_stays_known_and_due_ch_105() {
    let feed = Feed { include_updated: true, ..feed() };
    let (_, seen) = poll(&feed, None, &[item("a", "1")]);
    let before = compare(&feed, Some(&seen), &[item("a", "2")]);
    assert_eq!((before.due.len(), &before.seen), (1, &seen));
    let again = compare(&feed, Some(&before.seen), &[item("a", "2")]);
    assert_eq!(again.due, before.due);
}

#[test]
fn an_item_is_forgotten_after_some_polls_without_it_ch_104() {
    for (forget_after, absent, expected) in [(1, 0, 0), (1, 1, 1), (3, 2, 0), (3, 3, 1)] {
        let feed = Feed { forget_after, ..feed() };
        let (_, mut seen) = poll(&feed, None, &[item("a", "1")]);
        for _ in 0..absent {
            seen = poll(&feed, Some(&seen), &[]).1;
        }
        let (due, seen) = poll(&feed, Some(&seen), &[item("a", "1")]);
        assert_eq!(due.len(), expected, "{forget_after} {absent}");
        assert!(seen.values().all(|seen| seen.missed == 0));
    }
}

#[test]
fn ids_follow_from_key_and_compared_fields_ch_105() {
    let id = |feed: &Feed, item: &Item| {
        let due = compare(feed, None, std::slice::from_ref(item)).due.remove(0);
        event_id(feed, &due.key, &due.seen)
    };
    let feed = feed();
    let first = id(&feed, &item("a", "1"));
    assert_eq!(first, id(&feed, &Item { title: Some("other".to_owned()), ..item("a", "1") }));
    let others = [id(&feed, &item("a", "2")), id(&feed, &item("b", "1")), id(&feed, &item("a1", ""))];
    assert!(others.iter().all(|other| *other != first), "{first} {others:?}");
    assert_eq!(first.len(), "nieuws:".len() + 32);
    assert!(id(&Feed { name: "b".to_owned(), ..feed }, &item("a", "1")).starts_with("b:"));
}

#[test]
fn the_key_of_an_item_is_its_guid_or_link_ch_103() {
    let linked = Item { link: Some("https://a.example/1".to_owned()), ..Item::default() };
    let titled = Item { title: Some("A".to_owned()), ..Item::default() };
    for (key, item, has_key) in [
        (Key::Guid, &linked, true),
        (Key::Guid, &titled, false),
        (Key::Link, &linked, true),
        (Key::Link, &item("a", "1"), false),
        (Key::Title, &titled, true),
    ] {
        let comparison = compare(&Feed { key, ..feed() }, None, std::slice::from_ref(item));
        assert_eq!((comparison.due.len() == 1, comparison.without_key == 0), (has_key, has_key), "{key:?}");
    }
}
