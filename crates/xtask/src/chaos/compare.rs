//! Compares the books at the end of a run: what publishers had accepted, what receivers accepted, and what the gateway shows as
//! dead letters. Pure, but for asking for the dead letters.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::books::Books;
use super::node::Node;
use super::subscriptions::Subscriptions;
use crate::workspace::Failure;

/// The comparison for one subscription.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Balance {
    /// Events that the receiver accepted.
    pub arrived: usize,
    /// Acknowledged events that became dead letters and did not arrive.
    pub dead_letters: usize,
    /// Acknowledged events that were tampered with and did not arrive.
    pub tampered: usize,
    /// Acknowledged events that neither arrived nor are dead letters, and that nobody tampered with.
    pub lost: Vec<String>,
    /// Arrivals after the first of an event.
    pub repeated: u64,
    /// Arrivals of events that nobody posted.
    pub strange: Vec<String>,
}

/// Compares the books of every subscription.
pub async fn compare(node: &Node, subscriptions: &Subscriptions, books: &Books) -> Result<Vec<Balance>, Failure> {
    let accepted = books.list_accepted();
    let mut balances = Vec::new();
    for (number, receiver) in subscriptions.receivers.iter().enumerate() {
        let letters = subscriptions.dead_letters(node, number).await?.into_iter().collect();
        let wants = |kind| Subscriptions::always_wants(number, kind);
        let (arrivals, tampered) = (receiver.accepted(), &node.tampered);
        balances.push(balance(&accepted, wants, &arrivals, &letters, tampered, |id| books.may_exist(id)));
    }
    Ok(balances)
}

fn balance(
    accepted: &BTreeMap<String, usize>,
    wants: impl Fn(usize) -> bool,
    arrivals: &HashMap<String, u32>,
    letters: &HashSet<String>,
    tampered: &BTreeSet<String>,
    may_exist: impl Fn(&str) -> bool,
) -> Balance {
    let missing = accepted.iter().filter(|(id, kind)| wants(**kind) && !arrivals.contains_key(*id));
    let (dead, lost): (Vec<&String>, Vec<&String>) = missing.map(|(id, _)| id).partition(|id| letters.contains(*id));
    let (changed, lost): (Vec<&String>, Vec<&String>) = lost.into_iter().partition(|id| tampered.contains(*id));
    Balance {
        arrived: arrivals.len(),
        dead_letters: dead.len(),
        tampered: changed.len(),
        lost: lost.into_iter().cloned().collect(),
        repeated: arrivals.values().map(|times| u64::from(*times) - 1).sum(),
        strange: arrivals.keys().filter(|id| !may_exist(id)).cloned().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lost_repeated_or_invented_is_found() {
        let accepted: BTreeMap<String, usize> =
            [("a", 0), ("b", 0), ("c", 0), ("d", 1), ("e", 0)].map(|(id, kind)| (id.to_owned(), kind)).into();
        let arrivals = [("a", 3), ("x", 1), ("doubt", 1)].map(|(id, times)| (id.to_owned(), times)).into();
        let (letters, tampered) = (["b".to_owned()].into(), ["a".to_owned(), "e".to_owned()].into());
        let found = balance(&accepted, |kind| kind == 0, &arrivals, &letters, &tampered, |id| id != "x");
        let expected = Balance {
            arrived: 3,
            dead_letters: 1,
            tampered: 1,
            lost: vec!["c".to_owned()],
            repeated: 2,
            strange: vec!["x".to_owned()],
        };
        assert_eq!(found, expected);
    }
}
