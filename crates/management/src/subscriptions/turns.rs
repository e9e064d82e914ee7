//! One test or check of a sink at a time: receivers are built for deliveries, and two checks at once would disturb each other's
//! verdicts.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use model::Sink;

use crate::{Conflict, Error};

/// The sinks of which a test or check is under way, by key. A clone shares them.
#[derive(Debug, Clone, Default)]
pub struct SinkTurns(Arc<Mutex<HashSet<String>>>);

/// A test or check that is under way, until it is dropped.
#[derive(Debug)]
pub(super) struct SinkTurn {
    turns: SinkTurns,
    key: String,
}

impl SinkTurns {
    /// Begins a test or check of a sink.
    ///
    /// # Errors
    /// [`Conflict::SinkBusy`] while another one is under way.
    pub(super) fn begin(&self, sink: &Sink) -> Result<SinkTurn, Error> {
        let key = sink.key().to_owned();
        let is_first = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone());
        if is_first { Ok(SinkTurn { turns: self.clone(), key }) } else { Err(Conflict::SinkBusy.into()) }
    }
}

impl Drop for SinkTurn {
    fn drop(&mut self) {
        self.turns.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sink_has_one_turn_at_a_time() {
        let turns = SinkTurns::default();
        let sink = |path: &str| Sink::Webhook(format!("https://sink.example/{path}"));
        let first = turns.begin(&sink("a")).unwrap();
        assert!(matches!(turns.begin(&sink("a")), Err(Error::Conflict(Conflict::SinkBusy))));
        assert!(turns.begin(&sink("b")).is_ok());
        drop(first);
        assert!(turns.begin(&sink("a")).is_ok());
    }
}
