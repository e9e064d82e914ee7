//! Storing and finding addressees.

use std::sync::Arc;

use model::addressee::{Addressee, Channel, EndReason, FilterId, State};

use super::{
    AudienceHarness, reopen,
    sample::{addressee, at, change, digest, ended, get, id, new, of_every_kind, put_new, unconfirmed, waits_for},
};
use crate::{
    audience::{Error, MAX_OF_ADDRESS, Put, Version},
    suite::sample::name,
};

/// Every member of every state is as it was stored, also after a restart.
pub async fn every_state_survives(harness: &mut dyn AudienceHarness) {
    let audience = harness.open().await;
    put_new(&*audience, of_every_kind()).await;
    let audience = reopen(harness, audience).await;
    for addressee in of_every_kind() {
        let stored = audience.get(addressee.id).await.expect("read").expect("an addressee");
        assert_eq!((stored.addressee, stored.version), (addressee, Version(1)));
    }
    assert_eq!(audience.get(id(1)).await.expect("read"), None);
    harness.close(audience).await;
}

/// A change is stored on the version that was seen only; an addressee that exists is not new.
pub async fn a_change_needs_the_version_that_was_seen(harness: &mut dyn AudienceHarness) {
    let audience = harness.open().await;
    put_new(&*audience, [addressee(1, "weg")]).await;
    let longer = Addressee { attributes: of_every_kind()[1].attributes.clone(), ..addressee(1, "weg") };
    for (seen, expected) in [(None, false), (Some(0), false), (Some(2), false), (Some(1), true), (Some(1), false)] {
        let put = Put { seen: seen.map(Version), ..Put::new(longer.clone()) };
        let result = audience.put(vec![put]).await;
        let is_conflict = matches!(result, Err(Error::Conflict(found)) if found == id(1));
        assert_eq!((result.is_ok(), is_conflict), (expected, !expected), "{seen:?}");
    }
    let unknown = Put { seen: Some(Version(1)), ..Put::new(addressee(2, "weg")) };
    assert!(matches!(audience.put(vec![unknown]).await, Err(Error::Conflict(_))));
    let stored = get(&*audience, 1).await;
    assert_eq!((stored.addressee, stored.version), (longer, Version(2)));
    harness.close(audience).await;
}

/// One that cannot be stored keeps all of its batch from being stored, and no other batch.
pub async fn many_are_stored_all_or_none(harness: &mut dyn AudienceHarness) {
    let audience = harness.open().await;
    put_new(&*audience, [addressee(1, "weg")]).await;
    let twice = vec![new(addressee(2, "weg")), new(addressee(3, "weg")), new(addressee(2, "weg"))];
    let unknown = Addressee { filter: Some(FilterId(99)), ..addressee(4, "weg") };
    for (puts, expected) in [
        (vec![new(addressee(2, "weg")), new(addressee(1, "weg"))], "changed by another"),
        (twice, "changed by another"),
        (vec![new(addressee(3, "weg")), new(unknown)], "not known"),
    ] {
        let good = Arc::clone(&audience);
        let beside = tokio::spawn(async move { good.put(vec![]).await });
        let error = audience.put(puts).await.expect_err("refused").to_string();
        assert!(error.contains(expected), "{error}");
        beside.await.expect("ended").expect("stored");
    }
    for number in 2..5 {
        assert_eq!(audience.get(id(number)).await.expect("read"), None);
    }
    let counts = audience.counts(None).await.expect("counts");
    assert_eq!(counts.iter().map(|count| count.addressees).collect::<Vec<_>>(), [1]);
    harness.close(audience).await;
}

/// Of changes made on the same version, one is stored: wrong tries of a code are all counted (CH-45).
pub async fn concurrent_changes_have_one_winner(harness: &mut dyn AudienceHarness) {
    let audience = harness.open().await;
    put_new(&*audience, [unconfirmed(1, "weg", 5)]).await;
    let seen = get(&*audience, 1).await;
    let attempts: Vec<_> = (0..20)
        .map(|number| {
            let (audience, put) = (Arc::clone(&audience), seen.change(unconfirmed(1, "weg", number)));
            tokio::spawn(async move { audience.put(vec![put]).await })
        })
        .collect();
    let mut stored = 0;
    for attempt in attempts {
        match attempt.await.expect("ended") {
            Ok(()) => stored += 1,
            Err(error) => assert!(matches!(error, Error::Conflict(_)), "{error}"),
        }
    }
    assert_eq!((stored, get(&*audience, 1).await.version), (1, Version(2)));
    harness.close(audience).await;
}

/// An addressee stays on its kanaal and channel.
pub async fn kanaal_and_channel_do_not_change(harness: &mut dyn AudienceHarness) {
    let audience = harness.open().await;
    put_new(&*audience, [addressee(1, "weg")]).await;
    let other = change(&*audience, 1, |addressee| addressee.kanaal = name("afval")).await;
    assert!(matches!(other, Err(Error::Conflict(_))));
    let other = change(&*audience, 1, |addressee| addressee.channel = Channel::Sms).await;
    assert!(matches!(other, Err(Error::Conflict(_))));
    harness.close(audience).await;
}

/// All of exactly this digest, of every kanaal, channel and state; a change of address counts when it is confirmed.
pub async fn addressees_of_an_address_are_found_exactly(harness: &mut dyn AudienceHarness) {
    let audience = harness.open().await;
    let of_one = |addressee: Addressee| Addressee { digest: digest(1), ..addressee };
    let look_alike = {
        let mut other = digest(1);
        other.0[31] ^= 1;
        Addressee { digest: other, ..addressee(7, "weg") }
    };
    let mine = [
        of_one(addressee(1, "weg")),
        of_one(unconfirmed(2, "weg", 5)),
        of_one(ended(3, "afval", 9)),
        of_one(Addressee { channel: Channel::Sms, ..addressee(4, "raad") }),
    ];
    put_new(&*audience, mine.clone().into_iter().chain([look_alike, addressee(5, "weg"), waits_for(6, "weg", 1)]))
        .await;
    let of_address = || async {
        let found = audience.of_address(digest(1)).await.expect("read").into_iter();
        found.map(|stored| stored.addressee).collect::<Vec<_>>()
    };
    let mut expected = mine.to_vec();
    expected.sort_by_key(|addressee| addressee.id);
    assert_eq!(of_address().await, expected);
    change(&*audience, 6, |addressee| addressee.digest = digest(1)).await.expect("stored");
    change(&*audience, 1, |addressee| addressee.digest = digest(1_000)).await.expect("stored");
    let now: Vec<_> = of_address().await.into_iter().map(|addressee| addressee.id).collect();
    assert!(now.contains(&id(6)) && !now.contains(&id(1)) && now.len() == 4, "{now:?}");
    assert_eq!(audience.of_address(digest(999)).await.expect("read"), []);
    harness.close(audience).await;
}

/// Of requests at the same time to add the only one of an address, one is stored; ended ones, and those of other kanalen and
/// channels, do not count.
pub async fn the_only_one_of_an_address_is_added_once(harness: &mut dyn AudienceHarness) {
    let audience = harness.open().await;
    let of_one = |addressee: Addressee| Addressee { digest: digest(1), ..addressee };
    let alone = |number| Put { alone: true, ..new(of_one(unconfirmed(number, "weg", 5))) };
    let by_sms = Addressee { channel: Channel::Sms, ..addressee(3, "weg") };
    put_new(&*audience, [addressee(1, "afval"), ended(2, "weg", 9), by_sms].map(of_one)).await;
    let adding = |numbers: std::ops::Range<u128>| {
        let audience = Arc::clone(&audience);
        async move {
            let puts = numbers.map(|number| {
                let (audience, put) = (Arc::clone(&audience), alone(number));
                tokio::spawn(async move { audience.put(vec![put]).await })
            });
            let mut stored = 0;
            for result in puts.collect::<Vec<_>>() {
                match result.await.expect("ended") {
                    Ok(()) => stored += 1,
                    Err(error) => assert!(matches!(error, Error::Conflict(_)), "{error}"),
                }
            }
            stored
        }
    };
    assert_eq!(adding(10..30).await, 1);
    let live = audience.of_address(digest(1)).await.expect("read").into_iter();
    let live =
        live.map(|stored| stored.addressee).find(|addressee| matches!(addressee.state, State::Unconfirmed { .. }));
    let live = live.expect("the one");
    // It may change as the only one, and after its end there is room for another.
    let stored = audience.get(live.id).await.expect("read").expect("an addressee");
    let put = stored.change(Addressee { state: ended(1, "weg", 9).state, ..live });
    audience.put(vec![Put { alone: true, ..put }]).await.expect("stored");
    assert_eq!(adding(30..40).await, 1);
    harness.close(audience).await;
}

/// Nobody can fill the store with one address.
pub async fn an_address_has_a_bounded_number_of_addressees(harness: &mut dyn AudienceHarness) {
    let audience = harness.open().await;
    let of_one = |number, kanaal| Addressee { digest: digest(1), ..addressee(number, kanaal) };
    let most = MAX_OF_ADDRESS as u128;
    put_new(&*audience, (0..most).map(|number| of_one(number, "weg"))).await;
    let refused = audience.put(vec![new(of_one(most, "weg"))]).await;
    assert!(matches!(refused, Err(Error::TooManyOfAddress(found)) if found == id(most)));
    put_new(&*audience, [of_one(most, "afval"), addressee(most + 1, "weg")]).await;
    // Those that are there can change.
    let end = |addressee: &mut Addressee| addressee.state = State::Ended { at: at(9), reason: EndReason::Complaint };
    change(&*audience, 3, end).await.expect("stored");
    harness.close(audience).await;
}

/// What has ended or does not expire is not among them.
pub async fn expired_addressees_are_found_in_order(harness: &mut dyn AudienceHarness) {
    let audience = harness.open().await;
    let expires = |addressee: Addressee, seconds| Addressee { expires: Some(at(seconds)), ..addressee };
    put_new(
        &*audience,
        [
            expires(addressee(1, "weg"), 30),
            expires(unconfirmed(2, "afval", 5), 10),
            expires(ended(3, "weg", 9), 10),
            expires(addressee(4, "weg"), 20),
            expires(addressee(5, "weg"), 31),
            addressee(6, "weg"),
        ],
    )
    .await;
    for (limit, expected) in [(10, vec![2, 4, 1]), (2, vec![2, 4])] {
        let found = audience.expired(at(30), limit).await.expect("read").into_iter();
        let expected: Vec<_> = expected.into_iter().map(id).collect();
        assert_eq!(found.map(|stored| stored.addressee.id).collect::<Vec<_>>(), expected);
    }
    harness.close(audience).await;
}
