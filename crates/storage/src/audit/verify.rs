//! Checks the chains of a trail: finds lines that were changed, removed, added or moved.
//!
//! Pure: lines in, a report out. The newest lines of a chain can be removed without a trace in the trail itself; whoever noted
//! the hash of a line before ([`Report::heads`], or the log) can ask whether it is still there.

use std::collections::{HashMap, HashSet};

use super::{Line, NO_HASH};

/// Most problems in a report.
const MAX_PROBLEMS: usize = 100;

/// Who removes lines beyond their retention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trimming {
    /// The gateway, with an entry about it.
    Recorded,
    /// The brokers, without one.
    Brokers,
}

/// What is wrong with a trail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The line is not a line of the trail.
    #[error("place {place}: the line cannot be read")]
    Unreadable {
        /// Where.
        place: u64,
    },
    /// The text does not have the hash of the line.
    #[error("place {place}: the line was changed (chain {chain}, line {seq})")]
    Changed {
        /// Where.
        place: u64,
        /// The chain.
        chain: String,
        /// The line in the chain.
        seq: u64,
    },
    /// Lines are missing before this one, or it is not where it was written.
    #[error("place {place}: line {found} of chain {chain} where line {expected} belongs: lines were removed or moved")]
    OutOfOrder {
        /// Where.
        place: u64,
        /// The chain.
        chain: String,
        /// The line in the chain.
        found: u64,
        /// The line that belongs there.
        expected: u64,
    },
    /// The line does not follow the one before it in the chain.
    #[error("place {place}: line {seq} of chain {chain} does not follow the line before it: one of them was replaced")]
    Replaced {
        /// Where.
        place: u64,
        /// The chain.
        chain: String,
        /// The line in the chain.
        seq: u64,
    },
    /// The beginning of a chain is missing and no entry explains it.
    #[error("chain {chain} begins with line {seq}, and no entry says that lines before it were removed")]
    NoBeginning {
        /// The chain.
        chain: String,
        /// Its first line.
        seq: u64,
    },
    /// A chain begins behind a line that is not in the trail.
    #[error("place {place}: chain {chain} begins behind a line that is not there")]
    NoPredecessor {
        /// Where.
        place: u64,
        /// The chain.
        chain: String,
    },
    /// A line that was noted before is not in the trail.
    #[error("there is no line with hash {hash}")]
    NotThere {
        /// The hash.
        hash: String,
    },
}

/// The newest line of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The chain.
    pub chain: String,
    /// The number of the line.
    pub seq: u64,
    /// Its hash.
    pub hash: String,
}

/// The result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Lines in all.
    pub lines: u64,
    /// Lines from before version 2, which are in no chain.
    pub unchained: u64,
    /// The newest line of each chain, by the place of its first line.
    pub heads: Vec<Head>,
    /// What is wrong; at most 100.
    pub problems: Vec<Problem>,
}

/// Checks lines in the order of their places.
#[derive(Debug)]
pub struct Verifier {
    trimming: Trimming,
    /// The hash of a line that must be there.
    wanted: Option<String>,
    chains: Vec<Chain>,
    by_id: HashMap<String, usize>,
    hashes: HashSet<String>,
    /// First lines that are left of chains whose beginning was removed, with an entry about it.
    explained: HashSet<u64>,
    /// Whether the beginning of the trail is missing.
    is_trimmed: bool,
    report: Report,
}

#[derive(Debug)]
struct Chain {
    head: Head,
    first: u64,
}

impl Verifier {
    /// A verifier that has seen no line. `wanted`: the hash of a line that must be there.
    pub fn new(trimming: Trimming, wanted: Option<String>) -> Self {
        Self {
            trimming,
            wanted: wanted.map(|hash| hash.to_ascii_lowercase()),
            chains: Vec::new(),
            by_id: HashMap::new(),
            hashes: HashSet::new(),
            explained: HashSet::new(),
            is_trimmed: false,
            report: Report { lines: 0, unchained: 0, heads: Vec::new(), problems: Vec::new() },
        }
    }

    /// Checks the next line.
    pub fn next(&mut self, line: &Line) {
        let is_first = self.report.lines == 0;
        self.report.lines += 1;
        let place = line.place;
        if line.record.version == 0 {
            return self.found(Problem::Unreadable { place });
        }
        let Some(link) = &line.record.link else {
            self.report.unchained += 1;
            return;
        };
        let (chain, seq) = (link.chain.clone(), link.seq);
        if !link.is_intact {
            self.found(Problem::Changed { place, chain: chain.clone(), seq });
        }
        if line.record.action == model::audit::Action::AuditTrim.label()
            && let Ok(first) = line.record.object_id.parse()
        {
            self.explained.insert(first);
        }
        let head = Head { chain: chain.clone(), seq, hash: link.hash.clone() };
        if let Some(at) = self.by_id.get(&chain).copied() {
            let expected = self.chains[at].head.seq + 1;
            if seq != expected {
                self.found(Problem::OutOfOrder { place, chain, found: seq, expected });
            } else if link.previous != self.chains[at].head.hash {
                self.found(Problem::Replaced { place, chain, seq });
            }
            self.chains[at].head = head;
        } else {
            self.is_trimmed |= seq > 1 || (is_first && link.previous != NO_HASH);
            let is_known = link.previous == NO_HASH || self.hashes.contains(&link.previous);
            if seq == 1 && !is_known && !self.is_trimmed {
                self.found(Problem::NoPredecessor { place, chain: chain.clone() });
            }
            self.by_id.insert(chain, self.chains.len());
            self.chains.push(Chain { head, first: seq });
        }
        self.hashes.insert(link.hash.clone());
    }

    /// The report about all lines.
    pub fn finish(mut self) -> Report {
        for chain in std::mem::take(&mut self.chains) {
            let (first, head) = (chain.first, chain.head);
            if first > 1 && self.trimming == Trimming::Recorded && !self.explained.contains(&first) {
                self.found(Problem::NoBeginning { chain: head.chain.clone(), seq: first });
            }
            self.report.heads.push(head);
        }
        if let Some(hash) = self.wanted.take()
            && !self.hashes.contains(&hash)
        {
            self.found(Problem::NotThere { hash });
        }
        self.report
    }

    fn found(&mut self, problem: Problem) {
        if self.report.problems.len() < MAX_PROBLEMS {
            self.report.problems.push(problem);
        }
    }
}
