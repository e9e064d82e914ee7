//! What an SDK itself gets wrong: the list in `deviations.toml`, compared with the differences that were found. A
//! difference without an entry is a failure, and so is an entry without a difference.

use serde::Deserialize;

use super::compare::Difference;
use super::table::Event;

/// One entry: an SDK as sender or as receiver changes these members of these events.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deviation {
    sdk: String,
    side: Side,
    /// Modes of the sender, or formats at the receiver.
    modes: Vec<String>,
    members: Vec<String>,
    cases: Vec<String>,
    reason: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Side {
    Sender,
    Receiver,
}

pub fn read(events: &[Event]) -> Vec<Deviation> {
    #[derive(Deserialize)]
    struct Table {
        deviation: Vec<Deviation>,
    }
    let table: Table = toml::from_str(include_str!("../../../deviations.toml")).expect("deviations.toml is in order");
    for deviation in &table.deviation {
        for case in &deviation.cases {
            assert!(events.iter().any(|event| event.case == *case), "deviations.toml: there is no case {case:?}");
        }
        assert!(!deviation.reason.is_empty(), "deviations.toml: a deviation has a reason");
    }
    table.deviation
}

impl Deviation {
    fn explains(&self, difference: &Difference) -> bool {
        let side = match self.side {
            Side::Sender => Some(difference.sender),
            Side::Receiver => difference.receiver,
        };
        let among = |list: &[String], value: &str| list.iter().any(|one| one == value);
        side.is_some_and(|(sdk, mode)| self.sdk == sdk && among(&self.modes, mode))
            && among(&self.members, &difference.member)
            && among(&self.cases, &difference.case)
    }
}

/// Differences that no entry explains, in words.
pub fn unexplained(known: &[Deviation], differences: &[Difference]) -> Vec<String> {
    let unknown = differences.iter().filter(|difference| !known.iter().any(|one| one.explains(difference)));
    let shown = |difference: &Difference| {
        let (sdk, mode) = difference.sender;
        let to =
            difference.receiver.map_or_else(|| "the gateway".to_owned(), |(sdk, format)| format!("{sdk} ({format})"));
        let detail: String = difference.detail.chars().take(300).collect();
        format!("{}: {sdk} ({mode}) to {to}: {}: {detail}", difference.case, difference.member)
    };
    unknown.map(shown).collect()
}

/// The entries of the list, or parts of them, that did not occur: each mode, member and case of an entry must have occurred.
pub fn vanished(known: &[Deviation], differences: &[Difference]) -> Vec<String> {
    let mut vanished = Vec::new();
    for deviation in known {
        let mine: Vec<&Difference> = differences.iter().filter(|difference| deviation.explains(difference)).collect();
        let mut missing = |what: &str, all: &[String], seen: &dyn Fn(&Difference) -> &str| {
            for one in all.iter().filter(|one| !mine.iter().any(|difference| seen(difference) == *one)) {
                vanished.push(format!("{} as {:?}, {what} {one}: {}", deviation.sdk, deviation.side, deviation.reason));
            }
        };
        missing("case", &deviation.cases, &|difference| &difference.case);
        missing("member", &deviation.members, &|difference| &difference.member);
        missing("mode", &deviation.modes, &|difference| match deviation.side {
            Side::Sender => difference.sender.1,
            Side::Receiver => difference.receiver.map_or("", |(_, format)| format),
        });
    }
    vanished
}
