//! A subscriber of a scenario: its sink, its subscription, and which of its deliveries the steps have looked at.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::message::Request;
use crate::receiver::{Arrived, Sink};
use crate::scenario::SinkScript;

/// A subscriber of the scenario.
pub struct Player {
    pub sink: Arc<Sink>,
    pub script: SinkScript,
    pub subscription: Option<String>,
    pub looked_at: BTreeSet<usize>,
}

impl Player {
    /// Deliveries no step has looked at, those that contain `about`.
    pub fn open(&self, about: &str) -> Vec<(usize, Arrived)> {
        let book = self.sink.book().into_iter().enumerate();
        book.filter(|(place, arrived)| {
            arrived.is_delivery() && !self.looked_at.contains(place) && mentions(&arrived.request, about)
        })
        .collect()
    }

    /// The request before `place`, whatever its method.
    pub fn before(&self, place: usize) -> Option<Arrived> {
        place.checked_sub(1).and_then(|before| self.sink.book().get(before).cloned())
    }
}

pub fn mentions(request: &Request, about: &str) -> bool {
    let in_headers = || request.headers.iter().any(|(_, value)| String::from_utf8_lossy(value).contains(about));
    about.is_empty() || String::from_utf8_lossy(&request.body).contains(about) || in_headers()
}
