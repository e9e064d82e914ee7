//! Walks over the addressees of a kanaal.

use model::addressee::{Addressee, Channel, FilterText, StateKind};

use super::{
    AudienceHarness, reopen,
    sample::{addressee, change, digest, ended, id, put_new, unconfirmed, walk, whole},
};
use crate::{audience::Walk, suite::sample::name};

/// In the order of digests, in chunks as large as asked, each addressee once, none of another kanaal or channel (I11).
pub async fn a_walk_meets_everybody_once_in_the_order_of_digests(harness: &mut dyn AudienceHarness) {
    let audience = harness.open().await;
    let mine = (0..500).map(|number| addressee(number, "weg"));
    let others = (500..600).map(|number| addressee(number, "afval"));
    let by_sms = (600..700).map(|number| Addressee { channel: Channel::Sms, ..addressee(number, "weg") });
    put_new(&*audience, mine.chain(others).chain(by_sms)).await;
    let audience = reopen(harness, audience).await;
    let mut expected: Vec<_> = (0..500).map(|number| (digest(number), id(number))).collect();
    expected.sort();
    for limit in [1, 7, 499, 500, 501, 10_000] {
        let (found, sizes) = walk(&*audience, whole(&name("weg"), limit)).await;
        let found: Vec<_> = found.iter().map(|stored| (stored.addressee.digest, stored.addressee.id)).collect();
        assert_eq!(found, expected, "by {limit}");
        assert!(sizes.iter().all(|size| *size <= limit as usize), "{sizes:?}");
    }
    let (found, _) = walk(&*audience, whole(&name("onbekend"), 10)).await;
    assert_eq!(found, []);
    harness.close(audience).await;
}

/// State and filter select; those without a filter are asked for as such (CH-74).
pub async fn a_walk_selects_by_state_and_filter(harness: &mut dyn AudienceHarness) {
    let audience = harness.open().await;
    let mut filters = Vec::new();
    for text in ["a", "b"] {
        filters.push(audience.filter_id(FilterText::new(text.into()).expect("a text")).await.expect("an id"));
    }
    let (a, b) = (Some(filters[0]), Some(filters[1]));
    let with = |addressee: Addressee, filter| Addressee { filter, ..addressee };
    put_new(
        &*audience,
        [
            addressee(1, "weg"),
            with(addressee(2, "weg"), a),
            with(addressee(3, "weg"), b),
            with(unconfirmed(4, "weg", 5), a),
            with(ended(5, "weg", 5), b),
            ended(6, "weg", 5),
        ],
    )
    .await;
    let confirmed = Some(StateKind::Confirmed);
    for (state, filters, expected) in [
        (None, None, vec![1, 2, 3, 4, 5, 6]),
        (confirmed, None, vec![1, 2, 3]),
        (confirmed, Some(vec![a]), vec![2]),
        (confirmed, Some(vec![None, b]), vec![1, 3]),
        (confirmed, Some(vec![]), vec![]),
        (Some(StateKind::Ended), Some(vec![None, a, b]), vec![5, 6]),
        (None, Some(vec![a]), vec![2, 4]),
    ] {
        let (found, _) = walk(&*audience, Walk { state, filters: filters.clone(), ..whole(&name("weg"), 2) }).await;
        let mut found: Vec<_> = found.iter().map(|stored| stored.addressee.id).collect();
        found.sort();
        let mut expected: Vec<_> = expected.into_iter().map(id).collect();
        expected.sort();
        assert_eq!(found, expected, "{state:?} {filters:?}");
    }
    harness.close(audience).await;
}

/// So that a cursor is one digest, and whoever has several is met at one moment.
pub async fn chunks_never_divide_an_address(harness: &mut dyn AudienceHarness) {
    let audience = harness.open().await;
    let groups = (0..60_u128).map(|number| Addressee { digest: digest(number / 3), ..addressee(number, "weg") });
    put_new(&*audience, groups).await;
    for limit in [1, 2, 4, 10] {
        let (found, sizes) = walk(&*audience, whole(&name("weg"), limit)).await;
        assert_eq!(found.len(), 60);
        assert!(sizes.iter().all(|size| size.is_multiple_of(3) && *size <= limit as usize + 2), "{sizes:?}");
        assert!(found.is_sorted_by_key(|stored| (stored.addressee.digest, stored.addressee.id)));
    }
    harness.close(audience).await;
}

/// Others that come, change and end meanwhile keep nobody from being met once (CH-90, CH-91).
pub async fn a_walk_meets_who_stays_while_others_change(harness: &mut dyn AudienceHarness) {
    let audience = harness.open().await;
    put_new(&*audience, (0..200).map(|number| addressee(number, "weg"))).await;
    let (mut next, mut met, mut round) = (None, Vec::new(), 0_u128);
    loop {
        let chunk = audience.walk(Walk { after: next, ..whole(&name("weg"), 10) }).await.expect("a chunk");
        met.extend(chunk.addressees.into_iter().map(|stored| stored.addressee.id));
        next = chunk.next;
        if next.is_none() {
            break;
        }
        put_new(&*audience, (0..5).map(|number| addressee(1_000 + round * 5 + number, "weg"))).await;
        audience.erase(digest(round * 2 + 1), super::sample::at(9)).await.expect("erased");
        change(&*audience, round * 2 + 1, |addressee| addressee.generation += 1).await.expect("stored");
        round += 1;
    }
    let stayed = (0..200).filter(|number| number % 2 == 0).map(id);
    for id in stayed {
        assert_eq!(met.iter().filter(|met| **met == id).count(), 1);
    }
    let count = met.len();
    met.sort();
    met.dedup();
    assert_eq!(met.len(), count);
    harness.close(audience).await;
}
