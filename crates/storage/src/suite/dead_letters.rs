//! Cases of the port Journal about dead letters.

use model::{
    outcome::{DeliveryKey, Outcome},
    run::RunId,
};
use uuid::Uuid;

use super::{
    Harness,
    journal::{PAGE, delivery, id, second},
    reopen,
    sample::{name, record},
};
use crate::journal::{DeadLetter, DeadLetterQuery, Page};

pub(super) fn letter(number: u128, subscription: u128, position: u64) -> DeadLetter {
    DeadLetter {
        id: Uuid::from_u128(number),
        delivery: delivery(subscription, position),
        event_id: format!("zaken-{position}"),
        event_source: "urn:nld:source".into(),
        event_kind: format!("type-{}", position % 2),
        record: record("key", "value"),
        outcome: Outcome::DeadLettered,
        reason: "six times 500".into(),
        last_status: position.is_multiple_of(2).then_some(500),
        attempts: 6,
        at: second(position),
    }
}

/// A letter comes back with all it had, without a flush, and after reopening.
pub async fn dead_letters_are_kept_whole(harness: &mut dyn Harness) {
    let mut store = harness.open().await;
    let run = DeliveryKey { run: Some(RunId(Uuid::from_u128(9))), ..delivery(1, 2) };
    let letters = vec![letter(1, 1, 1), DeadLetter { delivery: run, ..letter(2, 1, 2) }];
    store.journal.bury(letters.clone()).await.expect("buried");
    for _ in 0..2 {
        let found = store.journal.dead_letters(DeadLetterQuery::default(), PAGE).await.expect("dead letters");
        assert_eq!(found, letters.iter().rev().cloned().collect::<Vec<_>>());
        store = reopen(harness, store).await;
    }
    harness.close(store).await;
}

/// The first letter of a delivery stays; a delivery in a run is another one.
pub async fn a_delivery_is_buried_once(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let run = |number| DeliveryKey { run: Some(RunId(Uuid::from_u128(number))), ..delivery(1, 1) };
    for letters in [
        vec![letter(1, 1, 1), letter(2, 1, 1)],
        vec![letter(3, 1, 1)],
        vec![DeadLetter { delivery: run(1), ..letter(4, 1, 1) }],
        vec![DeadLetter { delivery: run(1), ..letter(5, 1, 1) }, DeadLetter { delivery: run(2), ..letter(6, 1, 1) }],
    ] {
        store.journal.bury(letters).await.expect("buried");
    }
    let found = store.journal.dead_letters(DeadLetterQuery::default(), PAGE).await.expect("dead letters");
    let mut ids: Vec<u128> = found.iter().map(|letter| letter.id.as_u128()).collect();
    ids.sort_unstable();
    assert_eq!(ids, [1, 4, 6]);
    harness.close(store).await;
}

/// Each member of the query selects; counting agrees with listing; removing says how many there were.
pub async fn dead_letters_are_found_counted_and_removed(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let letters: Vec<DeadLetter> = (0..10).map(|at| letter(100 + u128::from(at), u128::from(at % 3), at)).collect();
    store.journal.bury(letters).await.expect("buried");
    let any = DeadLetterQuery::default;
    for (query, wanted) in [
        (any(), vec![9, 8, 7, 6, 5, 4, 3, 2, 1, 0]),
        (DeadLetterQuery { ids: vec![Uuid::from_u128(103), Uuid::from_u128(7)], ..any() }, vec![3]),
        (DeadLetterQuery { subscription: Some(id(2)), ..any() }, vec![8, 5, 2]),
        (DeadLetterQuery { kanaal: Some(name("zaken")), status: Some(500), ..any() }, vec![8, 6, 4, 2, 0]),
        (DeadLetterQuery { kanaal: Some(name("besluiten")), ..any() }, vec![]),
        (DeadLetterQuery { kind: Some("type-1".into()), from: Some(second(5)), ..any() }, vec![9, 7, 5]),
        (DeadLetterQuery { until: Some(second(2)), ..any() }, vec![1, 0]),
    ] {
        let found = store.journal.dead_letters(query.clone(), PAGE).await.expect("dead letters");
        let found: Vec<u64> = found.iter().map(|letter| letter.delivery.position.0).collect();
        assert_eq!(found, wanted, "{query:?}");
        let count = store.journal.count_dead_letters(query).await.expect("a count");
        assert_eq!(count, wanted.len() as u64);
    }
    let page = store.journal.dead_letters(any(), Page { offset: 3, limit: 2 }).await.expect("dead letters");
    assert_eq!(page.iter().map(|letter| letter.delivery.position.0).collect::<Vec<_>>(), [6, 5]);
    let ids = [101, 102, 999].map(Uuid::from_u128).to_vec();
    assert_eq!(store.journal.remove_dead_letters(ids).await.expect("removed"), 2);
    assert_eq!(store.journal.count_dead_letters(any()).await.expect("a count"), 8);
    harness.close(store).await;
}
