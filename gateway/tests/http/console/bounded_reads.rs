//! What list pages read of the journal does not grow with what it holds. Counted are steps of the queries, so the speed of the
//! machine does not matter.

use model::{
    Actor, KanaalName, Partition, Position, Role, SubscriptionId, Timestamp,
    audit::{Action, Entry as Line, Object, ObjectKind, Source, Verdict},
    outcome::{Attempt, AttemptResult, DeliveryKey, Outcome},
};
use serde_json::json;
use storage::journal::{DeadLetter, Entry, EventRow};
use uuid::Uuid;

use super::{
    Browser,
    portal::{gateway_with_portal, subscriber},
    subscriptions::gateway_with_subscription,
};
use crate::support::{CONSUMER, Gateway, PUBLISHER, eventually};

/// More than what a page looks at, which is 5,000 dead letters; three in four are of one subscription.
const SOME: u64 = 8_000;
const MANY: u64 = 24_000;

/// What pages may read more when there is three times as much: indexes have more levels, and steps are counted in hundreds.
const SLACK: u64 = 4_000;

/// Events with a failed delivery and a dead letter each, of a subscription and of one that is not there any more.
async fn fill(gateway: &Gateway, subscription: SubscriptionId, numbers: std::ops::Range<u64>) {
    let journal = &gateway.management().journal;
    let now = gateway.now();
    for start in numbers.clone().step_by(1_000) {
        let (mut letters, mut entries) = (Vec::new(), Vec::new());
        for number in start..numbers.end.min(start + 1_000) {
            let of = if number.is_multiple_of(4) { SubscriptionId(Uuid::from_u128(7)) } else { subscription };
            let kanaal = KanaalName::new("zaken").expect("a name");
            let delivery = DeliveryKey {
                subscription: of,
                kanaal: kanaal.clone(),
                partition: Partition(0),
                position: Position(number),
                run: None,
            };
            let at = now + std::time::Duration::from_millis(number);
            entries.push(Entry::Event(EventRow {
                kanaal,
                partition: Partition(0),
                position: Position(number),
                id: number.to_string(),
                source: "urn:test".to_owned(),
                kind: "some.type".to_owned(),
                subject: None,
                appended: at,
            }));
            let last = Attempt {
                at,
                duration_micros: 5,
                result: AttemptResult::Code(500),
                excerpt: "".into(),
                fsc_transaction: None,
                retry_after_seconds: None,
            };
            let (outcome, last) = (Outcome::RetriesExhausted, Some(last));
            entries.push(Entry::Settled { delivery: delivery.clone(), outcome, attempts: 1, last, at });
            letters.push(DeadLetter {
                id: Uuid::from_u128(u128::from(number) + 1),
                delivery,
                event_id: number.to_string(),
                event_source: "urn:test".to_owned(),
                event_kind: "some.type".to_owned(),
                record: storage::log::Record::default(),
                outcome: Outcome::RetriesExhausted,
                reason: "the sink answered 500".to_owned(),
                last_code: Some(500),
                attempts: 1,
                at,
            });
        }
        journal.store_dead_letters(letters).await.expect("stored");
        journal.record(entries);
        journal.flush().await.expect("searchable");
    }
}

/// So many lines of the audit trail, all by the gateway.
async fn fill_trail(gateway: &Gateway, number: u64) {
    let what = || (Action::KanaalChange, Object::new(ObjectKind::Kanaal, "zaken"));
    let line = || Line::new(gateway.now(), Source::new(&Actor::gateway(), "node"), what(), Verdict::Accepted);
    for start in (0..number).step_by(1_000) {
        let lines = (start..number.min(start + 1_000)).map(|_| line()).collect();
        gateway.management().trail.append(lines).await.expect("stored");
    }
}

/// The steps that a page took, the least of three requests: other tasks read now and then.
async fn steps(gateway: &Gateway, browser: &Browser, path: &str) -> u64 {
    let mut least = u64::MAX;
    for _ in 0..3 {
        let before = gateway.management().journal.read_steps();
        browser.get(path).await.expect(200);
        least = least.min(gateway.management().journal.read_steps() - before);
    }
    least
}

/// Fills the journal and the trail, and fills them again: the pages must not read more then. `lines` is whether the trail is filled.
async fn expect_bounded(
    gateway: &Gateway,
    browser: &Browser,
    (subscription, lines): (SubscriptionId, bool),
    paths: &[String],
) {
    fill(gateway, subscription, 0..SOME).await;
    fill_trail(gateway, if lines { SOME } else { 0 }).await;
    let mut few = Vec::new();
    for path in paths {
        few.push(steps(gateway, browser, path).await);
    }
    fill(gateway, subscription, SOME..MANY).await;
    fill_trail(gateway, if lines { MANY - SOME } else { 0 }).await;
    let mut grown = Vec::new();
    for (path, few) in paths.iter().zip(few) {
        let many = steps(gateway, browser, path).await;
        println!("{path}: {few} steps, then {many}");
        if many > few + few / 10 + SLACK {
            grown.push(format!("{path}: {few} steps, then {many}"));
        }
    }
    assert!(grown.is_empty(), "{grown:#?}");
}

#[tokio::test]
async fn pages_of_the_portal_read_no_more_when_there_are_more_dead_letters_events_and_deliveries() {
    let (gateway, _sink, id) = gateway_with_portal().await;
    let browser = subscriber(&gateway, CONSUMER).await;
    let of = format!("/portaal/abonnementen/{id}");
    let paths = [
        "/portaal".to_owned(),
        "/portaal/abonnementen".to_owned(),
        of.clone(),
        format!("{of}/bezorgingen"),
        "/portaal/herstellen".to_owned(),
        "/portaal/catalogus".to_owned(),
        "/portaal/dead-letters".to_owned(),
        "/portaal/runs".to_owned(),
        "/portaal/logboek".to_owned(),
    ];
    // A person who sees own lines only has to look for them among those of others.
    expect_bounded(&gateway, &browser, (SubscriptionId(id.parse().expect("an id")), false), &paths).await;
    let page = super::text(&browser.get("/portaal").await.expect(200));
    assert!(page.contains("ten minste 1.000 bezorgingen mislukten"), "{page}");
}

#[tokio::test]
async fn pages_read_no_more_when_there_are_more_dead_letters_events_and_deliveries() {
    let (gateway, _sink, id) = gateway_with_subscription().await;
    let subscription = SubscriptionId(id.parse().expect("an id"));
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    let of = format!("/beheer/abonnementen/{id}");
    let paths = [
        "/beheer".to_owned(),
        "/beheer/abonnementen".to_owned(),
        "/beheer/abonnementen?sorteer=gelukt".to_owned(),
        "/beheer/abonnementen?sorteer=-mislukt".to_owned(),
        "/beheer/abonnementen?toestand=granted".to_owned(),
        of.clone(),
        format!("{of}/bezorgingen"),
        format!("{of}/bezorgingen?uitkomst=refused"),
        format!("{of}/bezorgingen?uitkomst=dead-lettered&pagina=20"),
        "/beheer/kanalen".to_owned(),
        "/beheer/kanalen/zaken".to_owned(),
        "/beheer/kanalen/zaken/cijfers".to_owned(),
        "/beheer/goedkeuringen".to_owned(),
        "/beheer/typen".to_owned(),
        "/beheer/applicaties".to_owned(),
        "/beheer/configuratie".to_owned(),
        "/beheer/dead-letters".to_owned(),
        "/beheer/dead-letters?pagina=50".to_owned(),
        format!("/beheer/dead-letters?abonnement={id}"),
        "/beheer/dead-letters?kanaal=zaken".to_owned(),
        "/beheer/dead-letters?kanaal=besluiten".to_owned(),
        "/beheer/dead-letters?status=418".to_owned(),
        "/beheer/dead-letters?van=2000-01-01".to_owned(),
        "/beheer/dead-letters?type=another.type".to_owned(),
        "/beheer/events".to_owned(),
        "/beheer/events?pagina=50".to_owned(),
        "/beheer/events?kanaal=zaken".to_owned(),
        "/beheer/zoek?q=nergens".to_owned(),
        "/beheer/systeem".to_owned(),
        "/beheer/runs".to_owned(),
        "/beheer/live".to_owned(),
        "/beheer/logboek".to_owned(),
        "/beheer/logboek?pagina=20".to_owned(),
        "/beheer/sessies".to_owned(),
    ];
    expect_bounded(&gateway, &browser, (subscription, true), &paths).await;
    // A count of steps notices what reads everything.
    let before = gateway.management().journal.read_steps();
    let query = storage::journal::DeadLetterQuery { code: Some(418), ..Default::default() };
    gateway.management().journal.count_dead_letters(query).await.expect("a count");
    assert!(gateway.management().journal.read_steps() - before > 2 * MANY);
}

#[tokio::test]
async fn the_newest_dead_letters_are_listed_and_the_page_says_that_there_are_more() {
    let (gateway, _sink, id) = gateway_with_subscription().await;
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    fill(&gateway, SubscriptionId(id.parse().expect("an id")), 0..6_000).await;
    let page = async |query: &str| super::text(&browser.get(&format!("/beheer/dead-letters{query}")).await.expect(200));
    let all = page("").await;
    assert!(all.contains("5.000 dead letters") && all.contains("Er zijn meer dead letters"), "{all}");
    // 4,500 are of the subscription: all of them.
    let own = page(&format!("?abonnement={id}")).await;
    assert!(own.contains("4.500 dead letters") && !own.contains("Er zijn meer dead letters"), "{own}");
    assert!(page("?pagina=100").await.contains("Toon deze groep"));
}

#[tokio::test]
async fn a_list_of_events_goes_on_behind_many_that_the_person_may_not_see() {
    let (gateway, _sink, _id) = gateway_with_portal().await;
    let browser = subscriber(&gateway, CONSUMER).await;
    gateway.client(PUBLISHER).publish("zaken", "van-mij", json!({"type": "a.b"})).await.expect(202);
    let list = || async { super::text(&browser.get("/portaal/events").await.expect(200)) };
    eventually("the event in the index", || async { list().await.contains(">van-mij</a>").then_some(()) }).await;
    // Newer ones of a kanaal without a subscription of this person; many have the same moment.
    let journal = &gateway.management().journal;
    let newer = gateway.now() + std::time::Duration::from_secs(1);
    for start in (0..20_400).step_by(1_000) {
        journal.record((start..20_400.min(start + 1_000)).map(|number| Entry::Event(foreign(number, newer))).collect());
        journal.flush().await.expect("searchable");
    }
    let first = list().await;
    assert!(first.contains("Er zijn nog oudere events") && !first.contains(">van-mij</a>"), "{first}");
    assert!(!first.contains("Er zijn nog geen events"), "{first}");
    let (_, rest) = first.split_once("href=\"/portaal/events?verder=").expect("a link to older events");
    let link = rest.split('"').next().unwrap_or_default();
    let second = super::text(&browser.get(&format!("/portaal/events?verder={link}")).await.expect(200));
    assert!(second.contains(">van-mij</a>") && second.contains("Terug naar de nieuwste events"), "{second}");
    assert!(!second.contains("Zoek verder"), "{second}");
    // What is no place in the list is its beginning.
    for wrong in ["x", "1", "1-x", "-1-9", "1-1000001"] {
        let page = super::text(&browser.get(&format!("/portaal/events?verder={wrong}")).await.expect(200));
        assert!(page.contains("Zoek verder"), "{wrong}: {page}");
    }
    // The API does not go on by itself.
    gateway.client(CONSUMER).get("/v1/events").await.expect(400);
}

/// An event of a kanaal that nobody has a subscription to; three in four of the first thousands have the same moment.
fn foreign(number: u64, newer: Timestamp) -> EventRow {
    let at = if number.is_multiple_of(4) { number } else { 0 };
    EventRow {
        kanaal: KanaalName::new("anders").expect("a name"),
        partition: Partition(0),
        position: Position(number),
        id: format!("vreemd-{number}"),
        source: "urn:test".to_owned(),
        kind: "some.type".to_owned(),
        subject: None,
        appended: newer + std::time::Duration::from_millis(at),
    }
}
