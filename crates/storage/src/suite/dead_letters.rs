//! Cases of the port Journal about dead letters.

use model::{Mark, outcome::DeliveryKey, run::RunId};
use uuid::Uuid;

use super::{
    Harness, reopen,
    sample::{PAGE, dead_letter, delivery, id, name, second},
};
use crate::{
    journal::{DeadLetter, DeadLetterQuery, DeadLetterSum, Page},
    log::Record,
};

/// A dead letter is returned complete, without a flush, and after reopening.
pub async fn dead_letters_are_kept_whole(harness: &mut dyn Harness) {
    let mut store = harness.open().await;
    let run = DeliveryKey { run: Some(RunId(Uuid::from_u128(9))), ..delivery(1, 2) };
    let letters = vec![dead_letter(1, 1, 1), DeadLetter { delivery: run, ..dead_letter(2, 1, 2) }];
    store.journal.store_dead_letters(letters.clone()).await.expect("stored");
    for _ in 0..2 {
        let found = store.journal.dead_letters(DeadLetterQuery::default(), PAGE).await.expect("dead letters");
        assert_eq!(found, letters.iter().rev().cloned().collect::<Vec<_>>());
        let query = DeadLetterQuery { without_records: true, ..DeadLetterQuery::default() };
        let found = store.journal.dead_letters(query, PAGE).await.expect("dead letters");
        let listed = letters.iter().rev().map(|letter| DeadLetter { record: Record::default(), ..letter.clone() });
        assert_eq!(found, listed.collect::<Vec<_>>(), "c1: lists hold no records");
        store = reopen(harness, store).await;
    }
    harness.close(store).await;
}

/// Only the first dead letter of a delivery is kept; a delivery in a run is another delivery.
pub async fn a_dead_letter_is_stored_once(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let run = |number| DeliveryKey { run: Some(RunId(Uuid::from_u128(number))), ..delivery(1, 1) };
    for letters in [
        vec![dead_letter(1, 1, 1), dead_letter(2, 1, 1)],
        vec![dead_letter(3, 1, 1)],
        vec![DeadLetter { delivery: run(1), ..dead_letter(4, 1, 1) }],
        vec![
            DeadLetter { delivery: run(1), ..dead_letter(5, 1, 1) },
            DeadLetter { delivery: run(2), ..dead_letter(6, 1, 1) },
        ],
    ] {
        store.journal.store_dead_letters(letters).await.expect("stored");
    }
    let found = store.journal.dead_letters(DeadLetterQuery::default(), PAGE).await.expect("dead letters");
    let mut ids: Vec<u128> = found.iter().map(|letter| letter.id.as_u128()).collect();
    ids.sort_unstable();
    assert_eq!(ids, [1, 4, 6]);
    harness.close(store).await;
}

/// Each member of the query selects; the count agrees with the list; removal returns the number of existing ones.
pub async fn dead_letters_are_found_counted_and_removed(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let letters: Vec<DeadLetter> =
        (0..10).map(|at| dead_letter(100 + u128::from(at), u128::from(at % 3), at)).collect();
    store.journal.store_dead_letters(letters).await.expect("stored");
    let any = DeadLetterQuery::default;
    for (query, wanted) in [
        (any(), vec![9, 8, 7, 6, 5, 4, 3, 2, 1, 0]),
        (DeadLetterQuery { ids: vec![Uuid::from_u128(103), Uuid::from_u128(7)], ..any() }, vec![3]),
        (DeadLetterQuery { subscription: Some(id(2)), ..any() }, vec![8, 5, 2]),
        (DeadLetterQuery { kanaal: Some(name("zaken")), code: Some(500), ..any() }, vec![8, 6, 4, 2, 0]),
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
    for (query, sizes, is_complete, newest) in [
        (any(), vec![2, 2, 2, 2, 1, 1], true, 9),
        (DeadLetterQuery { subscription: Some(id(2)), ..any() }, vec![2, 1], true, 8),
        (DeadLetterQuery { newest: Some(10), ..any() }, vec![2, 2, 2, 2, 1, 1], true, 9),
    ] {
        let found = store.journal.dead_letter_groups(query.clone()).await.expect("groups");
        let mut counts: Vec<u64> = found.groups.iter().map(|group| group.count).collect();
        counts.sort_unstable_by(|one, other| other.cmp(one));
        assert_eq!((counts, found.is_complete), (sizes, is_complete), "{query:?}");
        assert_eq!(found.groups.iter().map(|group| group.newest).max(), Some(second(newest)));
    }
    let page = store.journal.dead_letters(any(), Page { offset: 3, limit: 2 }).await.expect("dead letters");
    assert_eq!(page.iter().map(|letter| letter.delivery.position.0).collect::<Vec<_>>(), [6, 5]);
    let ids = [101, 102, 999].map(Uuid::from_u128).to_vec();
    assert_eq!(store.journal.remove_dead_letters(ids).await.expect("removed"), 2);
    assert_eq!(store.journal.count_dead_letters(any()).await.expect("a count"), 8);
    harness.close(store).await;
}

fn in_run(number: u128, key: DeliveryKey) -> DeliveryKey {
    DeliveryKey { run: Some(RunId(Uuid::from_u128(number))), ..key }
}

/// The deliveries of dead letters are listed in pages by key, whatever was added or removed between two pages.
pub async fn h1_deliveries_of_dead_letters_are_paged_by_key(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let mut letters: Vec<DeadLetter> =
        (0..30).map(|at| dead_letter(100 + u128::from(at), u128::from(at % 3), at)).collect();
    letters.push(DeadLetter { delivery: in_run(7, delivery(1, 4)), ..dead_letter(200, 1, 40) });
    store.journal.store_dead_letters(letters).await.expect("stored");
    let any = DeadLetterQuery::default;
    for (query, count) in [
        (any(), 31),
        (DeadLetterQuery { subscription: Some(id(1)), ..any() }, 11),
        (DeadLetterQuery { subscription: Some(id(1)), kanaal: Some(name("zaken")), ..any() }, 11),
        (DeadLetterQuery { kanaal: Some(name("zaken")), from: Some(second(10)), ..any() }, 21),
        (DeadLetterQuery { ids: vec![Uuid::from_u128(103), Uuid::from_u128(105)], ..any() }, 2),
    ] {
        let listed = store.journal.dead_letters(query.clone(), PAGE).await.expect("dead letters");
        let mut expected: Vec<DeliveryKey> = listed.into_iter().map(|letter| letter.delivery).collect();
        expected.sort_by_key(|key| (key.subscription, key.kanaal.to_string(), key.partition, key.position, key.run));
        assert_eq!(expected.len(), count, "{query:?}");
        let mut found: Vec<DeliveryKey> = Vec::new();
        loop {
            let after = found.last().cloned();
            let page = store.journal.dead_letter_deliveries(query.clone(), after, 4).await.expect("a page");
            if page.is_empty() {
                break;
            }
            assert!(page.len() <= 4);
            found.extend(page);
        }
        assert_eq!(found, expected, "{query:?}");
    }
    let query = DeadLetterQuery { subscription: Some(id(1)), ..any() };
    let first = store.journal.dead_letter_deliveries(query.clone(), None, 4).await.expect("a page");
    store.journal.remove_redriven(first.iter().cloned().map(|key| in_run(9, key)).collect()).await.expect("removed");
    let next = store.journal.dead_letter_deliveries(query, first.last().cloned(), 100).await.expect("a page");
    assert!(!next.is_empty() && next.iter().all(|key| !first.contains(key)), "no page is skipped");
    harness.close(store).await;
}

/// What a run redrove is removed, also what earlier runs left of it; what the same run left stays, and so does the rest.
pub async fn h1_what_was_redriven_is_removed_together(harness: &mut dyn Harness) {
    let mut store = harness.open().await;
    let of = |number, delivery, at| DeadLetter { delivery, ..dead_letter(number, 1, at) };
    let letters = vec![
        of(1, delivery(1, 1), 1),
        of(2, in_run(7, delivery(1, 1)), 2),
        of(3, in_run(9, delivery(1, 1)), 3),
        of(4, delivery(1, 2), 4),
        of(5, delivery(2, 1), 5),
    ];
    store.journal.store_dead_letters(letters).await.expect("stored");
    let record = |position| DeadLetterQuery { record: Some(position), ..DeadLetterQuery::default() };
    let place = |key: DeliveryKey| (key.partition, key.position);
    assert_eq!(store.journal.count_dead_letters(record(place(delivery(1, 2)))).await.expect("a count"), 1);
    for removed in [2, 0] {
        let redriven = vec![in_run(9, delivery(1, 1)), in_run(9, delivery(1, 3))];
        assert_eq!(store.journal.remove_redriven(redriven).await.expect("removed"), removed);
        store = reopen(harness, store).await;
    }
    let found = store.journal.dead_letters(DeadLetterQuery::default(), PAGE).await.expect("dead letters");
    assert_eq!(found.iter().map(|letter| letter.id.as_u128()).collect::<Vec<_>>(), [5, 4, 3]);
    harness.close(store).await;
}

/// A purge removes the dead letters before a mark, and leaves those behind it and those of other kanalen.
pub async fn e3_a_purge_removes_dead_letters_of_one_kanaal_before_a_mark(harness: &mut dyn Harness) {
    let mut store = harness.open().await;
    let DeliveryKey { kanaal, partition, position, .. } = delivery(1, 2);
    let other = DeliveryKey { kanaal: name("besluiten"), ..delivery(1, 1) };
    let of = |number, delivery| DeadLetter { delivery, ..dead_letter(number, 1, number as u64) };
    let letters = vec![of(1, delivery(1, 1)), of(2, delivery(2, 1)), of(3, delivery(1, 2)), of(4, other)];
    store.journal.store_dead_letters(letters).await.expect("stored");
    for _ in 0..2 {
        store.journal.purge(&kanaal, &[(partition, Mark(position.0))]).await.expect("purged");
        store = reopen(harness, store).await;
    }
    let found = store.journal.dead_letters(DeadLetterQuery::default(), PAGE).await.expect("dead letters");
    assert_eq!(found.iter().map(|letter| letter.id.as_u128()).collect::<Vec<_>>(), [4, 3]);
    harness.close(store).await;
}

/// The matching dead letters of each subscription are counted, with the size of their records and the oldest moment.
pub async fn dead_letters_are_summed_by_subscription(harness: &mut dyn Harness) {
    let store = harness.open().await;
    let letters: Vec<DeadLetter> =
        (0..10).map(|at| dead_letter(100 + u128::from(at), 1 + u128::from(at % 2), at)).collect();
    store.journal.store_dead_letters(letters).await.expect("stored");
    let sums = async |query| {
        let mut sums = store.journal.sum_dead_letters(query).await.expect("sums");
        sums.sort_by_key(|sum: &DeadLetterSum| sum.subscription);
        sums
    };
    let all = sums(DeadLetterQuery::default()).await;
    let shown = |sum: &DeadLetterSum| (sum.subscription, sum.count, sum.oldest);
    assert_eq!(all.iter().map(shown).collect::<Vec<_>>(), [(id(1), 5, second(0)), (id(2), 5, second(1))]);
    assert!(all.iter().all(|sum| sum.bytes >= 5 * 10 && sum.bytes <= 5 * 1_000), "{all:?}");
    let late = DeadLetterQuery { from: Some(second(7)), subscription: Some(id(2)), ..DeadLetterQuery::default() };
    assert_eq!(sums(late).await.iter().map(shown).collect::<Vec<_>>(), [(id(2), 2, second(7))]);
    let none = DeadLetterQuery { subscription: Some(id(9)), ..DeadLetterQuery::default() };
    assert_eq!(sums(none).await, []);
    harness.close(store).await;
}
