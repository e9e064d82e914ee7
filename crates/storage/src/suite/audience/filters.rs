//! Distinct filters, and counts.

use std::collections::BTreeMap;

use model::addressee::{Addressee, Channel, EndReason, FilterText, State, StateKind};

use super::{
    AudienceHarness, reopen,
    sample::{addressee, at, change, digest, ended, put_new, unconfirmed},
};
use crate::{
    Audience,
    audience::{Error, Purge},
    suite::sample::name,
};

fn text(text: &str) -> FilterText {
    FilterText::new(text.into()).expect("a text")
}

/// The counts of a kanaal, or of all.
async fn counts(audience: &dyn Audience, kanaal: Option<&str>) -> BTreeMap<(String, Channel, StateKind), u64> {
    let kanaal = kanaal.map(name);
    let counts = audience.counts(kanaal.as_ref()).await.expect("counts").into_iter();
    counts.map(|count| ((count.kanaal.to_string(), count.channel, count.state), count.addressees)).collect()
}

/// New ones, changes, erasures and purges are counted (CH-129), also after a restart.
pub async fn counts_follow_every_change(harness: &mut dyn AudienceHarness) {
    use StateKind::{Confirmed, Ended, Unconfirmed};
    let audience = harness.open().await;
    assert!(counts(&*audience, None).await.is_empty());
    put_new(&*audience, (0..10).map(|number| addressee(number, "weg"))).await;
    put_new(&*audience, (10..15).map(|number| unconfirmed(number, "weg", 5))).await;
    put_new(&*audience, [addressee(20, "afval"), Addressee { channel: Channel::Sms, ..ended(21, "afval", 9) }]).await;
    change(&*audience, 12, |confirmed| confirmed.state = addressee(12, "weg").state).await.expect("stored");
    audience.erase(digest(3), at(50)).await.expect("erased");
    let audience = reopen(harness, audience).await;
    let of = |kanaal: &str, channel, state| (kanaal.to_owned(), channel, state);
    let weg = [
        (of("weg", Channel::Email, Confirmed), 10),
        (of("weg", Channel::Email, Unconfirmed), 4),
        (of("weg", Channel::Email, Ended), 1),
    ];
    let afval = [(of("afval", Channel::Email, Confirmed), 1), (of("afval", Channel::Sms, Ended), 1)];
    assert_eq!(counts(&*audience, None).await, weg.iter().cloned().chain(afval).collect());
    assert_eq!(counts(&*audience, Some("weg")).await, weg.into_iter().collect());
    assert!(counts(&*audience, Some("onbekend")).await.is_empty());
    audience.purge(Purge::Unconfirmed { before: at(1_000) }, 100).await.expect("purged");
    audience.purge(Purge::Ended { before: at(1_000) }, 100).await.expect("purged");
    assert_eq!(counts(&*audience, None).await.into_values().collect::<Vec<_>>(), [1, 10]);
    harness.close(audience).await;
}

/// Equal texts have one number, which lasts while the filter is used and is not used for another text afterwards.
pub async fn filters_keep_their_numbers(harness: &mut dyn AudienceHarness) {
    let audience = harness.open().await;
    let used = audience.filter_id(text("a == 'x'")).await.expect("an id");
    let unused = audience.filter_id(text("b == 'y'")).await.expect("an id");
    assert_ne!(used, unused);
    put_new(&*audience, [Addressee { filter: Some(used), ..addressee(1, "weg") }]).await;
    let audience = reopen(harness, audience).await;
    assert_eq!(audience.filter_id(text("a == 'x'")).await.expect("an id"), used);
    audience.purge(Purge::Ended { before: at(0) }, 10).await.expect("purged");
    let late = Addressee { filter: Some(unused), ..addressee(2, "weg") };
    let refused = audience.put(vec![super::sample::new(late)]).await;
    assert!(matches!(refused, Err(Error::UnknownFilter(found)) if found == unused));
    let other = audience.filter_id(text("c == 'z'")).await.expect("an id");
    assert!(other != unused && other != used);
    harness.close(audience).await;
}

/// Each once, however many use it, and none that only others than confirmed addressees of the kanaal have (CH-74); those of ended ones
/// where they are asked for (CH-21).
pub async fn distinct_filters_are_those_of_confirmed_addressees(harness: &mut dyn AudienceHarness) {
    let audience = harness.open().await;
    let mut ids = Vec::new();
    for filter in ["a", "b", "c", "d"] {
        ids.push(audience.filter_id(text(filter)).await.expect("an id"));
    }
    let with = |addressee: Addressee, filter: usize| Addressee { filter: Some(ids[filter]), ..addressee };
    put_new(&*audience, (0..40).map(|number| with(addressee(number, "weg"), number as usize % 2))).await;
    let by_sms = Addressee { channel: Channel::Sms, ..with(addressee(52, "weg"), 0) };
    put_new(
        &*audience,
        [with(unconfirmed(50, "weg", 5), 2), with(addressee(51, "afval"), 3), by_sms, addressee(53, "weg")],
    )
    .await;
    let filters = |kanaal, with_ended| {
        let (audience, kanaal) = (&audience, name(kanaal));
        async move {
            let mut filters = audience.filters(&kanaal, with_ended).await.expect("filters");
            filters.sort_by_key(|(id, _)| *id);
            filters
        }
    };
    for with_ended in [false, true] {
        assert_eq!(filters("weg", with_ended).await, [(ids[0], text("a")), (ids[1], text("b"))]);
        assert_eq!(filters("afval", with_ended).await, [(ids[3], text("d"))]);
        assert_eq!(filters("onbekend", with_ended).await, []);
    }
    let end = |addressee: &mut Addressee| addressee.state = State::Ended { at: at(9), reason: EndReason::Complaint };
    change(&*audience, 51, end).await.expect("stored");
    assert_eq!(filters("afval", false).await, []);
    assert_eq!(filters("afval", true).await, [(ids[3], text("d"))]);
    harness.close(audience).await;
}
