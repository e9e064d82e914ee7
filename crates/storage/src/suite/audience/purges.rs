//! Retention of addressees (CH-136).

use super::{
    AudienceHarness,
    sample::{addressee, at, ended, id, put_new, unconfirmed},
};
use crate::audience::Purge;

/// What is counted before is what goes; confirmed ones and those that are younger stay.
pub async fn purged_addressees_are_counted_before_and_gone_after(harness: &mut dyn AudienceHarness) {
    let audience = harness.open().await;
    put_new(
        &*audience,
        [
            addressee(1, "weg"),
            unconfirmed(2, "weg", 10),
            unconfirmed(3, "afval", 20),
            unconfirmed(4, "weg", 30),
            ended(5, "weg", 10),
            ended(6, "afval", 30),
        ],
    )
    .await;
    for (purge, gone) in [
        (Purge::Unconfirmed { before: at(10) }, vec![]),
        (Purge::Unconfirmed { before: at(30) }, vec![2, 3]),
        (Purge::Ended { before: at(30) }, vec![5]),
        (Purge::Ended { before: at(31) }, vec![6]),
    ] {
        assert_eq!(audience.purgeable(purge.clone()).await.expect("a count"), gone.len() as u64, "{purge:?}");
        assert_eq!(audience.purge(purge.clone(), 100).await.expect("purged"), gone.len(), "{purge:?}");
        assert_eq!(audience.purgeable(purge).await.expect("a count"), 0);
        for number in gone {
            assert_eq!(audience.get(id(number)).await.expect("read"), None);
        }
    }
    for number in [1, 4] {
        assert!(audience.get(id(number)).await.expect("read").is_some());
    }
    harness.close(audience).await;
}

/// A call removes at most as many as asked, oldest first.
pub async fn purges_are_bounded(harness: &mut dyn AudienceHarness) {
    let audience = harness.open().await;
    put_new(&*audience, (0..25).map(|number| ended(number, "weg", number as i64))).await;
    let purge = Purge::Ended { before: at(100) };
    for expected in [10, 10, 5, 0] {
        assert_eq!(audience.purge(purge.clone(), 10).await.expect("purged"), expected);
        let left = audience.get(id(24)).await.expect("read").is_some();
        assert_eq!(left, expected == 10);
    }
    harness.close(audience).await;
}
