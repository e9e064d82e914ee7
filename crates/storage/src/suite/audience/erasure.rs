//! Erasure of persons (CH-135).

use model::addressee::{
    Addressee, Attributes, Channel, Command, EndReason, EventReference, Evidence, Owner, State, decide,
};

use super::{
    AudienceHarness, reopen,
    sample::{address, addressee, at, change, digest, ended, get, put_new, unconfirmed, waits_for},
};
use crate::{
    audience::{EvidencePage, Purge},
    suite::sample::name,
};

const PAGE: EvidencePage = EvidencePage { offset: 0, limit: 100 };

/// Address, attributes, owner and codes are gone; the digest finds what is left, and the evidence is still there.
pub async fn erasure_leaves_the_digest_and_the_evidence(harness: &mut dyn AudienceHarness) {
    let audience = harness.open().await;
    let owner = Some(Owner::Person { issuer: "https://id.example.nl".into(), subject: "s-1".into() });
    let before = Addressee { owner, ..addressee(1, "weg") };
    put_new(&*audience, [before.clone(), addressee(2, "weg")]).await;
    let event = EventReference { kanaal: name("weg"), source: "urn:s".into(), id: "1".into() };
    let evidence = Evidence {
        event,
        digest: digest(1),
        addressee: Some(before.id),
        accepted: at(1),
        tried: None,
        outcome: None,
        read: None,
    };
    audience.record(vec![evidence.clone()]).await.expect("recorded");
    assert_eq!(audience.erase(digest(1), at(90)).await.expect("erased"), 1);
    // A repetition, as after an error, finds nothing more.
    assert_eq!(audience.erase(digest(1), at(95)).await.expect("erased"), 0);
    let audience = reopen(harness, audience).await;
    let expected = *decide(&before, Command::Erase, at(90)).expect("accepted").change.expect("a change");
    let found = audience.of_address(digest(1)).await.expect("read");
    assert_eq!(found.into_iter().map(|stored| stored.addressee).collect::<Vec<_>>(), [expected]);
    assert_eq!(audience.evidence(digest(1), PAGE).await.expect("evidence"), [evidence]);
    assert_eq!(get(&*audience, 2).await.addressee, addressee(2, "weg"));
    harness.close(audience).await;
}

/// Every kanaal, channel and state of the address; and of somebody else who wants to change to it, only that change.
pub async fn erasure_covers_every_kanaal_and_a_change_to_the_address(harness: &mut dyn AudienceHarness) {
    let audience = harness.open().await;
    let of_one = |addressee: Addressee| Addressee { digest: digest(1), ..addressee };
    put_new(
        &*audience,
        [
            of_one(addressee(1, "weg")),
            of_one(unconfirmed(2, "afval", 5)),
            of_one(ended(3, "weg", 9)),
            of_one(Addressee { channel: Channel::Sms, ..addressee(4, "weg") }),
            waits_for(5, "weg", 1),
            waits_for(6, "weg", 7),
        ],
    )
    .await;
    assert_eq!(audience.erase(digest(1), at(90)).await.expect("erased"), 4);
    for stored in audience.of_address(digest(1)).await.expect("read") {
        assert!(matches!(stored.addressee.state, State::Ended { reason: EndReason::Erased, .. }));
        assert_eq!(stored.addressee.address, None);
    }
    let other = get(&*audience, 5).await.addressee;
    assert_eq!(other.address, Some(address(5)));
    assert!(matches!(other.state, State::Confirmed { change: None, .. }));
    assert_eq!(get(&*audience, 6).await.addressee, waits_for(6, "weg", 7));
    harness.close(audience).await;
}

fn sealed_text(number: u128) -> String {
    String::from_utf8(address(number).ciphertext).expect("a text")
}

/// Neither the address of an erased addressee nor the one that it had before is left, wherever that was; of others everything is.
pub async fn an_erased_address_is_in_no_file(harness: &mut dyn AudienceHarness) {
    let audience = harness.open().await;
    put_new(&*audience, (0..50).map(|number| addressee(number, "weg"))).await;
    let attributes = Attributes::new(format!("{{\"a\":\"{}\"}}", "x".repeat(300))).expect("attributes");
    for number in 10..20 {
        let attributes = attributes.clone();
        let renew = |addressee: &mut Addressee| {
            (addressee.address, addressee.attributes) = (Some(address(number + 100)), attributes);
        };
        change(&*audience, number, renew).await.expect("stored");
    }
    assert_eq!(audience.erase(digest(15), at(90)).await.expect("erased"), 1);
    put_new(&*audience, [ended(200, "weg", 5)]).await;
    audience.purge(Purge::Ended { before: at(50) }, 1_000).await.expect("purged");
    for (number, is_left) in [(15, false), (115, false), (200, false), (5, true), (114, true)] {
        let text = sealed_text(number);
        assert_eq!(harness.occurrences(&text).await > 0, is_left, "{text}");
    }
    harness.close(audience).await;
}
