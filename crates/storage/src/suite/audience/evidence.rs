//! Evidence of notifications (CH-137).

use model::addressee::{EventReference, Evidence, Outcome};

use super::{
    AudienceHarness, reopen,
    sample::{at, digest, id},
};
use crate::{
    Audience,
    audience::{EvidencePage, Purge},
    suite::sample::name,
};

const PAGE: EvidencePage = EvidencePage { offset: 0, limit: 1_000 };

/// Evidence of event `event` to address `to`.
fn evidence(kanaal: &str, event: u64, to: u128) -> Evidence {
    Evidence {
        event: EventReference { kanaal: name(kanaal), source: "urn:nld:s".into(), id: format!("event-{event}") },
        digest: digest(to),
        addressee: Some(id(to)),
        accepted: at(event as i64),
        tried: Some((1, at(event as i64 + 1))),
        outcome: Some((Outcome::Sent, at(event as i64 + 1))),
        read: None,
    }
}

async fn of(audience: &dyn Audience, to: u128) -> Vec<Evidence> {
    audience.evidence(digest(to), PAGE).await.expect("evidence")
}

/// Reports about the same event, digest and addressee are one row; another addressee of the same address has its own.
pub async fn evidence_is_merged(harness: &mut dyn AudienceHarness) {
    let audience = harness.open().await;
    let first = evidence("weg", 1, 1);
    let waiting = Evidence { tried: None, outcome: None, ..first.clone() };
    let receipt = Evidence { outcome: Some((Outcome::Delivered, at(9))), tried: None, ..first.clone() };
    let late = Evidence { outcome: Some((Outcome::PermanentFailure, at(20))), read: Some(at(21)), ..first.clone() };
    audience.record(vec![waiting.clone(), first.clone()]).await.expect("recorded");
    let audience = reopen(harness, audience).await;
    audience.record(vec![receipt.clone()]).await.expect("recorded");
    audience.record(vec![late.clone(), waiting]).await.expect("recorded");
    let expected = first.clone().merge(&receipt).merge(&late);
    assert_eq!(of(&*audience, 1).await, std::slice::from_ref(&expected));
    let none = Evidence { addressee: None, ..first.clone() };
    let other = Evidence { addressee: Some(id(2)), ..first };
    audience.record(vec![none.clone(), other.clone()]).await.expect("recorded");
    let found = of(&*audience, 1).await;
    assert_eq!(found.len(), 3);
    assert!([expected, none, other].iter().all(|one| found.contains(one)));
    harness.close(audience).await;
}

/// All pages of one address together have all of it, each row once, and nothing of another address.
pub async fn evidence_is_complete_for_one_address_and_has_no_other(harness: &mut dyn AudienceHarness) {
    let audience = harness.open().await;
    for event in 0..60 {
        let kanaal = if event % 2 == 0 { "weg" } else { "afval" };
        audience.record((0..8).map(|to| evidence(kanaal, event, to)).collect()).await.expect("recorded");
    }
    let expected: Vec<_> =
        (0..60).map(|event| evidence(if event % 2 == 0 { "weg" } else { "afval" }, event, 3)).collect();
    assert_eq!(of(&*audience, 3).await, expected);
    let mut pages = Vec::new();
    for offset in (0..70).step_by(7) {
        pages.extend(audience.evidence(digest(3), EvidencePage { offset, limit: 7 }).await.expect("evidence"));
    }
    assert_eq!(pages, expected);
    assert_eq!(of(&*audience, 99).await, []);
    harness.close(audience).await;
}

/// Per kanaal, by the moment at which the event was accepted, in bounded calls; counted before (CH-136).
pub async fn purged_evidence_is_counted_before_and_gone_after(harness: &mut dyn AudienceHarness) {
    let audience = harness.open().await;
    for event in 0..6 {
        audience.record((0..10).map(|to| evidence("weg", event, to)).collect()).await.expect("recorded");
        audience.record(vec![evidence("afval", event, 0)]).await.expect("recorded");
    }
    let purge = Purge::Evidence { kanaal: name("weg"), before: at(4) };
    assert_eq!(audience.purgeable(purge.clone()).await.expect("a count"), 40);
    for expected in [15, 15, 10] {
        assert_eq!(audience.purge(purge.clone(), 15).await.expect("purged"), expected);
    }
    assert_eq!(audience.purgeable(purge).await.expect("a count"), 0);
    assert_eq!(of(&*audience, 1).await, [evidence("weg", 4, 1), evidence("weg", 5, 1)]);
    assert_eq!(of(&*audience, 0).await.len(), 8);
    let unknown = Purge::Evidence { kanaal: name("onbekend"), before: at(100) };
    assert_eq!(audience.purgeable(unknown.clone()).await.expect("a count"), 0);
    assert_eq!(audience.purge(unknown, 10).await.expect("purged"), 0);
    harness.close(audience).await;
}
