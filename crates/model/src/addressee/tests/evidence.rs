//! Reports about one notification, in any order.

use super::*;

fn evidence(outcome: Option<(Outcome, i64)>) -> Evidence {
    Evidence {
        event: EventReference { kanaal: KanaalName::new("weg").unwrap(), source: "urn:s".into(), id: "1".into() },
        digest: digest(1),
        addressee: None,
        accepted: at(0),
        tried: None,
        outcome: outcome.map(|(outcome, seconds)| (outcome, at(seconds))),
        read: None,
    }
}

#[test]
fn a_receipt_follows_what_was_sent_and_nothing_follows_an_end_ch_137() {
    use Outcome::{Delivered, InDoubt, PermanentFailure, Sent};
    for (reports, expected) in [
        (vec![(Sent, 1), (Delivered, 2)], (Delivered, 2)),
        (vec![(Delivered, 2), (Sent, 1)], (Delivered, 2)),
        (vec![(Sent, 1), (Sent, 3)], (Sent, 1)),
        (vec![(InDoubt, 1), (PermanentFailure, 2)], (PermanentFailure, 2)),
        (vec![(PermanentFailure, 2), (Delivered, 3)], (PermanentFailure, 2)),
        (vec![(Delivered, 2), (Delivered, 5)], (Delivered, 2)),
    ] {
        let merged = reports.iter().fold(evidence(None), |known, report| known.merge(&evidence(Some(*report))));
        assert_eq!(merged.outcome, Some((expected.0, at(expected.1))), "{reports:?}");
    }
}

#[test]
fn attempts_count_up_and_the_first_reading_stays_ch_137() {
    let known = Evidence { tried: Some((2, at(5))), read: Some(at(9)), ..evidence(None) };
    let later = Evidence { tried: Some((1, at(6))), read: Some(at(10)), ..evidence(None) };
    assert_eq!(known.clone().merge(&later), known);
    assert_eq!(later.merge(&known).tried, Some((2, at(5))));
}
