//! Progress of a run on standard error, and the list of abilities, tags and scenarios for `--list`.
//! No part of a report.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::{Mutex, PoisonError};

use crate::runner::{Outcome, ScenarioResult};
use crate::scenario::Scenario;
use crate::target::abilities::ABILITIES;

/// Counts scenarios as they end and prints the progress.
#[derive(Debug)]
pub struct Counter {
    of: usize,
    shown: bool,
    terminal: bool,
    counts: Mutex<[usize; 3]>,
}

impl Counter {
    /// A counter for `of` scenarios. `shown`: whether it prints; `terminal`: one line that is overwritten, else a line
    /// for each failure.
    pub fn new(of: usize, shown: bool, terminal: bool) -> Counter {
        Counter { of, shown, terminal, counts: Mutex::new([0; 3]) }
    }

    /// Counts a scenario that ended and prints the progress.
    pub fn count(&self, result: &ScenarioResult) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let failed = match &result.outcome {
            Outcome::Passed => 0,
            Outcome::Failed(_) => 1,
            Outcome::NotApplicable(_) => 2,
        };
        counts[failed] += 1;
        if !self.shown {
            return;
        }
        let mut line = String::new();
        if failed == 1 {
            let start = if self.terminal { "\r\x1b[K" } else { "" };
            writeln!(line, "{start}FAIL {} ({})", result.scenario.title, result.scenario.ids.join(", ")).ok();
        }
        if self.terminal {
            let [passed, failed, skipped] = *counts;
            let done = passed + failed + skipped;
            write!(line, "\r\x1b[K{done}/{} scenarios, {failed} failed, {skipped} not applicable", self.of).ok();
        }
        write!(std::io::stderr().lock(), "{line}").ok();
    }

    /// Ends the line on a terminal after the last scenario.
    pub fn end(&self) {
        if self.shown && self.terminal {
            writeln!(std::io::stderr().lock()).ok();
        }
    }
}

/// The abilities, tags and scenarios that options can select, as text.
pub fn list(scenarios: &[Scenario]) -> String {
    let mut text = "abilities (those with * only when --with names them):\n".to_owned();
    for ability in ABILITIES {
        let mark = if ability.usual { ' ' } else { '*' };
        writeln!(text, " {mark}{:<14} {}", ability.name, ability.what).ok();
    }
    let mut tags = BTreeMap::<&str, usize>::new();
    for tag in scenarios.iter().flat_map(|scenario| &scenario.tags) {
        *tags.entry(tag).or_default() += 1;
    }
    let tags: Vec<_> = tags.into_iter().map(|(tag, count)| format!("{tag} ({count})")).collect();
    writeln!(text, "\ntags: {}\n\nscenarios:", tags.join(", ")).ok();
    for scenario in scenarios {
        let needs: Vec<_> = scenario.all_needs().into_iter().collect();
        let ids = scenario.ids.join(", ");
        writeln!(text, "  {}\n      {ids}; needs {}; {}", scenario.title, needs.join(", "), scenario.file).ok();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library;

    #[test]
    fn the_list_names_abilities_tags_and_scenarios() {
        let list = list(&library::built_in().unwrap());
        for part in
            ["*tls", " ingest", "smoke (", "An event of four attributes is enough", "; needs binary, delivery, ingest"]
        {
            assert!(list.contains(part), "{part}");
        }
    }
}
