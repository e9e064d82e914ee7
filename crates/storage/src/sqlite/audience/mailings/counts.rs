//! The counts of a mailing as JSON: each count that is not 0 by its label. A label that this program does not know is an error,
//! because the sum would be wrong.

use std::collections::BTreeMap;

use model::mailing::{Counts, End};

use super::corrupt;
use crate::Error;

const CANDIDATES: &str = "candidates";
const OPEN: &str = "open";

pub(super) fn encode(counts: &Counts) -> Result<String, Error> {
    let ends = End::ALL.into_iter().map(|end| (end.label(), counts.of(end)));
    let all = [(CANDIDATES, counts.candidates), (OPEN, counts.open)].into_iter().chain(ends);
    let members: BTreeMap<&str, u64> = all.filter(|(_, count)| *count > 0).collect();
    serde_json::to_string(&members).map_err(|_| corrupt("its counts cannot be written"))
}

pub(super) fn decode(text: &str) -> Result<Counts, Error> {
    let members: BTreeMap<String, u64> = serde_json::from_str(text).map_err(|_| corrupt("its counts are not JSON"))?;
    let mut counts = Counts::default();
    for (label, count) in members {
        match label.as_str() {
            CANDIDATES => counts.candidates = count,
            OPEN => counts.open = count,
            label => counts.count(End::of_label(label).ok_or_else(|| corrupt("a count is not known"))?, count),
        }
    }
    Ok(counts)
}
